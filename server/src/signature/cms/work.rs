//! Work for a processor, off the threads on which bids are decided.

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Work of one kind, of which a few run at once and the others wait in order.
#[derive(Clone)]
pub struct BoundedWork(Arc<Semaphore>);

impl BoundedWork {
    /// Work of which at most `most` runs at once.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// Runs `work` on a thread for work that blocks. Once begun it ends, also if nobody waits for
    /// it any more. Its panic goes on here.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        // The semaphore is never closed.
        let Ok(place) = self.0.clone().acquire_owned().await else { return pending().await };
        let work = move || {
            let done = work();
            drop(place);
            done
        };
        match spawn_blocking(work).await {
            Ok(done) => done,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            // The runtime ends, and what waits here with it.
            Err(_) => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn no_more_runs_at_once_than_may_and_all_of_it_is_done() {
        let work = BoundedWork::new(2);
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        // Two work at once, or nobody comes past here.
        let pair = Arc::new(Barrier::new(2));
        let one = |number: usize| {
            let (work, now, most) = (work.clone(), now.clone(), most.clone());
            let pair = pair.clone();
            async move {
                work.run(move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    pair.wait();
                    now.fetch_sub(1, Ordering::SeqCst);
                    number
                })
                .await
            }
        };
        let done = futures_util::future::join_all((0..40).map(one)).await;
        assert_eq!(done, (0..40).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }
}
