//! Scans files as soon as they are complete, and removes expired data: files, and rows that phones
//! no longer need.

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between rounds when no file arrived: retries become due by the clock of decisions,
/// which may be a test's.
const ROUND: Duration = Duration::from_secs(1);
/// Rounds between two sweeps.
const SWEEP_ROUNDS: u64 = 60;

/// Scans until `stop`. An interrupted scan is repeated when its lease expires.
pub async fn scan(state: AppState, stop: CancellationToken) {
    match state.blobs.release().await {
        Ok(0) => {}
        Ok(files) => tracing::warn!(files, "no scanner any more: files are accepted unscanned"),
        Err(error) => tracing::error!(%error, "files still wait for a scanner that was removed"),
    }
    loop {
        let round = async {
            match state.blobs.scan().await {
                Ok(0) => {}
                Ok(_) => return,
                Err(error) => tracing::error!(%error, "files not scanned"),
            }
            // A timeout only means that no file arrived.
            let _ = tokio::time::timeout(ROUND, state.blobs.arrived()).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}

/// Removes expired data until `stop`.
pub async fn sweep(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0_u64.. {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.blobs.sweep().await
        {
            tracing::error!(%error, "files not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.feed.sweep().await
        {
            tracing::error!(%error, "expired rows of phones were not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.push.sweep().await
        {
            tracing::error!(%error, "finished pushes were not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.identity.sweep().await
        {
            tracing::error!(%error, "ended sessions were not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.identity.sweep_lists().await
        {
            tracing::error!(%error, "lists of revoked certificates were not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.identity.sweep_confirmations().await
        {
            tracing::error!(%error, "confirmations of acts that never came were not swept");
        }
        if round % SWEEP_ROUNDS == 0
            && let Err(error) = state.applications.sweep().await
        {
            tracing::error!(%error, "old outcomes were not shortened");
        }
    }
}
