//! The moments at which clients' bytes arrived, for as long as nobody has looked at the bytes.
//!
//! # Why
//! A bid is judged by when its last byte was read. The thread that reads it does not know yet that
//! it is a bid, and the threads that find out may be busy. Until they do, this node may still hold
//! a bid of that moment, so it must not say that it has decided everything up to now, and no
//! auction may close over it, and a bid that came later waits a moment with its decision. A client
//! can't hold up a close by sending bytes that nobody gets to: after [`HANDLED_WITHIN`] nothing
//! waits for them, and a bid among them is answered "busy".

use crate::clock::Clock;
use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;
use toruk_sync::domain::time::Timestamp;

/// Longest time from a bid's last byte to its place in the queue; a later one is answered "busy".
/// Far longer than a node needs that keeps up. A close waits for a bid that is on its way, for no
/// longer than this and the longest wait in the queue.
pub const HANDLED_WITHIN: Duration = Duration::from_secs(3);

/// All arrivals of one node that wait to be looked at.
pub struct Arrivals {
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
    advanced: Notify,
}

#[derive(Default)]
struct Waiting {
    last_no: u64,
    /// By moment, and by the order in which they were read.
    since: BTreeMap<(Timestamp, u64), Instant>,
}

/// The arrival of a client's bytes. Dropped, nothing waits for them any more.
pub struct ArrivedBytes {
    /// The moment just after they were read.
    pub at: Timestamp,
    /// Counts this node's arrivals, in the order in which they were read.
    pub no: u64,
    /// `true` if the clock could decide a deadline at that moment.
    pub is_trusted: bool,
    since: Instant,
    all: Arc<Arrivals>,
}

impl Arrivals {
    /// With the clock that stamps bids.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, waiting: Mutex::default(), advanced: Notify::new() })
    }

    /// Stamps bytes that were read just now.
    pub fn arrived(self: &Arc<Self>) -> ArrivedBytes {
        let mut waiting = lock(&self.waiting);
        // Under the lock: no arrival may be earlier than a mark that was read before it.
        let (at, since) = (self.clock.now(), Instant::now());
        waiting.last_no += 1;
        let no = waiting.last_no;
        waiting.since.insert((at, no), since);
        drop(waiting);
        let is_trusted = self.clock.is_trusted();
        ArrivedBytes { at, no, is_trusted, since, all: self.clone() }
    }

    /// The moment up to which all that arrived has been looked at. Forgets what has waited too long.
    pub fn looked_at_to(&self) -> Timestamp {
        let mut waiting = lock(&self.waiting);
        let now = self.clock.now();
        while let Some(first) = waiting.since.first_entry() {
            if first.get().elapsed() <= HANDLED_WITHIN {
                return now.min(first.key().0);
            }
            first.remove();
        }
        now
    }

    /// Makes nothing wait for what has arrived so far.
    pub fn forget(&self) {
        lock(&self.waiting).since.clear();
    }

    /// Returns `true` if bytes that were read before this moment have not been looked at yet.
    pub fn has_earlier(&self, than: (Timestamp, u64)) -> bool {
        lock(&self.waiting).since.first_key_value().is_some_and(|(first, _)| *first < than)
    }

    /// Wakes those who wait for what came earlier.
    pub fn advance(&self) {
        self.advanced.notify_waiters();
    }

    /// Completes when something that came earlier may be out of the way.
    pub fn advanced(&self) -> Notified<'_> {
        self.advanced.notified()
    }

    /// The number of arrivals that wait to be looked at.
    pub fn waiting(&self) -> usize {
        lock(&self.waiting).since.len()
    }
}

impl ArrivedBytes {
    /// Returns `true` while no auction closes before these bytes were looked at.
    pub fn is_waited_for(&self) -> bool {
        lock(&self.all.waiting).since.contains_key(&(self.at, self.no))
    }

    /// The real moment at which the bytes were read.
    pub fn since(&self) -> Instant {
        self.since
    }
}

impl Drop for ArrivedBytes {
    fn drop(&mut self) {
        lock(&self.all.waiting).since.remove(&(self.at, self.no));
        self.all.advance();
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use futures_util::future::BoxFuture;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// Test double: each look at it is a tick later.
    pub struct TickingClock(pub AtomicI64);

    impl Clock for TickingClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1, Ordering::SeqCst))
        }

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_earliest_that_waits_holds_the_mark_for_as_long_as_a_bid_is_taken() {
        let all = Arrivals::new(Arc::new(TickingClock(AtomicI64::new(1))));
        assert_eq!(all.looked_at_to(), Timestamp(1));
        let (first, second) = (all.arrived(), all.arrived());
        assert!(first.at < second.at && first.no < second.no);
        assert_eq!(all.looked_at_to(), first.at);
        let first_at = first.at;
        drop(first);
        assert_eq!((all.looked_at_to(), all.waiting()), (second.at, 1));
        tokio::time::advance(HANDLED_WITHIN).await;
        assert_eq!(all.looked_at_to(), second.at);
        let third = all.arrived();
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(all.looked_at_to(), third.at);
        assert!(!second.is_waited_for() && third.is_waited_for() && first_at < second.at);
        all.forget();
        assert!(!third.is_waited_for() && all.looked_at_to() > third.at);
    }
}
