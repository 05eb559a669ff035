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
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Real time until a worker that panicked begins again.
const RESTART: Duration = Duration::from_secs(1);

/// Starts all workers; they end when `stop` is cancelled. One that panics begins again; the deciders of
/// bids take care of themselves.
pub fn spawn(state: &AppState, stop: &CancellationToken, tasks: &TaskTracker) {
    bids::spawn(state, stop, tasks);
    macro_rules! workers {
        ($($run:path),* $(,)?) => {$({
            let (state, stop) = (state.clone(), stop.clone());
            let work = move || $run(state.clone(), stop.clone());
            tasks.spawn(supervise(stringify!($run), work));
        })*};
    }
    workers![
        auction_clock::run,
        watchdog::run,
        node_clock::run,
        disk::run,
        limits::run,
        outbox::run,
        payments::run,
        reconciliation::run,
        protocols::run,
        files::scan,
        entries::run,
        files::sweep,
        live::run,
    ];
}

/// Runs a worker to its end, and again when it panics: what it left undone it finds in the database.
async fn supervise<W>(name: &'static str, work: impl Fn() -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = tokio::spawn(work()).await {
        if error.is_cancelled() {
            return;
        }
        tracing::error!(%error, name, "a worker stopped; it begins again");
        tokio::time::sleep(RESTART).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_begins_again_and_one_that_ends_does_not() {
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = begun.clone();
        let work = move || {
            let no = counted.fetch_add(1, Ordering::SeqCst);
            async move { assert!(no > 1, "a worker's fault") }
        };
        supervise("a worker", work).await;
        assert_eq!(begun.load(Ordering::SeqCst), 3);
    }
}
