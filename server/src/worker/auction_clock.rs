//! Sends the tick. May be late, run twice or be down: deadlines are decided by stamps, not here.
//! Several nodes may send it; only the first finds something due.

use crate::AppState;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Pause after a failure of the database.
const RETRY: Duration = Duration::from_secs(1);

/// Interval, in real time, of its own checks: changes by another node wake nobody here.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Ticks auctions that are due, until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        let round = async {
            if let Ok(due) = tokio::time::timeout(LOOK_EVERY, state.auctions.until_due()).await {
                due?;
            }
            state.auctions.tick_due().await
        };
        let result = tokio::select! {
            result = round => result,
            () = stop.cancelled() => return,
        };
        if let Err(error) = result {
            tracing::error!(%error, "a tick of the auction clock failed");
            tokio::time::sleep(RETRY).await;
        }
    }
}
