//! Stories of phones, network and server, each chosen by one number.

use toruk_tests::sim::{Restored, SimServer, Stats, play, play_restored};

/// Seeds that once showed something; each is played for ever.
const KEPT: [u64; 4] = [127, 300, 395, 816];

#[tokio::test]
async fn nothing_is_lost_doubled_or_late_whatever_happens_to_phones_and_server() {
    let stories = std::env::var("TORUK_STORIES").map_or(60, |count| count.parse().unwrap());
    let first = std::env::var("TORUK_STORY").map_or(1, |seed| seed.parse().unwrap());
    let mut yard = SimServer::open(8).await.unwrap();
    let mut tally = Stats::default();
    for seed in KEPT.into_iter().chain(first..first + stories) {
        play(&mut yard, seed, &mut tally).await.unwrap();
    }
    eprintln!("{tally:?}");
    assert!(tally.accepted > 0 && tally.refused > 0, "{tally:?}");
}

#[tokio::test]
async fn two_phones_agree_again_on_what_both_wrote_and_a_restored_server_lost() {
    let mut yard = SimServer::open(1).await.unwrap();
    for case in Restored::all() {
        play_restored(&mut yard, case).await.unwrap();
    }
}
