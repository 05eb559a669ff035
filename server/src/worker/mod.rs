//! Background tasks. A worker takes no input: it reads the database again each time, may be late
//! and may run twice.

pub mod auction_clock;
pub mod bids;
pub mod disk;
pub mod entries;
pub mod files;
pub mod limits;
pub mod live;
pub mod node_clock;
pub mod outbox;
pub mod payments;
pub mod protocols;
pub mod reconciliation;
pub mod watchdog;

use crate::AppState;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts all workers; they end when `stop` is cancelled.
pub fn spawn(state: &AppState, stop: &CancellationToken, tasks: &TaskTracker) {
    bids::spawn(state, stop, tasks);
    tasks.spawn(auction_clock::run(state.clone(), stop.clone()));
    tasks.spawn(watchdog::run(state.clone(), stop.clone()));
    tasks.spawn(node_clock::run(state.clone(), stop.clone()));
    tasks.spawn(disk::run(state.clone(), stop.clone()));
    tasks.spawn(limits::run(state.clone(), stop.clone()));
    tasks.spawn(outbox::run(state.clone(), stop.clone()));
    tasks.spawn(payments::run(state.clone(), stop.clone()));
    tasks.spawn(reconciliation::run(state.clone(), stop.clone()));
    tasks.spawn(protocols::run(state.clone(), stop.clone()));
    tasks.spawn(files::scan(state.clone(), stop.clone()));
    tasks.spawn(entries::run(state.clone(), stop.clone()));
    tasks.spawn(files::sweep(state.clone(), stop.clone()));
    tasks.spawn(live::run(state.clone(), stop.clone()));
}
