//! Queues bids so that they are decided together: all that arrived while the last transaction was
//! committed go into the next one (group commit).
//!
//! # Why
//! A commit costs one wait for the disk, whether it holds one bid or two hundred. Deciding bids
//! one transaction each makes the last of a crowd at the deadline wait for all the others' disk
//! writes; deciding them together makes the queue as short as two commits. A batch needs no timer
//! and no size to tune: it is everything that has gathered.
//!
//! Bids of one auction always wait in the same lane, so that a node decides them in the order of
//! their arrival. SQLite has one writer and so one lane; on PostgreSQL several lanes keep a busy
//! auction from holding up the others.

use super::super::error::Error;
use super::places::{Places, QueueSlot};
use super::stamps::Stamp;
use crate::identity::Bidder;
use crate::lock::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::receipt::Receipt;

/// Most bids of one transaction: bounds how long it holds its locks.
pub(super) const BATCH_MAX: usize = 256;
/// Age of a lane's oldest bid from which no further bid is stamped. Half of the shortest drain, so
/// that every stamped bid is decided before the close is written.
const AGE_MAX: Duration = Duration::from_secs(1);
/// Lanes where the database can write several auctions at a time.
pub const LANES_ON_POSTGRES: usize = 4;

/// A bid in the queue.
pub struct QueuedBid {
    pub by: Bidder,
    pub auction: AuctionId,
    /// The request; the device's signature was checked.
    pub request: PlaceBid,
    /// Distinguishes a repetition from another bid under the same id.
    pub request_hash: String,
    /// The moment when it had arrived completely.
    pub stamp: Stamp,
    /// Released with the answer.
    pub slot: QueueSlot,
    /// Receives the answer; closed if nobody waits for it, which changes nothing.
    pub answer: oneshot::Sender<Result<Receipt, Error>>,
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
#[derive(Default)]
pub struct QueueLane {
    queue: Mutex<QueuedJobs>,
    woken: Notify,
}

/// All lanes of the node.
pub struct BidQueue {
    lanes: Box<[Arc<QueueLane>]>,
    places: Places,
}

impl BidQueue {
    /// With this number of lanes, which have no workers yet.
    pub fn new(lanes: usize) -> Self {
        let lanes = (0..lanes.max(1)).map(|_| Arc::default()).collect();
        Self { lanes, places: Places::default() }
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
    pub fn slot(&self, auction: AuctionId, person: PersonId) -> Result<QueueSlot, Error> {
        self.keeps_up(auction)?;
        self.places.take(auction, person)
    }

    /// Adds a bid to its lane.
    pub fn submit(&self, bid: QueuedBid) {
        self.lane(bid.auction).push(Job::Bid(Instant::now(), Box::new(bid)));
    }

    /// Waits until every bid queued so far on this auction's lane is decided.
    pub async fn settle(&self, auction: AuctionId) {
        let (settled, wait) = oneshot::channel();
        self.lane(auction).push(Job::Settle(settled));
        // Dropped if the lanes have ended; then nobody waits either.
        let _ = wait.await;
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
            let batch = self.take();
            if !batch.bids.is_empty() || !batch.settled.is_empty() {
                return batch;
            }
            self.woken.notified().await;
        }
    }

    fn take(&self) -> QueueBatch {
        let mut queue = lock(&self.queue);
        let mut batch = QueueBatch::default();
        let mut oldest: Option<Instant> = None;
        while batch.bids.len() < BATCH_MAX {
            match queue.jobs.pop_front() {
                Some(Job::Bid(since, bid)) => {
                    oldest = Some(oldest.map_or(since, |oldest| oldest.min(since)));
                    batch.bids.push(*bid);
                }
                Some(Job::Settle(settled)) => batch.settled.push(settled),
                None => break,
            }
        }
        queue.oldest = oldest;
        batch.bids.sort_by_key(|bid| bid.stamp.at);
        batch
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
