//! Has files scanned as soon as they are whole, and removes what has had its time: files, and
//! what phones have no use for any more.

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between rounds when no file became whole: what failed becomes due by the clock of
/// decisions, which may be a test's.
const ROUND: Duration = Duration::from_secs(1);
/// It is swept once in so many rounds.
const SWEEP_ROUNDS: u64 = 60;

/// Scans until `stop`. A scan that is cut off is done again when its lease is over.
pub async fn scan(state: AppState, stop: CancellationToken) {
    match state.blobs.release().await {
        Ok(0) => {}
        Ok(files) => tracing::warn!(files, "there is no scanner any more: files go unscanned"),
        Err(error) => tracing::error!(%error, "files still wait for a scanner there was"),
    }
    loop {
        let round = async {
            match state.blobs.scan().await {
                Ok(0) => {}
                Ok(_) => return,
                Err(error) => tracing::error!(%error, "files not scanned"),
            }
            // No file that became whole is only a reason to look later.
            let _ = tokio::time::timeout(ROUND, state.blobs.arrived()).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = round => {}
        }
    }
}

/// Sweeps until `stop`.
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
            tracing::error!(%error, "what phones have no use for any more was not swept");
        }
    }
}
