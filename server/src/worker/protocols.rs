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
        let round = async {
            state.auctions.keep_protocols().await?;
            state.auctions.renew_calendars().await
        };
        pause = match round.await {
            Ok(_) => ROUND,
            Err(error) => {
                tracing::error!(%error, "protocols were not made, or calendars not renewed");
                RETRY
            }
        };
    }
}
