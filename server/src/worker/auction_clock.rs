//! Sends the tick. May be late, run twice or be down: deadlines are decided by stamps, not here.
//! Several nodes may send it; the first finds something due.

use crate::AppState;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// After a failure of the database.
const RETRY: Duration = Duration::from_secs(1);

/// Real time after which it looks by itself: what another node did wakes nobody here.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Ticks what is due until `stop`.
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
            tracing::error!(%error, "the auction clock stumbled");
            tokio::time::sleep(RETRY).await;
        }
    }
}
