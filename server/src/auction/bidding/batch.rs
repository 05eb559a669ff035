//! A batch of bids, from requests to receipts: the decisions alone, without the database.

use super::super::service::Error;
use super::super::store::{Grown, LockedAuction, LogEntry, StoredReceipt};
use super::answer::BidAnswer;
use super::queue::QueuedBid;
use crate::db::StoreError;
use std::collections::{BTreeMap, HashMap};
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::auction::bidding::{self, Bid};
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::notice::{self, Notice};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{Decision, ReceiptBody, Signer};

/// The bids of a batch on one auction, decided but not written.
pub struct DecidedAuction {
    pub locked: LockedAuction,
    pub entries: Vec<LogEntry>,
    /// The notices that follow, each with the length of the log that it is about.
    pub notices: Vec<(u64, Notice)>,
}

impl DecidedAuction {
    pub fn id(&self) -> AuctionId {
        self.locked.auction.birth.id
    }

    pub fn grown(&self) -> Grown<'_> {
        (&self.locked, &self.entries)
    }

    /// The new length of the log, if it has grown.
    pub fn appended(&self) -> Option<(AuctionId, u64)> {
        (!self.entries.is_empty()).then_some((self.id(), self.locked.seq))
    }
}

/// The result for one bid of a batch.
enum Outcome {
    /// Index of its body in [`Batch::bodies`].
    Decided(usize),
    /// The bid was answered before.
    Known(BidAnswer),
    Failed(Error),
}

/// One batch, from requests to receipts.
pub struct Batch<'a> {
    bids: &'a [QueuedBid],
    known: HashMap<BidId, StoredReceipt>,
    outcomes: Vec<Option<Outcome>>,
    /// In the order of decisions: the content of each receipt.
    bodies: Vec<ReceiptBody>,
    /// The request's index of each.
    places: Vec<usize>,
    /// The index in `bodies` of each bid of this batch.
    fresh: HashMap<BidId, usize>,
}

impl<'a> Batch<'a> {
    pub fn new(bids: &'a [QueuedBid], known: HashMap<BidId, StoredReceipt>) -> Self {
        let outcomes = bids.iter().map(|_| None).collect();
        let (bodies, places, fresh) = Default::default();
        Self { bids, known, outcomes, bodies, places, fresh }
    }

    /// The bids by auction, as their places in the batch.
    pub fn by_auction(bids: &[QueuedBid]) -> BTreeMap<AuctionId, Vec<usize>> {
        let mut by_auction: BTreeMap<AuctionId, Vec<usize>> = BTreeMap::new();
        for (place, bid) in bids.iter().enumerate() {
            by_auction.entry(bid.auction).or_default().push(place);
        }
        by_auction
    }

    /// Decides the bids on one auction, one after the other.
    pub fn decide(
        &mut self,
        mut locked: LockedAuction,
        places: &[usize],
        now: Timestamp,
    ) -> DecidedAuction {
        let (mut entries, mut notices) = (Vec::with_capacity(places.len()), Vec::new());
        for &place in places {
            let waiting = &self.bids[place];
            if let Some(outcome) = self.repeated(waiting) {
                self.outcomes[place] = Some(outcome);
                continue;
            }
            let bid = bid(waiting);
            let received_at = locked.auction.receive(waiting.stamp.at);
            let decided_at = locked.not_before(now).max(received_at);
            let (decision, event) = match bidding::place(&locked.auction, &bid, received_at) {
                Ok(event) => (Decision::Accepted, Some(event)),
                Err(reason) => {
                    let event = bidding::refused(&locked.auction, &bid, reason, received_at);
                    (Decision::Refused(reason), event)
                }
            };
            if let Some(event) = event {
                let is_raise = matches!(event, Event::BidPlaced { .. });
                let entry;
                (locked, entry) = locked.append(event, decided_at);
                if is_raise {
                    let due = notice::after(&locked.auction, &entry.record.event, decided_at);
                    notices.extend(due.into_iter().map(|notice| (locked.seq, notice)));
                }
                entries.push(entry);
            }
            let body = receipt_body(&locked, &bid, decision, received_at, decided_at);
            self.fresh.insert(bid.id, self.bodies.len());
            self.outcomes[place] = Some(Outcome::Decided(self.bodies.len()));
            self.bodies.push(body);
            self.places.push(place);
        }
        DecidedAuction { locked, entries, notices }
    }

    /// The earlier answer to a repeated bid, from this batch or before it.
    fn repeated(&self, waiting: &QueuedBid) -> Option<Outcome> {
        let id = waiting.request.bid;
        if let Some(known) = self.known.get(&id) {
            let same =
                known.person == waiting.by.person && known.request_hash == waiting.request_hash;
            return Some(match same {
                true => Outcome::Known(known.answer()),
                false => Outcome::Failed(Error::IdReused),
            });
        }
        let body = *self.fresh.get(&id)?;
        let twin = &self.bids[self.places[body]];
        let same = twin.by.person == waiting.by.person && twin.request_hash == waiting.request_hash;
        Some(if same { Outcome::Decided(body) } else { Outcome::Failed(Error::IdReused) })
    }

    pub fn not_found(&mut self, places: &[usize]) {
        for &place in places {
            self.outcomes[place] = Some(Outcome::Failed(StoreError::NotFound.into()));
        }
    }

    /// Signs all receipts with one signature; they are as they will be stored.
    pub fn sign(&mut self, signer: &Signer) -> Vec<StoredReceipt> {
        let signed = signer.sign(std::mem::take(&mut self.bodies));
        let stored = |(place, receipt): (&usize, _)| {
            let waiting = &self.bids[*place];
            let by = (waiting.by.person, waiting.by.device);
            StoredReceipt::of(by, waiting.request_hash.clone(), &receipt)
        };
        self.places.iter().zip(signed).map(stored).collect()
    }

    /// The answers to all bids, in their order, once these receipts are on disk.
    pub fn answers(self, receipts: &[StoredReceipt]) -> Vec<Result<BidAnswer, Error>> {
        let answer = |outcome| match outcome {
            Some(Outcome::Decided(body)) => {
                receipts.get::<usize>(body).map(StoredReceipt::answer).ok_or(Error::Unknown)
            }
            Some(Outcome::Known(answer)) => Ok(answer),
            Some(Outcome::Failed(error)) => Err(error),
            None => Err(Error::Unknown),
        };
        self.outcomes.into_iter().map(answer).collect()
    }
}

fn bid(waiting: &QueuedBid) -> Bid {
    let request = &waiting.request;
    Bid {
        id: request.bid,
        bidder: Some(waiting.slot.bidder),
        epoch: request.epoch,
        basis: request.basis,
        amount: request.amount,
        hasty: waiting.slot.hasty,
    }
}

fn receipt_body(
    locked: &LockedAuction,
    bid: &Bid,
    decision: Decision,
    received_at: Timestamp,
    decided_at: Timestamp,
) -> ReceiptBody {
    let auction = &locked.auction;
    ReceiptBody {
        auction: auction.birth.id,
        bid: bid.id,
        bidder: bid.bidder,
        amount: bid.amount,
        decision,
        received_at,
        decided_at,
        seq: locked.seq,
        head: hex::encode(locked.head),
        round: auction.round.map_or(0, |round| round.number),
        price: auction.round.map_or(auction.birth.offer.value, |round| round.price),
        deadline: auction.round.map(|round| round.deadline),
    }
}
