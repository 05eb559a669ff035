//! Reports the uncertainty of the node's clock: as a metric, and in the log when it starts or stops
//! to prevent bids.

use crate::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Real time between two checks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Reports the clock's uncertainty every second until `stop`.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_trusted = true;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = looks.tick() => {}
        }
        let clock = &state.context.ports.clock;
        let (uncertainty, is_trusted) = (clock.uncertainty(), clock.is_trusted());
        metrics::gauge!("toruk_clock_uncertainty_us").set(uncertainty.0 as f64);
        if was_trusted && !is_trusted {
            tracing::error!(uncertainty_us = uncertainty.0, "the clock is too uncertain: no bids");
        } else if is_trusted && !was_trusted {
            tracing::warn!(uncertainty_us = uncertainty.0, "the clock is trusted again");
        }
        was_trusted = is_trusted;
    }
}
