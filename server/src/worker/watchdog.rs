//! Records a heartbeat every second, so that a restarted service can tell how long it was away: see
//! [`crate::auction::Service::record_heartbeat`].

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between two heartbeats.
const BEAT: Duration = Duration::from_secs(1);

/// Records heartbeats until `stop`, with a last one at the end, which marks an orderly shutdown.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut beats = tokio::time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            () = stop.cancelled() => true,
            _ = beats.tick() => false,
        };
        if let Err(error) = state.auctions.record_heartbeat().await {
            tracing::error!(%error, "the heartbeat could not be recorded");
        }
        if stopping {
            return;
        }
    }
}
