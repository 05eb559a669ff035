//! Decides bids, one task a lane. Goes on after `stop` until nobody waits for an answer.

use crate::AppState;
use crate::auction::Clerk;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts a clerk for each lane.
pub fn spawn(state: &AppState, stop: &CancellationToken, tasks: &TaskTracker) {
    let ended = CancellationToken::new();
    for lane in state.auctions.lanes() {
        let (clerk, ended) = (Clerk::new(state.auctions.clone()), ended.clone());
        tasks.spawn(async move { clerk.work(&lane, ended).await });
    }
    let (auctions, stop) = (state.auctions.clone(), stop.clone());
    tasks.spawn(async move {
        stop.cancelled().await;
        auctions.drained().await;
        ended.cancel();
    });
}
