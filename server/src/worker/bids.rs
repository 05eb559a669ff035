//! Decides bids, with one decider per lane. Continues after `stop` until no bid waits for an
//! answer.

use crate::AppState;
use crate::auction::{BidDecider, QueueLane, Service};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts a decider for each lane.
pub fn spawn(state: &AppState, stop: &CancellationToken, tasks: &TaskTracker) {
    let ended = CancellationToken::new();
    for lane in state.auctions.lanes() {
        tasks.spawn(supervise(state.auctions.clone(), lane, ended.clone()));
    }
    let (auctions, stop) = (state.auctions.clone(), stop.clone());
    tasks.spawn(async move {
        stop.cancelled().await;
        auctions.drained().await;
        ended.cancel();
    });
}

/// Restarts the decider of a lane when it panics. A panic costs one batch, whose bidders get
/// "unknown" and ask again; the next decider starts with an empty cache.
async fn supervise(auctions: Service, lane: Arc<QueueLane>, ended: CancellationToken) {
    loop {
        let (decider, lane, ended) =
            (BidDecider::new(auctions.clone()), lane.clone(), ended.clone());
        match tokio::spawn(async move { decider.work(&lane, ended).await }).await {
            Ok(()) => return,
            Err(error) => {
                tracing::error!(%error, "a bid decider stopped; another one takes over")
            }
        }
    }
}
