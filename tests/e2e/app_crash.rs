//! An app that dies in the middle of anything: what it said is done stays done.

use toruk_tests::crash::{CrashStats, play};
use toruk_tests::sim::SimServer;

#[tokio::test]
async fn an_application_is_made_once_whenever_the_app_dies() {
    let yard = SimServer::open(0).await.unwrap();
    let mut tally = CrashStats::default();
    for seed in 1..=60 {
        let played = play(&yard, seed, &mut tally).await;
        played.unwrap_or_else(|error| panic!("seed {seed}: {error:#}"));
    }
    assert!(tally.deaths > 60 && tally.offline > 10, "{tally:?}");
}
