//! Queues bids so that they are decided together: all that arrived while the last transaction was
//! committed go into the next one (group commit).
//!
//! # Why
//! A commit costs one wait for the disk, whether it holds one bid or two hundred. Deciding bids
//! one transaction each makes the last of a crowd at the deadline wait for all the others' disk
//! writes; deciding them together makes the queue as short as two commits. A batch needs no timer
//! and no size to tune: it is everything that has gathered.
//!
//! A bid that came later than another one on its auction waits until that one is checked and queued
//! too, for at most `ORDER_WAIT`; see [`super::stamps`].
//!
//! Bids of one auction always wait in the same lane, so that a node decides them in the order of
//! their arrival. SQLite has one writer and so one lane; on PostgreSQL several lanes keep a busy
//! auction from holding up the others.

use super::super::error::Error;
use super::answer::BidAnswer;
use super::places::{Places, QueueSlot};
use super::stamps::Stamp;
use crate::arrivals::Arrivals;
use crate::identity::Bidder;
use crate::lock::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep};
use toruk_sync::domain::id::{AuctionId, BidderNo, PersonId};
use toruk_sync::protocol::bid::PlaceBid;

/// Most bids of one transaction: bounds how long it holds its locks.
pub(super) const BATCH_MAX: usize = 256;
/// Age of a lane's oldest bid from which no further bid is stamped. Half of the shortest drain, so
/// that every stamped bid is decided before the close is written.
const AGE_MAX: Duration = Duration::from_secs(1);
/// Age up to which a bid waits for earlier ones whose check takes longer. More than a busy node
/// needs for it; a check that hangs must not keep the others. Half of the longest wait.
const ORDER_WAIT: Duration = Duration::from_millis(500);
/// Interval at which work that gives way to bids looks whether it may go on.
const LOOKS_AGAIN: Duration = Duration::from_millis(1);
/// Lanes where the database can write several auctions at a time.
pub const LANES_ON_POSTGRES: usize = 4;

/// A bid in the queue.
pub struct QueuedBid {
    pub by: Bidder,
    pub auction: AuctionId,
    /// The request; the device's signature was checked.
    pub request: PlaceBid,
    /// The hash of what was signed, hex: tells a repetition, which may be signed again or sent at
    /// another time, from another bid under the same id.
    pub request_hash: String,
    /// The moment when it had arrived completely.
    pub stamp: Stamp,
    /// Released with the answer.
    pub slot: QueueSlot,
    /// Receives the answer; closed if nobody waits for it, which changes nothing.
    pub answer: oneshot::Sender<Result<BidAnswer, Error>>,
}

enum Job {
    Bid(Instant, Box<QueuedBid>),
    Settle(oneshot::Sender<()>),
}

#[derive(Default)]
struct QueuedJobs {
    jobs: VecDeque<Job>,
    /// The arrival of the oldest bid in the batch under way.
    oldest: Option<Instant>,
}

/// One queue and the state of its worker.
pub struct QueueLane {
    queue: Mutex<QueuedJobs>,
    woken: Notify,
    arrivals: Arc<Arrivals>,
}

/// All lanes of the node.
pub struct BidQueue {
    lanes: Box<[Arc<QueueLane>]>,
    places: Places,
}

impl BidQueue {
    /// With this number of lanes, which have no workers yet.
    pub fn new(lanes: usize, arrivals: &Arc<Arrivals>) -> Self {
        let lane = || {
            let (queue, woken) = Default::default();
            Arc::new(QueueLane { queue, woken, arrivals: arrivals.clone() })
        };
        Self { lanes: (0..lanes.max(1)).map(|_| lane()).collect(), places: Places::default() }
    }

    /// All lanes, for their workers.
    pub fn lanes(&self) -> impl Iterator<Item = Arc<QueueLane>> {
        self.lanes.iter().cloned()
    }

    /// Passes while bids on this auction are decided in time.
    ///
    /// # Errors
    /// [`Error::Busy`] if one of its lane has waited too long.
    pub fn keeps_up(&self, auction: AuctionId) -> Result<(), Error> {
        if self.lane(auction).age() > AGE_MAX { Err(Error::Busy) } else { Ok(()) }
    }

    /// Takes a place for a participant's bid on this auction.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many bids wait, or one has waited too long.
    pub fn slot(
        &self,
        auction: AuctionId,
        person: PersonId,
        bidder: BidderNo,
    ) -> Result<QueueSlot, Error> {
        self.keeps_up(auction)?;
        self.places.take(auction, person, bidder)
    }

    /// Adds a bid to its lane.
    pub fn submit(&self, bid: QueuedBid) {
        bid.stamp.is_checked();
        self.lane(bid.auction).push(Job::Bid(Instant::now(), Box::new(bid)));
    }

    /// Waits until every bid queued so far on this auction's lane is decided.
    pub async fn settle(&self, auction: AuctionId) {
        let (settled, wait) = oneshot::channel();
        self.lane(auction).push(Job::Settle(settled));
        // Dropped if the lanes have ended; then nobody waits either.
        let _ = wait.await;
    }

    /// Waits while participants' bids wait for their answers, but not longer than this.
    pub async fn give_way(&self, at_most: Duration) {
        let began = Instant::now();
        while self.places.are_taken() && began.elapsed() < at_most {
            sleep(LOOKS_AGAIN).await;
        }
    }

    /// Returns `true` while further bids are stamped, whatever their auction.
    pub fn is_kept_up(&self) -> bool {
        self.age() <= AGE_MAX
    }

    /// The waiting time of the node's oldest undecided bid.
    pub fn age(&self) -> Duration {
        self.lanes.iter().map(|lane| lane.age()).max().unwrap_or_default()
    }

    /// Completes when no bid waits any more; no further bid gets a slot.
    pub async fn drained(&self) {
        self.places.drained().await;
    }

    fn lane(&self, auction: AuctionId) -> &QueueLane {
        let lanes = u128::try_from(self.lanes.len()).unwrap_or(1);
        let lane = usize::try_from(auction.0.as_u128() % lanes).unwrap_or_default();
        &self.lanes[lane]
    }
}

impl QueueLane {
    /// Waits for the next batch, in order of arrival. The previous one must be decided.
    ///
    /// A request's signature is checked before it is queued, and one check may overtake another, so
    /// the batch is sorted by arrival here.
    pub async fn batch(&self) -> QueueBatch {
        loop {
            let mut advanced = std::pin::pin!(self.arrivals.advanced());
            // Before looking: what happens from now on is not missed.
            advanced.as_mut().enable();
            let (batch, held) = self.take();
            if !batch.bids.is_empty() || !batch.settled.is_empty() {
                return batch;
            }
            match held {
                None => self.woken.notified().await,
                Some(wait) => tokio::select! {
                    () = self.woken.notified() => {}
                    () = advanced => {}
                    () = sleep(wait) => {}
                },
            }
        }
    }

    /// The bids whose turn it is, and the time until it is one's whose turn it is not.
    fn take(&self) -> (QueueBatch, Option<Duration>) {
        let mut queue = lock(&self.queue);
        let mut batch = QueueBatch::default();
        let (mut oldest, mut wait): (Option<Instant>, Option<Duration>) = (None, None);
        let mut held = VecDeque::new();
        while batch.bids.len() < BATCH_MAX {
            match queue.jobs.pop_front() {
                Some(Job::Bid(since, bid)) => {
                    oldest = Some(oldest.map_or(since, |oldest| oldest.min(since)));
                    let left = ORDER_WAIT.saturating_sub(bid.stamp.age());
                    if left.is_zero() || bid.stamp.is_next() {
                        batch.bids.push(*bid);
                    } else {
                        wait = Some(wait.map_or(left, |wait| wait.min(left)));
                        held.push_back(Job::Bid(since, bid));
                    }
                }
                // All that was queued before it is decided.
                Some(Job::Settle(settled)) if held.is_empty() => batch.settled.push(settled),
                Some(settle) => held.push_back(settle),
                None => break,
            }
        }
        held.append(&mut queue.jobs);
        queue.jobs = held;
        queue.oldest = oldest;
        batch.bids.sort_by_key(|bid| (bid.stamp.at, bid.stamp.no));
        (batch, wait)
    }

    fn push(&self, job: Job) {
        lock(&self.queue).jobs.push_back(job);
        self.woken.notify_one();
    }

    fn age(&self) -> Duration {
        lock(&self.queue).oldest.map_or(Duration::ZERO, |oldest| oldest.elapsed())
    }
}

/// Bids taken from a lane, to be decided in one transaction.
#[derive(Default)]
pub struct QueueBatch {
    /// In order of arrival.
    pub bids: Vec<QueuedBid>,
    /// Notified when the bids are decided.
    pub settled: Vec<oneshot::Sender<()>>,
}

#[cfg(test)]
mod tests {
    use super::super::stamps::Stamps;
    use super::*;
    use crate::arrivals::tests::TickingClock;
    use std::sync::atomic::AtomicI64;
    use toruk_sync::domain::auction::bidding::Basis;
    use toruk_sync::domain::id::{BidId, DeviceId};
    use toruk_sync::domain::money::Tyiyn;
    use toruk_sync::domain::time::Timestamp;
    use uuid::Uuid;

    const AUCTION: AuctionId = AuctionId(Uuid::nil());

    fn bid(queue: &BidQueue, stamp: Stamp) -> QueuedBid {
        let (person, device) = (PersonId(Uuid::nil()), DeviceId(Uuid::nil()));
        let (public_key, signs_v1, actor, recovered_at) = (Vec::new(), false, 0, None);
        let by = Bidder { person, device, actor, public_key, signs_v1, recovered_at };
        let request = PlaceBid {
            bid: BidId(Uuid::nil()),
            epoch: 0,
            basis: Basis { round: 0, price: Tyiyn::ZERO },
            amount: Tyiyn::ZERO,
            client_sent_at: Timestamp(0),
            signature: String::new(),
        };
        let slot = queue.slot(AUCTION, person, BidderNo(1)).unwrap();
        let (request_hash, (answer, _)) = (String::new(), oneshot::channel());
        QueuedBid { by, auction: AUCTION, request, request_hash, stamp, slot, answer }
    }

    #[tokio::test(start_paused = true)]
    async fn what_can_be_put_off_waits_for_bids_but_not_for_ever() {
        let queue = BidQueue::new(1, &Arrivals::new(Arc::new(TickingClock(AtomicI64::new(1)))));
        let (at_most, began) = (Duration::from_millis(50), Instant::now());
        queue.give_way(at_most).await;
        assert_eq!(began.elapsed(), Duration::ZERO, "no bid waits");
        let slot = queue.slot(AUCTION, PersonId(Uuid::nil()), BidderNo(1)).unwrap();
        queue.give_way(at_most).await;
        assert_eq!(began.elapsed(), at_most, "bids that never end");
        let answered = async {
            sleep(at_most / 2).await;
            drop(slot);
        };
        tokio::join!(queue.give_way(at_most), answered);
        assert!(began.elapsed() < at_most * 2, "the bid is answered");
    }

    #[tokio::test(start_paused = true)]
    async fn a_bid_waits_for_an_earlier_one_that_is_still_checked_but_not_for_long() {
        let arrivals = Arrivals::new(Arc::new(TickingClock(AtomicI64::new(1))));
        let (queue, stamps) = (BidQueue::new(1, &arrivals), Stamps::new(arrivals.clone()));
        let lane = queue.lane(AUCTION);
        for is_checked_in_time in [true, false] {
            let stamp = || stamps.stamp(AUCTION, arrivals.arrived()).unwrap();
            let (early, late) = (stamp(), stamp());
            let (early_no, late_no) = (early.no, late.no);
            queue.submit(bid(&queue, late));
            let (settled, mut is_settled) = oneshot::channel();
            lane.push(Job::Settle(settled));
            let (batch, wait) = lane.take();
            assert!(batch.bids.is_empty() && batch.settled.is_empty());
            assert_eq!(wait, Some(ORDER_WAIT));
            let began = Instant::now();
            let mut early = Some(bid(&queue, early));
            let decided = async {
                if is_checked_in_time {
                    queue.submit(early.take().unwrap());
                }
                lane.batch().await
            };
            let batch = decided.await;
            let order: Vec<u64> = batch.bids.iter().map(|bid| bid.stamp.no).collect();
            let expected = if is_checked_in_time { vec![early_no, late_no] } else { vec![late_no] };
            assert_eq!((order, batch.settled.len()), (expected, 1));
            let waited = if is_checked_in_time { Duration::ZERO } else { ORDER_WAIT };
            assert!(began.elapsed() >= waited && is_settled.try_recv().is_err());
        }
    }
}
