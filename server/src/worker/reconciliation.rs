//! Compares days with the payment system's statements: see
//! [`crate::deposit::Service::reconcile_days`].

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between rounds.
const ROUND: Duration = Duration::from_secs(1);

/// Works until `stop` is cancelled; a statement that is being asked for is given up.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let round = async {
            rounds.tick().await;
            state.deposits.reconcile_days().await
        };
        let compared = tokio::select! {
            () = stop.cancelled() => return,
            compared = round => compared,
        };
        if let Err(error) = compared {
            tracing::error!(%error, "a round of the reconciliation failed");
        }
    }
}
