//! Decides bids: all that wait together, in one transaction, in the order of arrival, each by its
//! own stamp.
//!
//! There are three answers only. *Accepted* and *refused* are receipts, and are on disk before they
//! are sent. *Unknown* means that the commit failed: it may be durable all the same.

use super::super::service::{Error, Service};
use super::super::store::{self, LockedAuction};
use super::answer::BidAnswer;
use super::batch::{Batch, DecidedAuction};
use super::queue::{QueueLane, QueuedBid};
use crate::db::StoreError;
use crate::db::lane::LaneTxn;
use crate::db::ledger::LedgerTxn;
use sea_orm::DbBackend;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use toruk_sync::domain::id::AuctionId;

/// Auctions a lane caches between batches; past that it clears the cache.
const CACHED_MAX: usize = 512;

/// Decides the bids of one lane.
pub struct BidDecider {
    service: Service,
    /// Auctions as they were after the last batch. Valid only while the row has the same length and
    /// head, which is checked under the lock: others write as well.
    cache: AuctionCache,
}

type AuctionCache = HashMap<AuctionId, LockedAuction>;

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
            let (bids, decided) = self.decide_at_once(bids).await;
            match decided {
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

    async fn decide_at_once(
        &mut self,
        bids: Vec<QueuedBid>,
    ) -> (Vec<QueuedBid>, Result<Vec<Result<BidAnswer, Error>>, Error>) {
        if self.service.context.db.backend() != DbBackend::Sqlite {
            let mut decided = self.decide_on_lane(&bids, false).await;
            if matches!(decided, Err(Error::Store(StoreError::Conflict))) {
                decided = self.decide_on_lane(&bids, true).await;
            }
            return (bids, decided);
        }
        let (bids, decided) = self.decide_on_ledger(bids).await;
        if !matches!(decided, Err(Error::Paused)) {
            return (bids, decided);
        }
        // After an outage the clock is stopped first: no bid is late because of the outage. A new
        // pause meanwhile is busy; the bidders try again later.
        if let Err(error) = self.service.account_for_pause().await {
            return (bids, Err(error));
        }
        self.decide_on_ledger(bids).await
    }

    /// Decides a batch on PostgreSQL. Repetitions of earlier bids are only looked for if there may be
    /// any: who inserts an answer to a bid that has one finds out.
    async fn decide_on_lane(
        &mut self,
        bids: &[QueuedBid],
        may_repeat: bool,
    ) -> Result<Vec<Result<BidAnswer, Error>>, Error> {
        // After an outage the clock is stopped first: no bid is late because of the outage.
        let mut txn = self.service.begin_for_bids().await?;
        let known = match may_repeat {
            true => store::lane::receipts(&mut txn, bids.iter().map(|bid| bid.request.bid)).await?,
            false => HashMap::new(),
        };
        let mut batch = Batch::new(bids, known);
        let by_auction = Batch::by_auction(bids);
        let ids = by_auction.keys().copied();
        let locked = store::lane::lock_known(&mut txn, ids, &mut self.cache).await?;
        let decided = self.service.decide_locked(&mut batch, by_auction, locked);
        if !self.service.is_still_owned(bids) {
            return Err(Error::Unknown);
        }
        let receipts = batch.sign(&self.service.context.signer);
        let grown: Vec<_> = decided.iter().map(DecidedAuction::grown).collect();
        store::lane::write(&mut txn, &grown, &receipts).await?;
        self.service.enqueue_notices_on_lane(&mut txn, &decided).await?;
        if let Err(error) = txn.commit().await {
            tracing::error!(%error, "a commit's outcome is not known");
            return Err(Error::Unknown);
        }
        self.service.bids_committed(&decided);
        keep(&mut self.cache, decided);
        Ok(batch.answers(&receipts))
    }

    /// Decides a batch on SQLite: all of it on the thread that writes bids.
    async fn decide_on_ledger(
        &mut self,
        bids: Vec<QueuedBid>,
    ) -> (Vec<QueuedBid>, Result<Vec<Result<BidAnswer, Error>>, Error>) {
        let turn = match self.service.context.db.ledger_turn().await {
            Ok(turn) => turn,
            Err(error) => return (bids, Err(error.into())),
        };
        let (service, mut cache) = (self.service.clone(), std::mem::take(&mut self.cache));
        let bids = Arc::new(bids);
        let theirs = bids.clone();
        let work = move |txn: Result<LedgerTxn<'_>, StoreError>| {
            let decided = txn
                .map_err(Error::from)
                .and_then(|txn| service.decide_in_ledger_txn(txn, &theirs, &mut cache));
            drop(theirs);
            (cache, decided)
        };
        let worked = turn.run(work).await;
        // Nobody else has them any more: the work has ended, or panicked and dropped them.
        let bids = Arc::try_unwrap(bids).unwrap_or_default();
        match worked {
            // Or somebody has: they are answered with "unknown" as they are dropped.
            _ if bids.is_empty() => (bids, Ok(Vec::new())),
            Some((cache, decided)) => {
                self.cache = cache;
                (bids, decided)
            }
            // It may have panicked behind its commit: then the bids have answers, which are found.
            None if bids.len() > 1 => (bids, Err(panicked().into())),
            // Its bidder hears "unknown" as it is dropped; it counts as nobody's outage.
            None => (Vec::new(), Ok(Vec::new())),
        }
    }
}

impl Service {
    /// As [`Self::begin_after_outage_check`], for deciding bids on PostgreSQL: the others wait for
    /// this node, and it does not wait long for a row that somebody else holds.
    ///
    /// # Errors
    /// As there.
    async fn begin_for_bids(&self) -> Result<LaneTxn, Error> {
        if !self.is_waited_for() {
            self.beat().await?;
        }
        let txn = self.context.db.begin_on_lane().await?;
        if !self.heartbeat.has_paused() {
            return Ok(txn);
        }
        drop(txn);
        self.account_for_pause().await?;
        let txn = self.context.db.begin_on_lane().await?;
        if self.heartbeat.has_paused() { Err(Error::Busy) } else { Ok(txn) }
    }

    /// Decides a batch within a transaction, and commits it.
    fn decide_in_ledger_txn(
        &self,
        txn: LedgerTxn<'_>,
        bids: &[QueuedBid],
        cache: &mut AuctionCache,
    ) -> Result<Vec<Result<BidAnswer, Error>>, Error> {
        // Only now, because waiting for the writer was a part of the pause.
        if self.heartbeat.has_paused() {
            return Err(Error::Paused);
        }
        let known = store::ledger::receipts(&txn, bids.iter().map(|bid| bid.request.bid))?;
        let mut batch = Batch::new(bids, known);
        let by_auction = Batch::by_auction(bids);
        let locked = store::ledger::lock_known(&txn, by_auction.keys().copied(), cache)?;
        let decided = self.decide_locked(&mut batch, by_auction, locked);
        if !self.is_still_owned(bids) {
            return Err(Error::Unknown);
        }
        let grown: Vec<_> = decided.iter().map(DecidedAuction::grown).collect();
        store::ledger::append_all(&txn, &grown)?;
        for one in &decided {
            for (seq, notice) in &one.notices {
                self.enqueue_notice_on_ledger(&txn, one.id(), *seq, *notice)?;
            }
        }
        let receipts = batch.sign(&self.context.signer);
        store::ledger::insert_receipts(&txn, &receipts)?;
        txn.commit();
        self.bids_committed(&decided);
        keep(cache, decided);
        Ok(batch.answers(&receipts))
    }

    /// Decides the bids on each auction that is locked and public.
    fn decide_locked(
        &self,
        batch: &mut Batch<'_>,
        by_auction: BTreeMap<AuctionId, Vec<usize>>,
        mut locked: BTreeMap<AuctionId, LockedAuction>,
    ) -> Vec<DecidedAuction> {
        let mut decided = Vec::with_capacity(by_auction.len());
        for (id, places) in by_auction {
            match locked.remove(&id).filter(|locked| locked.auction.is_public()) {
                Some(locked) => {
                    let now = self.context.ports.clock.now();
                    decided.push(batch.decide(locked, &places, now));
                }
                None => batch.not_found(&places),
            }
        }
        decided
    }

    /// Returns `true` if auctions wait for these bids. Only asked under the locks: from then on
    /// nobody closes these auctions.
    fn is_still_owned(&self, bids: &[QueuedBid]) -> bool {
        self.is_waited_for() && bids.iter().all(|bid| bid.stamp.is_owned())
    }
}

/// The failure of a batch on whose bids the rules panicked: which of them it was shows when parts of
/// it are decided.
fn panicked() -> StoreError {
    StoreError::Damaged { table: "auction", reason: "a batch of bids panicked".to_owned() }
}

fn keep(cache: &mut AuctionCache, decided: Vec<DecidedAuction>) {
    if cache.len() + decided.len() > CACHED_MAX {
        cache.clear();
    }
    cache.extend(decided.into_iter().map(|it| (it.id(), it.locked)));
}

/// Returns `true` if a part of the batch may be decided where the whole was not. An auction whose
/// row is held by somebody else is as busy for one bid as for all.
fn is_worth_parts(error: &Error, bids: &[QueuedBid]) -> bool {
    match error {
        Error::Unknown => false,
        Error::Busy | Error::Paused | Error::Store(StoreError::Busy(_)) => {
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

fn answer(bids: Vec<QueuedBid>, answers: Vec<Result<BidAnswer, Error>>) {
    for (waiting, answer) in bids.into_iter().zip(answers) {
        if answer.as_ref().is_err_and(is_own_fault) {
            waiting.stamp.fail();
        }
        // A bidder that disconnected asks again by the bid's id.
        let _ = waiting.answer.send(answer);
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
