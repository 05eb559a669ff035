//! The auction service: time, and the common part of officials' actions, bids and awards, each one
//! transaction around the rules. Consequences of an event (applications, deposits, notices) are
//! written with it.

use super::bidding::admission::Admission;
use super::bidding::batch::DecidedAuction;
use super::bidding::queue::{BidQueue, LANES_ON_POSTGRES, QueueLane};
use super::bidding::stamps::Stamps;
pub use super::error::Error;
use super::growth::LogGrowth;
use super::heartbeat::Heartbeat;
use super::roster::Roster;
use super::store::{self, LockedAuction};
use super::trail;
use crate::audit::{Action, Principal};
use crate::context::Context;
use crate::db::change_counter::SyncScope;
use crate::db::{StoreError, Txn};
use crate::lock::lock;
use crate::push;
use crate::{application, audit, catalogue, deposit, identity, rulebook};
use sea_orm::{ConnectionTrait, DbBackend};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;
use toruk_sync::domain::auction::{Auction, Command, Event, Status, apply};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::pull::kind;
use toruk_sync::receipt::Opening;

/// Auctions ticked in one round of the clock worker.
const DUE_MAX: usize = 100;
/// Real time until a close that could not be made is tried again.
const WAIT_AGAIN: Duration = Duration::from_millis(100);

/// Auctions: bidding, awards, officials' actions and outages.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    growth: Arc<dyn LogGrowth>,
    pub(super) identity: identity::Service,
    pub(super) catalogue: catalogue::Service,
    pub(super) applications: application::Service,
    pub(super) deposits: deposit::Service,
    pub(super) push: push::Service,
    pub(super) audit: audit::Service,
    pub(super) rulebook: rulebook::Service,
    alarm: Arc<Notify>,
    /// The moment for which the clock sleeps, in microseconds.
    sleeps_until: Arc<AtomicI64>,
    /// The last due auction that a full round has looked at; `None`: it begins with the first.
    ticked_to: Arc<Mutex<Option<(Timestamp, AuctionId)>>>,
    pub(super) bid_queue: Arc<BidQueue>,
    pub(super) admission: Arc<Admission>,
    pub(super) stamps: Arc<Stamps>,
    pub(super) heartbeat: Arc<Heartbeat>,
    /// Held while a beat is recorded.
    pub(super) beating: Arc<tokio::sync::Mutex<()>>,
}

impl Service {
    /// Builds on these services.
    #[allow(clippy::too_many_arguments)] // The one place where they meet.
    pub fn new(
        context: &Arc<Context>,
        growth: Arc<dyn LogGrowth>,
        identity: identity::Service,
        catalogue: catalogue::Service,
        applications: application::Service,
        deposits: deposit::Service,
        push: push::Service,
        audit: audit::Service,
        rulebook: rulebook::Service,
    ) -> Self {
        let lanes = match context.db.backend() {
            DbBackend::Sqlite => 1,
            _ => LANES_ON_POSTGRES,
        };
        Self {
            context: context.clone(),
            growth,
            identity,
            catalogue,
            applications,
            deposits,
            push,
            audit,
            rulebook,
            alarm: Arc::default(),
            sleeps_until: Arc::new(AtomicI64::new(i64::MAX)),
            ticked_to: Arc::default(),
            bid_queue: Arc::new(BidQueue::new(lanes, &context.arrivals)),
            admission: Arc::default(),
            stamps: Arc::new(Stamps::new(context.arrivals.clone())),
            heartbeat: Arc::new(Heartbeat::of(
                context.ports.ids.uuid(),
                context.ports.stopwatch.clone(),
                context.ports.clock.now(),
            )),
            beating: Arc::default(),
        }
    }

    /// Lets due time pass in all auctions; one that fails does not delay the others. Returns how
    /// many changed. While the clock is not trusted, no time passes.
    ///
    /// # Errors
    /// [`Error::Store`] if the due auctions can't be listed.
    pub async fn tick_due(&self) -> Result<usize, Error> {
        let clock = &self.context.ports.clock;
        let due = match clock.is_trusted() {
            true => self.next_due(clock.now()).await?,
            false => Vec::new(),
        };
        if !due.is_empty() {
            self.beat().await?;
        }
        let (mut moved, mut is_waiting) = (0, !clock.is_trusted());
        for id in due {
            match self.tick(id).await {
                Ok(has_moved) => {
                    moved += usize::from(has_moved);
                    is_waiting |= !has_moved;
                }
                Err(error) => {
                    tracing::error!(auction = %id, %error, "a tick failed");
                    is_waiting = true;
                }
            }
        }
        if is_waiting {
            sleep(WAIT_AGAIN).await;
        }
        Ok(moved)
    }

    /// The next page of due auctions: each round goes on behind those that it looked at last, since
    /// some may stay due for long.
    async fn next_due(&self, now: Timestamp) -> Result<Vec<AuctionId>, StoreError> {
        let db = self.context.db.read();
        let after = *lock(&self.ticked_to);
        let mut due = store::due(db, now, after, DUE_MAX as u64).await?;
        if due.is_empty() && after.is_some() {
            due = store::due(db, now, None, DUE_MAX as u64).await?;
        }
        *lock(&self.ticked_to) = due.last().copied().filter(|_| due.len() == DUE_MAX);
        Ok(due.into_iter().map(|(_, id)| id).collect())
    }

    /// Waits until a tick is due or the schedule may have changed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn until_due(&self) -> Result<(), Error> {
        let alarm = self.alarm.notified();
        let clock = &self.context.ports.clock;
        // Until it is known, whatever is committed wakes it.
        self.sleeps_until.store(i64::MAX, Ordering::SeqCst);
        let next = store::next_wake(self.context.db.read()).await?;
        self.sleeps_until.store(next.map_or(i64::MAX, |at| at.0), Ordering::SeqCst);
        match next {
            Some(wake_at) => tokio::select! {
                () = clock.sleep_until(wake_at) => {}
                () = alarm => {}
            },
            None => alarm.await,
        }
        Ok(())
    }

    /// A person's participant numbers by auction, with what opens their commitments, within a
    /// transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn openings_within(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
    ) -> Result<BTreeMap<AuctionId, Opening>, StoreError> {
        store::openings_of(db, person).await
    }

    /// The lanes in which bids wait, for their deciders.
    pub fn lanes(&self) -> impl Iterator<Item = Arc<QueueLane>> {
        self.bid_queue.lanes()
    }

    /// Waits while participants' bids wait for their answers on this node, but not longer than this:
    /// for work that can be put off, and that bids would have to wait for.
    pub async fn give_way(&self, at_most: Duration) {
        self.bid_queue.give_way(at_most).await;
    }

    /// The waiting time of this node's oldest undecided bid.
    pub fn bids_wait(&self) -> Duration {
        self.bid_queue.age()
    }

    /// Completes when no bid waits for its answer any more; no further bid is accepted then.
    pub async fn drained(&self) {
        self.bid_queue.drained().await;
    }

    /// Returns `false` if nothing was due, or a node has not decided all its bids yet.
    async fn tick(&self, id: AuctionId) -> Result<bool, Error> {
        // Bids that were stamped before the deadline are decided before the close.
        self.bid_queue.settle(id).await;
        let txn = self.begin_after_outage_check().await?;
        let locked = store::lock(&txn, id).await?;
        let now = locked.not_before(self.context.ports.clock.now());
        if let Some(deadline) = closing(&locked.auction, now) {
            if !self.is_decided(&txn, deadline).await? {
                return Ok(false);
            }
            if let Some(command) = self.outage_command(&txn, &locked).await? {
                self.stop_after_outage(txn, locked, &command).await?;
                return Ok(true);
            }
        }
        let roster = match locked.auction.status {
            Status::Rectification | Status::Tendering => {
                let eligible = self.applications.eligible(&txn, id).await?;
                Roster::shuffle(eligible, &*self.context.ports.ids)
            }
            _ => Roster::default(),
        };
        let command = Command::Tick { roster: roster.commitments() };
        let (_, events) = apply(&locked.auction, &command, now)?;
        if events.is_empty() {
            // Another node has done it.
            return Ok(false);
        }
        if events.iter().any(|event| matches!(event, Event::TenderingClosed { .. })) {
            let participants = roster.participants();
            store::insert_participants(&txn, id, &participants).await?;
            for (who, _) in &participants {
                self.applications.numbered(&txn, who.person, id);
            }
        }
        let before = locked.auction.clone();
        let locked = self.fold(&txn, locked, events, now).await?;
        let detail = trail::changed(&before, &locked);
        self.record(&txn, Principal::System, Action::AuctionTick, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await?;
        Ok(true)
    }

    /// Decides a command under the auction's lock and writes all its consequences.
    pub(super) async fn execute(
        &self,
        txn: &Txn,
        locked: LockedAuction,
        command: &Command,
        now: Timestamp,
    ) -> Result<LockedAuction, Error> {
        let now = locked.not_before(now);
        let (_, events) = apply(&locked.auction, command, now)?;
        self.fold(txn, locked, events, now).await
    }

    /// Appends events and writes the consequences of each: applications, deposits, notices, its
    /// card.
    ///
    /// # Why a bid does not change the card of the catalogue
    /// Bids do not pass here. A card per bid would make all phones pull it and the bid wait for the
    /// catalogue's counter; phones that show prices follow the auction. A card shows the price at
    /// the moment when its auction last changed its state.
    pub(super) async fn fold(
        &self,
        txn: &Txn,
        mut locked: LockedAuction,
        events: Vec<Event>,
        now: Timestamp,
    ) -> Result<LockedAuction, Error> {
        let (before, first) = (locked.auction.clone(), locked.seq);
        let mut entries = Vec::with_capacity(events.len());
        for event in &events {
            let entry;
            (locked, entry) = locked.append(event.clone(), now);
            entries.push(entry);
        }
        store::append(txn, &locked, &entries).await?;
        if locked.auction.is_public() {
            let is_corrected = events.iter().any(|event| matches!(event, Event::Amended { .. }));
            if !before.is_public() || is_corrected {
                self.catalogue.describe(txn, before.birth.id).await?;
            }
            txn.touch(SyncScope::Catalogue, kind::CARD, before.birth.id);
        }
        let numbers = self.numbers(txn, before.birth.id).await?;
        self.applications.follow(txn, &before, &events, &numbers).await?;
        self.deposits.follow(txn, &before, &events, &numbers).await?;
        let due = locked.auction.protocol_due();
        if due.is_some() && due != before.protocol_due() {
            store::protocols::put(txn, before.birth.id, now).await?;
        }
        self.enqueue_notices(txn, &before, &events, first, now).await?;
        Ok(locked)
    }

    /// Commits a transaction, then wakes followers and the clock.
    pub(super) async fn commit(
        &self,
        txn: Txn,
        appended: &[(AuctionId, u64)],
    ) -> Result<(), Error> {
        match self.context.db.commit(txn).await {
            Err(error @ StoreError::Unknown(_)) => {
                tracing::error!(%error, "a commit's outcome is not known");
                return Err(Error::Unknown);
            }
            done => done?,
        }
        for (id, seq) in appended {
            self.growth.grown(*id, *seq);
        }
        self.alarm.notify_one();
        Ok(())
    }

    /// After the commit of a batch of bids. A raise moves the end of an auction, mostly to a later
    /// moment; the clock finds that out when it looks at the earlier one.
    pub(super) fn bids_committed(&self, decided: &[DecidedAuction]) {
        for (id, seq) in decided.iter().filter_map(DecidedAuction::appended) {
            self.growth.grown(id, seq);
        }
        let wakes = decided.iter().filter_map(|one| one.locked.auction.wake_at());
        if wakes.min().is_some_and(|at| at.0 < self.sleeps_until.load(Ordering::SeqCst)) {
            self.alarm.notify_one();
        }
    }

    async fn numbers(
        &self,
        txn: &Txn,
        id: AuctionId,
    ) -> Result<BTreeMap<ApplicationId, BidderNo>, StoreError> {
        let participants = store::participants(txn, id).await?;
        Ok(participants.into_iter().map(|who| (who.application, who.bidder_no)).collect())
    }

    pub(super) async fn record(
        &self,
        txn: &Txn,
        actor: Principal,
        action: Action,
        id: AuctionId,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let object = format!("auction:{id}");
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }
}

/// The deadline of an open window that a tick at `now` would close.
fn closing(auction: &Auction, now: Timestamp) -> Option<Timestamp> {
    let is_open = auction.status == Status::Bidding && auction.suspension.is_none();
    let is_due = auction.wake_at().is_some_and(|wake_at| wake_at <= now);
    auction.closes_at().filter(|_| is_open && is_due)
}
