//! Sends the tick. May be late, run twice or be down: deadlines are decided by stamps, not here.

use crate::AppState;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// After a failure of the database.
const RETRY: Duration = Duration::from_secs(1);

/// Ticks what is due until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        let round = async {
            state.auctions.until_due().await?;
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
