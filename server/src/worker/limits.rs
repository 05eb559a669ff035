//! Forgets the addresses and sessions that have stayed below their limits for a while: see
//! [`crate::rate_limits`].

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between two rounds.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Sweeps until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(SWEEP_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => state.context.limits.sweep(),
        }
    }
}
