//! Maintains live streams: checks for logs that have grown unnoticed and for ended sessions, and
//! measures the node's load.

use crate::AppState;
use crate::feed::Gauge;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Interval between two measurements of timer delays.
const MEASURE_EVERY: Duration = Duration::from_millis(100);
/// Measurements between two checks of the database: half a second, so that an ended session ends
/// its streams within one second, and a missed notification costs no more.
const MEASURES_PER_LOOK: u32 = 5;

/// Runs until `stop`; then it ends all streams.
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
        // A waiting bid counts like a late timer.
        let late = late.max(state.auctions.bids_wait());
        gauge.measured(late, state.feed.pressure());
    }
}

async fn look(state: &AppState) {
    loop {
        tokio::time::sleep(MEASURE_EVERY * MEASURES_PER_LOOK).await;
        if let Err(error) = state.feed.look().await {
            tracing::error!(%error, "live streams were not checked");
        }
    }
}
