//! Looks after live streams: whether logs have grown unnoticed, whether sessions have ended, how
//! the node feels.

use crate::AppState;
use crate::feed::Gauge;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Between two measurements of the node's lateness.
const MEASURE_EVERY: Duration = Duration::from_millis(100);
/// Measurements between two looks at the database: half a second, so that a session that has ended
/// ends its streams within one, and a notification that was missed costs no more.
const MEASURES_PER_LOOK: u32 = 5;

/// Looks until `stop`; then all streams end.
pub async fn run(state: AppState, stop: CancellationToken) {
    tokio::select! {
        () = measure(&state) => {}
        () = look(&state) => {}
        () = state.feed.poke_changed() => {}
        () = stop.cancelled() => state.feed.close(),
    }
}

async fn measure(state: &AppState) {
    let mut gauge = Gauge::default();
    loop {
        let began = Instant::now();
        tokio::time::sleep(MEASURE_EVERY).await;
        let late = began.elapsed().saturating_sub(MEASURE_EVERY);
        // A bid that waits is worth more than a timer.
        let late = late.max(state.auctions.bids_wait());
        gauge.measured(late, state.feed.pressure());
    }
}

async fn look(state: &AppState) {
    loop {
        tokio::time::sleep(MEASURE_EVERY * MEASURES_PER_LOOK).await;
        if let Err(error) = state.feed.look().await {
            tracing::error!(%error, "live streams were not looked after");
        }
    }
}
