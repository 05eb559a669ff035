//! Makes official protocols, and takes a changed calendar to the auctions that run: see
//! [`crate::auction::Service::keep_protocols`] and [`crate::auction::Service::renew_calendars`].

use crate::AppState;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Real time between rounds.
const ROUND: Duration = Duration::from_secs(1);
/// Real time until a protocol that could not be made is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// Works until `stop` is cancelled.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut pause = ROUND;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        // Neither waits for the other's faults.
        let (kept, renewed) =
            (state.auctions.keep_protocols().await, state.auctions.renew_calendars().await);
        pause = ROUND;
        for error in [kept.err(), renewed.err()].into_iter().flatten() {
            tracing::error!(%error, "protocols were not made, or calendars not renewed");
            pause = RETRY;
        }
    }
}
