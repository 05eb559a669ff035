//! Says every second that the service is alive, so that whoever comes after a gap knows of it: see
//! [`crate::auction::Service::record_heartbeat`].

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between two beats.
const BEAT: Duration = Duration::from_secs(1);

/// Beats until `stop`, and once more then: an orderly end is known to the moment.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut beats = tokio::time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            () = stop.cancelled() => true,
            _ = beats.tick() => false,
        };
        if let Err(error) = state.auctions.record_heartbeat().await {
            tracing::error!(%error, "the service could not say that it is alive");
        }
        if stopping {
            return;
        }
    }
}
