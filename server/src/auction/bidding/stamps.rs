//! The bids that this node has stamped and not yet decided: before which moment it has nothing left
//! to decide, and on which auctions it failed to.
//!
//! # Why
//! A bid that was stamped in time must not be refused as late because its node was slow, frozen or
//! cut off. So no auction closes before every node has shown that it decided all it stamped before
//! the deadline; see [`super::super::outage`]. The moment itself was taken when the bid's last byte
//! was read, see [`crate::web::reader`]: what waits to be looked at counts as not decided.
//!
//! # Why a bid waits for those that came before it
//! Sessions and signatures are checked side by side, and one check overtakes another. Decided as
//! they come out of the checks, a bid that was a few milliseconds earlier would lose against one
//! that came later and got into an earlier batch, and both receipts would say so. So a bid is only
//! decided when those that came before it on its auction are checked.

use crate::arrivals::{Arrivals, ArrivedBytes};
use crate::lock::lock;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;

/// All stamps of one node.
pub struct Stamps {
    arrivals: Arc<Arrivals>,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    undecided: BTreeSet<(Timestamp, u64)>,
    /// Those of them that are not in the queue yet, by auction.
    unchecked: BTreeMap<AuctionId, BTreeSet<(Timestamp, u64)>>,
    /// The earliest bid of each auction that was stamped and could not be decided.
    failed: BTreeMap<AuctionId, Timestamp>,
    era: u64,
}

/// The moment at which a bid had arrived, until it is decided or dropped.
pub struct Stamp {
    /// The moment.
    pub at: Timestamp,
    /// Tells bids of one moment apart, in the order in which they were read.
    pub no: u64,
    auction: AuctionId,
    era: u64,
    since: Instant,
    arrivals: Arc<Arrivals>,
    open: Arc<Mutex<Open>>,
}

impl Stamps {
    /// Of what arrives here.
    pub fn new(arrivals: Arc<Arrivals>) -> Self {
        Self { arrivals, open: Arc::default() }
    }

    /// Stamps a bid with the moment of its arrival; `None` if nothing waits for it any more.
    pub fn stamp(&self, auction: AuctionId, arrived: ArrivedBytes) -> Option<Stamp> {
        let ArrivedBytes { at, no, .. } = arrived;
        let mut open = lock(&self.open);
        let era = open.era;
        open.undecided.insert((at, no));
        open.unchecked.entry(auction).or_default().insert((at, no));
        drop(open);
        let (since, arrivals) = (arrived.since(), self.arrivals.clone());
        let stamp = Stamp { at, no, auction, era, since, arrivals, open: self.open.clone() };
        // Only now: a mark that has left the arrival behind finds the stamp.
        arrived.is_waited_for().then_some(stamp)
    }

    /// The moment before which all is decided, once the failures are recorded, and these.
    pub fn decided_to(&self) -> (Timestamp, BTreeMap<AuctionId, Timestamp>) {
        // First: an arrival becomes a stamp, and no stamp becomes an arrival.
        let looked_at_to = self.arrivals.looked_at_to();
        let open = lock(&self.open);
        let first = open.undecided.first().map_or(looked_at_to, |(at, _)| looked_at_to.min(*at));
        (first, open.failed.clone())
    }

    /// Forgets failures that are recorded.
    pub fn recorded(&self, failed: &BTreeMap<AuctionId, Timestamp>) {
        let mut open = lock(&self.open);
        open.failed.retain(|auction, since| failed.get(auction) != Some(since));
    }

    /// Makes all present stamps worthless, and all that arrived: other nodes did not wait for them.
    pub fn disown(&self) {
        // First: what becomes a stamp after it is none.
        self.arrivals.forget();
        lock(&self.open).era += 1;
    }
}

impl Stamp {
    /// Returns `true` if auctions wait for this bid.
    pub fn is_owned(&self) -> bool {
        lock(&self.open).era == self.era
    }

    /// Real time since the bid's last byte was read.
    pub fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// Lets no later bid wait for this one any more: it is checked, or takes its time.
    pub fn is_checked(&self) {
        lock(&self.open).check(self);
        self.arrivals.advance();
    }

    /// Returns `true` if no bid that came earlier is still on its way to the queue.
    pub fn is_next(&self) -> bool {
        let own = (self.at, self.no);
        // First: an arrival becomes an unchecked bid.
        if self.arrivals.has_earlier(own) {
            return false;
        }
        let open = lock(&self.open);
        let first = open.unchecked.get(&self.auction).and_then(BTreeSet::first);
        first.is_none_or(|first| *first >= own)
    }

    /// Records that the bid can't be decided, through no fault of the bidder's.
    pub fn fail(&self) {
        let mut open = lock(&self.open);
        let since = open.failed.entry(self.auction).or_insert(self.at);
        *since = self.at.min(*since);
    }
}

impl Open {
    fn check(&mut self, stamp: &Stamp) {
        if let Some(unchecked) = self.unchecked.get_mut(&stamp.auction) {
            unchecked.remove(&(stamp.at, stamp.no));
            if unchecked.is_empty() {
                self.unchecked.remove(&stamp.auction);
            }
        }
    }
}

impl Drop for Stamp {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.undecided.remove(&(self.at, self.no));
        open.check(self);
        drop(open);
        self.arrivals.advance();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrivals::tests::TickingClock;
    use std::sync::atomic::AtomicI64;
    use uuid::Uuid;

    #[test]
    fn nothing_is_decided_past_the_earliest_bid_that_waits() {
        let arrivals = Arrivals::new(Arc::new(TickingClock(AtomicI64::new(1))));
        let stamps = Stamps::new(arrivals.clone());
        let stamp = |arrived| stamps.stamp(AuctionId(Uuid::nil()), arrived);
        assert_eq!(stamps.decided_to().0, Timestamp(1));
        let (early, first, second) = (arrivals.arrived(), arrivals.arrived(), arrivals.arrived());
        let (early_at, first_at, second_at) = (early.at, first.at, second.at);
        let (second, first) = (stamp(second).unwrap(), stamp(first).unwrap());
        assert_eq!(stamps.decided_to().0, early_at);
        drop(early);
        assert_eq!(stamps.decided_to().0, first_at);
        assert!(first.is_next() && !second.is_next());
        first.is_checked();
        assert!(second.is_next());
        first.fail();
        drop(first);
        let (decided_to, failed) = stamps.decided_to();
        let auction = AuctionId(Uuid::nil());
        assert_eq!((decided_to, &failed), (second_at, &BTreeMap::from([(auction, first_at)])));
        stamps.recorded(&failed);
        assert!(stamps.decided_to().1.is_empty());
        assert!(second.is_owned());
        let arrived = arrivals.arrived();
        let third = stamp(arrivals.arrived()).unwrap();
        assert!(!third.is_next(), "something was read before it");
        stamps.disown();
        assert!(!second.is_owned() && stamp(arrived).is_none());
        assert!(stamp(arrivals.arrived()).is_some_and(|stamp| stamp.is_owned()));
        drop(second);
        assert!(stamps.decided_to().0 > second_at);
    }
}
