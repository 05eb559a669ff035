//! Keeps payments moving: see [`crate::deposit::Service::work`].

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between rounds.
const ROUND: Duration = Duration::from_secs(1);

/// Works until `stop` is cancelled.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if let Err(error) = state.deposits.work().await {
            tracing::error!(error = %error, "a round of the payments worker failed");
        }
    }
}
