//! What runs by itself. A worker takes no input: it rereads the database, may come late and may
//! run twice.

pub mod payments;

use crate::AppState;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts all workers; they end when `stop` is cancelled.
pub fn spawn(_state: &AppState, _stop: &CancellationToken, _tasks: &TaskTracker) {}
