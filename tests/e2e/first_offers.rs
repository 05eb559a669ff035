//! A first offer concerns every participant, and holds nobody up by it.

use std::time::Duration;
use toruk_server::auction::NOTICES_AT_ONCE;
use toruk_tests::perf::bids::first_offers::measure;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_offers_at_the_same_moment_stop_nothing_and_each_participant_hears_of_one()
-> anyhow::Result<()> {
    let (auctions, participants) = (8, NOTICES_AT_ONCE * 2 + 50);
    let found = measure(auctions, participants, Duration::ZERO).await?;
    assert_eq!((found.accepted, found.suspended), (auctions, 0), "{found:?}");
    // Three transactions for each auction: neither a gap nor a repetition between them.
    assert_eq!(found.notices, (auctions * (participants - 1)) as u64, "{found:?}");
    Ok(())
}
