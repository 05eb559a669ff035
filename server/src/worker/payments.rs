//! Keeps payments moving: see [`crate::deposit::Service::work`]. Uploads nobody finished are
//! swept here as well, and what phones have no use for any more.

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between rounds.
const ROUND: Duration = Duration::from_secs(1);
/// Uploads are swept once in so many rounds.
const SWEEP_ROUNDS: u64 = 60;

/// Works until `stop` is cancelled.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0_u64.. {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if let Err(error) = state.deposits.work().await {
            tracing::error!(error = %error, "payments worker");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.blobs.sweep().await
        {
            tracing::error!(error = %error, "uploads not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.feed.sweep().await
        {
            tracing::error!(error = %error, "what phones pull was not swept");
        }
    }
}
