//! Records heartbeats, so that lost time is noticed, by this process or by the next one: see
//! [`crate::auction::Service::record_heartbeat`].

use crate::AppState;
use crate::auction::BEAT;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Records heartbeats until `stop` and until all bids are decided, and then that this node has left.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut beats = tokio::time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopped = async {
        stop.cancelled().await;
        state.auctions.drained().await;
    };
    tokio::pin!(stopped);
    loop {
        let result = tokio::select! {
            () = &mut stopped => break,
            _ = beats.tick() => state.auctions.record_heartbeat().await,
        };
        if let Err(error) = result {
            tracing::error!(%error, "the heartbeat could not be recorded");
        }
    }
    if let Err(error) = state.auctions.leave().await {
        tracing::error!(%error, "the last heartbeat could not be recorded");
    }
}
