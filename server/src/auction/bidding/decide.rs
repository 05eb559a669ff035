//! Decides bids: all that wait together, in one transaction, in the order of arrival, each by its
//! own stamp.
//!
//! There are three answers only. *Accepted* and *refused* are receipts, and are on disk before they
//! are sent. *Unknown* means that the commit failed: it may be durable all the same.

use super::super::service::{Error, Service};
use super::super::store::{self, LockedAuction, LogEntry, StoredReceipt};
use super::queue::{QueueLane, QueuedBid};
use crate::db::{StoreError, Txn};
use std::collections::{BTreeMap, HashMap};
use tokio_util::sync::CancellationToken;
use toruk_sync::domain::auction::bidding::{self, Bid};
use toruk_sync::domain::auction::{Auction, Event};
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{Decision, Receipt, ReceiptBody, Signer};

/// Auctions a lane caches between batches; past that it clears the cache.
const CACHED_MAX: usize = 512;

/// Decides the bids of one lane.
pub struct BidDecider {
    service: Service,
    /// Auctions as they were after the last batch. Valid only while the row has the same length and
    /// head, which is checked under the lock: others write as well.
    cache: HashMap<AuctionId, LockedAuction>,
}

/// The bids of a batch on one auction, decided but not written.
struct DecidedAuction {
    before: Auction,
    first: u64,
    locked: LockedAuction,
    entries: Vec<LogEntry>,
    raised: bool,
}

/// The result for one bid of a batch.
enum Outcome {
    /// Index of its body in [`Batch::bodies`].
    Decided(usize),
    /// The bid was answered before.
    Known(Box<Receipt>),
    Failed(Error),
}

impl BidDecider {
    /// With an empty cache.
    pub fn new(service: Service) -> Self {
        Self { service, cache: HashMap::new() }
    }

    /// Decides the bids that wait in `lane` until `ended`.
    pub async fn work(mut self, lane: &QueueLane, ended: CancellationToken) {
        loop {
            let batch = tokio::select! {
                batch = lane.batch() => batch,
                () = ended.cancelled() => return,
            };
            if !batch.bids.is_empty() {
                metrics::histogram!("toruk_bid_batch_size").record(batch.bids.len() as f64);
                self.decide(batch.bids).await;
            }
            for settled in batch.settled {
                // An error only means that nobody waits any more.
                let _ = settled.send(());
            }
        }
    }

    /// Decides a batch. Bids that fail before the commit were not decided: those of each auction
    /// are then tried by themselves, and then each, so that one can't make the others fail.
    async fn decide(&mut self, bids: Vec<QueuedBid>) {
        let mut attempts = vec![bids];
        while let Some(bids) = attempts.pop() {
            match self.decide_in_one_txn(&bids).await {
                Ok(answers) => answer(bids, answers),
                Err(error) if bids.len() == 1 => answer(bids, vec![Err(error)]),
                Err(error) if is_worth_parts(&error, &bids) => {
                    tracing::warn!(%error, bids = bids.len(), "a batch failed; trying parts of it");
                    attempts.extend(parts(bids));
                }
                Err(error) => {
                    let same = || match error {
                        Error::Unknown => Error::Unknown,
                        _ => Error::Busy,
                    };
                    let answers = bids.iter().map(|_| Err(same())).collect();
                    answer(bids, answers);
                }
            }
        }
    }

    async fn decide_in_one_txn(
        &mut self,
        bids: &[QueuedBid],
    ) -> Result<Vec<Result<Receipt, Error>>, Error> {
        // After an outage the clock is stopped first: no bid is late because of the outage.
        let txn = self.service.begin_for_bids().await?;
        let known = store::receipts(&txn, bids.iter().map(|bid| bid.request.bid)).await?;
        let mut batch = Batch::new(bids, known);
        let mut by_auction: BTreeMap<AuctionId, Vec<usize>> = BTreeMap::new();
        for (place, bid) in bids.iter().enumerate() {
            by_auction.entry(bid.auction).or_default().push(place);
        }
        let ids = by_auction.keys().copied();
        let mut locked = store::lock_known(&txn, ids, &mut self.cache).await?;
        let mut decided = Vec::with_capacity(by_auction.len());
        for (id, places) in by_auction {
            match locked.remove(&id).filter(|locked| locked.auction.is_public()) {
                Some(locked) => {
                    let now = self.service.context.ports.clock.now();
                    decided.push(batch.decide(locked, &places, now));
                }
                None => batch.not_found(&places),
            }
        }
        // Only now: from the locks on, nobody closes these auctions.
        if !self.service.is_waited_for() || bids.iter().any(|bid| !bid.stamp.is_owned()) {
            return Err(Error::Unknown);
        }
        self.write(&txn, &decided).await?;
        let receipts = batch.sign(&self.service.context.signer);
        store::insert_receipts(&txn, &batch.stored(&receipts)).await?;
        let appended: Vec<_> = decided.iter().filter_map(DecidedAuction::appended).collect();
        self.service.commit(txn, &appended).await?;
        self.keep(decided);
        Ok(batch.answers(receipts))
    }

    async fn write(&self, txn: &Txn, decided: &[DecidedAuction]) -> Result<(), Error> {
        let grown: Vec<_> =
            decided.iter().map(|auction| (&auction.locked, auction.entries.as_slice())).collect();
        store::append_all(txn, &grown).await?;
        for auction in decided.iter().filter(|auction| auction.raised) {
            let DecidedAuction { before, first, entries, .. } = auction;
            let events: Vec<_> = entries.iter().map(|entry| entry.record.event.clone()).collect();
            let at = auction.locked.at;
            self.service.enqueue_notices(txn, before, &events, *first, at).await?;
        }
        Ok(())
    }

    fn keep(&mut self, decided: Vec<DecidedAuction>) {
        if self.cache.len() + decided.len() > CACHED_MAX {
            self.cache.clear();
        }
        self.cache.extend(decided.into_iter().map(|it| (it.locked.auction.birth.id, it.locked)));
    }
}

impl DecidedAuction {
    fn appended(&self) -> Option<(AuctionId, u64)> {
        let locked = &self.locked;
        (!self.entries.is_empty()).then_some((locked.auction.birth.id, locked.seq))
    }
}

/// One batch, from requests to receipts.
struct Batch<'a> {
    bids: &'a [QueuedBid],
    known: HashMap<BidId, StoredReceipt>,
    outcomes: Vec<Option<Outcome>>,
    /// In the order of decisions: the request's index, and the content of its receipt.
    bodies: Vec<(usize, ReceiptBody)>,
    /// The index in `bodies` of each bid of this batch.
    fresh: HashMap<BidId, usize>,
}

impl<'a> Batch<'a> {
    fn new(bids: &'a [QueuedBid], known: HashMap<BidId, StoredReceipt>) -> Self {
        let outcomes = bids.iter().map(|_| None).collect();
        Self { bids, known, outcomes, bodies: Vec::new(), fresh: HashMap::new() }
    }

    /// Decides the bids on one auction, one after the other.
    fn decide(
        &mut self,
        mut locked: LockedAuction,
        places: &[usize],
        now: Timestamp,
    ) -> DecidedAuction {
        let (before, first) = (locked.auction.clone(), locked.seq);
        let (mut entries, mut raised) = (Vec::with_capacity(places.len()), false);
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
                raised |= matches!(event, Event::BidPlaced { .. });
                let entry;
                (locked, entry) = locked.append(event, decided_at);
                entries.push(entry);
            }
            let body = receipt_body(&locked, &bid, decision, received_at, decided_at);
            self.fresh.insert(bid.id, self.bodies.len());
            self.outcomes[place] = Some(Outcome::Decided(self.bodies.len()));
            self.bodies.push((place, body));
        }
        DecidedAuction { before, first, locked, entries, raised }
    }

    /// The earlier answer to a repeated bid, from this batch or before it.
    fn repeated(&self, waiting: &QueuedBid) -> Option<Outcome> {
        let id = waiting.request.bid;
        if let Some(known) = self.known.get(&id) {
            let same =
                known.person == waiting.by.person && known.request_hash == waiting.request_hash;
            return Some(match same {
                true => Outcome::Known(Box::new(known.receipt.clone())),
                false => Outcome::Failed(Error::IdReused),
            });
        }
        let body = *self.fresh.get(&id)?;
        let twin = &self.bids[self.bodies[body].0];
        let same = twin.by.person == waiting.by.person && twin.request_hash == waiting.request_hash;
        Some(if same { Outcome::Decided(body) } else { Outcome::Failed(Error::IdReused) })
    }

    fn not_found(&mut self, places: &[usize]) {
        for &place in places {
            self.outcomes[place] = Some(Outcome::Failed(StoreError::NotFound.into()));
        }
    }

    /// Signs all receipts with one signature.
    fn sign(&self, signer: &Signer) -> Vec<Receipt> {
        signer.sign(self.bodies.iter().map(|(_, body)| body.clone()).collect())
    }

    fn stored(&self, receipts: &[Receipt]) -> Vec<StoredReceipt> {
        let stored = |((place, _), receipt): (&(usize, _), &Receipt)| {
            let waiting = &self.bids[*place];
            StoredReceipt {
                person: waiting.by.person,
                device: waiting.by.device,
                request_hash: waiting.request_hash.clone(),
                receipt: receipt.clone(),
            }
        };
        self.bodies.iter().zip(receipts).map(stored).collect()
    }

    fn answers(self, receipts: Vec<Receipt>) -> Vec<Result<Receipt, Error>> {
        let answer = |outcome| match outcome {
            Some(Outcome::Decided(body)) => {
                receipts.get::<usize>(body).cloned().ok_or(Error::Unknown)
            }
            Some(Outcome::Known(receipt)) => Ok(*receipt),
            Some(Outcome::Failed(error)) => Err(error),
            None => Err(Error::Unknown),
        };
        self.outcomes.into_iter().map(answer).collect()
    }
}

/// Returns `true` if a part of the batch may be decided where the whole was not. An auction whose
/// row is held by somebody else is as busy for one bid as for all.
fn is_worth_parts(error: &Error, bids: &[QueuedBid]) -> bool {
    match error {
        Error::Unknown => false,
        Error::Busy | Error::Store(StoreError::Busy(_)) => {
            bids.iter().any(|bid| bid.auction != bids[0].auction)
        }
        _ => true,
    }
}

/// Returns `true` if a bid could not be decided, and its bidder did not cause that. A conflict is
/// caused by the bidder: one id sent to two auctions at once must not stop their clocks.
fn is_own_fault(error: &Error) -> bool {
    let is_of_the_bid = matches!(error, Error::NotParticipant | Error::IdReused);
    let is_of_its_rows = matches!(error, Error::Store(StoreError::NotFound | StoreError::Conflict));
    !is_of_the_bid && !is_of_its_rows
}

/// The bids of each auction apart; if there is only one, each bid apart. The first comes last.
fn parts(bids: Vec<QueuedBid>) -> impl Iterator<Item = Vec<QueuedBid>> {
    let first = bids.first().map(|bid| bid.auction);
    let is_one_auction = bids.iter().all(|bid| Some(bid.auction) == first);
    let mut parts: BTreeMap<(AuctionId, usize), Vec<QueuedBid>> = BTreeMap::new();
    for (place, bid) in bids.into_iter().enumerate() {
        let place = if is_one_auction { place } else { 0 };
        parts.entry((bid.auction, place)).or_default().push(bid);
    }
    parts.into_values().rev()
}

fn answer(bids: Vec<QueuedBid>, answers: Vec<Result<Receipt, Error>>) {
    for (waiting, answer) in bids.into_iter().zip(answers) {
        if answer.as_ref().is_err_and(is_own_fault) {
            waiting.stamp.fail();
        }
        // A bidder that disconnected asks again by the bid's id.
        let _ = waiting.answer.send(answer);
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

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DbErr;

    #[test]
    fn no_bidder_can_make_an_outage_of_a_bid() {
        let of_bidders = [Error::IdReused, StoreError::Conflict.into()];
        assert!(!of_bidders.iter().any(is_own_fault));
        let busy = StoreError::Busy(DbErr::Custom(String::new())).into();
        assert!([busy, Error::Busy, Error::Unknown].iter().all(is_own_fault));
    }
}
