//! The bids that this node has stamped and not yet decided: before which moment it has nothing left
//! to decide, and on which auctions it failed to.
//!
//! # Why
//! A bid that was stamped in time must not be refused as late because its node was slow, frozen or
//! cut off. So no auction closes before every node has shown that it decided all it stamped before
//! the deadline; see [`super::super::outage`].

use crate::clock::Clock;
use crate::lock::lock;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;

/// All stamps of one node.
#[derive(Default)]
pub struct Stamps(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    undecided: BTreeSet<(Timestamp, u64)>,
    /// The earliest bid of each auction that was stamped and could not be decided.
    failed: BTreeMap<AuctionId, Timestamp>,
    next: u64,
    era: u64,
}

/// The moment at which a bid had arrived, until it is decided or dropped.
pub struct Stamp {
    /// The moment.
    pub at: Timestamp,
    auction: AuctionId,
    number: u64,
    era: u64,
    open: Arc<Mutex<Open>>,
}

impl Stamps {
    /// Stamps a bid that has arrived now.
    pub fn stamp(&self, auction: AuctionId, clock: &dyn Clock) -> Stamp {
        let mut open = lock(&self.0);
        // Under the lock: no stamp may be earlier than a mark that was read before it.
        let at = clock.now();
        open.next += 1;
        let (number, era) = (open.next, open.era);
        open.undecided.insert((at, number));
        Stamp { at, auction, number, era, open: self.0.clone() }
    }

    /// The moment before which all is decided, once the failures are recorded, and these.
    pub fn decided_to(&self, clock: &dyn Clock) -> (Timestamp, BTreeMap<AuctionId, Timestamp>) {
        let open = lock(&self.0);
        let now = clock.now();
        let first = open.undecided.first().map_or(now, |(at, _)| now.min(*at));
        (first, open.failed.clone())
    }

    /// Forgets failures that are recorded.
    pub fn recorded(&self, failed: &BTreeMap<AuctionId, Timestamp>) {
        let mut open = lock(&self.0);
        open.failed.retain(|auction, since| failed.get(auction) != Some(since));
    }

    /// Makes all present stamps worthless: other nodes did not wait for them.
    pub fn disown(&self) {
        lock(&self.0).era += 1;
    }
}

impl Stamp {
    /// Returns `true` if auctions wait for this bid.
    pub fn is_owned(&self) -> bool {
        lock(&self.open).era == self.era
    }

    /// Records that the bid can't be decided, through no fault of the bidder's.
    pub fn fail(&self) {
        let mut open = lock(&self.open);
        let since = open.failed.entry(self.auction).or_insert(self.at);
        *since = self.at.min(*since);
    }
}

impl Drop for Stamp {
    fn drop(&mut self) {
        lock(&self.open).undecided.remove(&(self.at, self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::BoxFuture;
    use std::sync::atomic::{AtomicI64, Ordering};
    use uuid::Uuid;

    struct TickingClock(AtomicI64);

    impl Clock for TickingClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1, Ordering::SeqCst))
        }

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn nothing_is_decided_past_the_earliest_bid_that_waits() {
        let (stamps, clock) = (Stamps::default(), TickingClock(AtomicI64::new(1)));
        let auction = AuctionId(Uuid::nil());
        assert_eq!(stamps.decided_to(&clock).0, Timestamp(1));
        let first = stamps.stamp(auction, &clock);
        let second = stamps.stamp(auction, &clock);
        assert_eq!(stamps.decided_to(&clock).0, first.at);
        let (first_at, second_at) = (first.at, second.at);
        first.fail();
        drop(first);
        let (decided_to, failed) = stamps.decided_to(&clock);
        assert_eq!((decided_to, &failed), (second_at, &BTreeMap::from([(auction, first_at)])));
        stamps.recorded(&failed);
        assert!(stamps.decided_to(&clock).1.is_empty());
        assert!(second.is_owned());
        stamps.disown();
        assert!(!second.is_owned() && stamps.stamp(auction, &clock).is_owned());
        drop(second);
        assert!(stamps.decided_to(&clock).0 > second_at);
    }
}
