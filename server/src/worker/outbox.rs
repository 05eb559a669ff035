//! Sends pushes of the outbox, after the commit that enqueued them.

use crate::AppState;
use crate::push::Error;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Real time between rounds when nothing was enqueued: what failed becomes due by the clock of
/// decisions, which may be a test's.
const IDLE: Duration = Duration::from_secs(1);

/// Delivers until `stop`: as soon as something was enqueued, and every second. A round that is cut
/// off is done again by the next.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        let round = async {
            if let Err(error) = run_once(&state).await {
                tracing::error!(%error, "pushes could not be delivered");
            }
            // Nothing enqueued is only a reason to look later.
            let _ = tokio::time::timeout(IDLE, state.push.enqueued()).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}

/// One round; how many pushes were handed over.
///
/// # Errors
/// When the database fails.
pub async fn run_once(state: &AppState) -> Result<usize, Error> {
    state.push.deliver().await
}
