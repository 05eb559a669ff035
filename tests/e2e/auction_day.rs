//! The demo's day, from the first sign-in to the signed contract.

use tokio::time::Instant;
use toruk_tests::day;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_day_ends_with_a_contract_a_relaunch_and_every_step_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    let report = day::play(folder.path(), folder.path(), Instant::now()).await.unwrap();
    assert_eq!(report.state, "complete");
    assert_eq!((report.bids_accepted, report.bids_refused), (3, 1));
    assert_eq!(report.offline_applications, 5);
    assert_eq!(report.steps_checked, 30);
    assert_eq!(report.protocols.len(), 3);
    assert!((1..=3).contains(&report.winner), "{report:?}");
    assert!(report.price_tyiyn > 0, "{report:?}");
    assert!(report.pushes_delivered >= 2, "outbid and the win came by push: {report:?}");
}
