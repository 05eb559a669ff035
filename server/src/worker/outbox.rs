//! Makes the notices to all participants one for each, and sends pushes from the outbox, after the
//! commit that enqueued them.
//!
//! # Why it gathers
//! A hot auction enqueues a notice with each batch of bids, and a round of this worker is two
//! commits of its own, which the next batch would wait for. So a round begins a moment after the
//! first notice and takes all that came until then.

use crate::AppState;
use crate::push::Error;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Real time between rounds when nothing was enqueued: retries become due by the clock of
/// decisions, which may be a test's.
const IDLE: Duration = Duration::from_secs(1);
/// Real time from the first notice of a round to its begin.
const GATHERS: Duration = Duration::from_millis(50);

/// Delivers until `stop`: soon after something was enqueued, and every second. An interrupted round
/// is repeated by the next worker.
pub async fn run(state: AppState, stop: CancellationToken) {
    loop {
        let round = async {
            if let Err(error) = run_once(&state).await {
                tracing::error!(%error, "pushes could not be delivered");
            }
            // A timeout means that nothing was enqueued.
            if tokio::time::timeout(IDLE, state.push.enqueued()).await.is_ok() {
                tokio::time::sleep(GATHERS).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}

/// Runs one round; returns the number of pushes handed over.
///
/// # Errors
/// If the database fails.
pub async fn run_once(state: &AppState) -> Result<usize, Error> {
    if let Err(error) = state.auctions.expand_notices().await {
        tracing::error!(%error, "notices to all participants could not be made");
    }
    state.push.deliver().await
}
