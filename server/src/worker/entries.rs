//! Writes the entries of the catalogue that are missing: see `catalogue/entries.rs`.

use crate::AppState;
use crate::catalogue::CompletedEntries;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between two rounds.
const ROUND: Duration = Duration::from_secs(60);

/// Completes the catalogue until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = rounds.tick() => {}
        }
        match state.catalogue.complete_entries().await {
            Ok(CompletedEntries { written: 0, .. }) => {}
            Ok(CompletedEntries { written, .. }) => {
                tracing::info!(written, "entries of the catalogue were completed");
            }
            Err(error) => tracing::error!(%error, "the catalogue's entries were not completed"),
        }
    }
}
