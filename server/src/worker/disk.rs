//! Measures the disk every second: see [`crate::disk`].

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between two measurements.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Measures until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(MEASURE_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        let disk = state.context.disk.clone();
        // Making the reserve may write for a while.
        if let Err(error) = tokio::task::spawn_blocking(move || disk.check()).await {
            tracing::error!(%error, "the disk could not be measured");
        }
    }
}
