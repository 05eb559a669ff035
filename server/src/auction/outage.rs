//! Outages during an open window: the clock is stopped, and nothing is closed silently (§5.8).
//!
//! Each node beats twice a second while any auction takes bids. A beat is a sign of life only if a
//! bid that arrived then would be decided: the clock is trusted, no bid has waited too long, and the
//! database could be written. A node that finds a pause records it as an outage before any time
//! passes or any bid is decided, and stops the clock of each auction that it took too much from
//! ([`after_outages`]). The last sign of any node counts, so one node's trouble is no outage.
//!
//! # Why a close waits for every node
//! A beat also says up to which moment the node has decided all it stamped. An auction closes when
//! every node is past its deadline; a node that does not beat any more is removed after a while,
//! and what it may have stamped until then counts as an outage of its own. It notices before the
//! others do, and answers what it then still holds as unknown, never as late.

use super::heartbeat::SILENCE_MAX;
use super::service::{Error, Service};
use super::store::nodes::Node;
use super::store::{self, LockedAuction, nodes};
use super::trail;
use crate::audit::{Action, Principal};
use crate::db::{StoreError, Txn};
use sea_orm::DbBackend;
use serde_json::json;
use std::time::Duration;
use toruk_sync::domain::auction::{Command, Outage, Status, after_outages, outages_from};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Auctions read in one query after an outage.
const PAGE: u64 = 100;
/// After a short outage, auctions that end this much later are looked at when they do. Longer than
/// any drain.
const LATER: TimeSpan = TimeSpan::minutes(10);
/// The largest error that a clock corrects by running slower or faster; a larger one would keep it
/// untrusted for longer than an outage may last.
const SLEWED_MAX: TimeSpan = TimeSpan::milliseconds(500);
/// Silence after which a clock that is wrong by more is set.
const SET_AFTER: Duration = Duration::from_secs(2);
/// Real time in which a node that starts sees if another one is alive: three beats.
const OTHERS_SEEN_AFTER: Duration = Duration::from_millis(1_500);

impl Service {
    /// Checks if the service was down until now, and stops the clock of each affected auction.
    /// Called before anything is answered or ticked. Returns how many it stopped.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`].
    pub async fn recover(&self) -> Result<usize, Error> {
        let db = self.context.db.read();
        let known = nodes::all(db).await?;
        let alive_at = known.iter().map(|node| node.alive_at).max();
        let mut stopped = 0;
        if let Some(alive_at) = alive_at
            && nodes::is_needed(db).await?
            && !self.is_another_alive(&known).await?
        {
            let now = self.context.ports.clock.now();
            stopped = self.record_outage(hull(alive_at, now, now), None).await?;
        }
        if self.is_alone() {
            let txn = self.context.db.begin().await?;
            for node in known {
                nodes::remove(&txn, node).await?;
            }
            self.context.db.commit(txn).await?;
        }
        self.heartbeat.sign(self.context.ports.clock.now());
        // The others wait for this node before it stamps anything.
        self.beat().await?;
        Ok(stopped)
    }

    /// Records a heartbeat while any auction takes bids; after a pause it first does the same as
    /// [`Self::recover`]. May be called at any time, by anyone. Returns how many clocks it stopped.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`]; the silence continues then.
    pub async fn record_heartbeat(&self) -> Result<usize, Error> {
        let silence = self.heartbeat.silence();
        let is_over = self.is_serving() || silence >= SILENCE_MAX;
        let must_set = silence >= SET_AFTER && self.clock_error() > SLEWED_MAX;
        let stopped = match self.heartbeat.has_paused() && (is_over || must_set) {
            true => self.account_for_pause().await?,
            false => 0,
        };
        self.beat().await?;
        Ok(stopped)
    }

    /// Records that this node has decided everything and stamps nothing more.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`]; the others will find out.
    pub async fn leave(&self) -> Result<(), Error> {
        self.beat().await?;
        let _one = self.beating.lock().await;
        if self.heartbeat.beats() == 0 {
            return Ok(());
        }
        let txn = self.context.db.begin().await?;
        let (_, failed) = self.stamps.decided_to();
        self.record_failures(&txn, &failed).await?;
        nodes::update(&txn, self.row(Node::LEFT)).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// The last sign of life of any node; `None` before the first one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn alive_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let known = nodes::all(self.context.db.read()).await?;
        Ok(known.iter().map(|node| node.alive_at).max())
    }

    /// Begins a writing transaction in which time may pass: no outage is left unhandled before it.
    ///
    /// # Errors
    /// [`Error::Busy`] if an outage can't be ruled out; [`Error::Store`].
    pub(super) async fn begin_after_outage_check(&self) -> Result<Txn, Error> {
        let txn = self.context.db.begin().await?;
        // Only now, because waiting for the writer was a part of the pause.
        if !self.heartbeat.has_paused() {
            return Ok(txn);
        }
        txn.rollback().await.map_err(StoreError::from)?;
        self.account_for_pause().await?;
        let txn = self.context.db.begin().await?;
        // A new pause: the caller tries again later.
        if self.heartbeat.has_paused() { Err(Error::Busy) } else { Ok(txn) }
    }

    /// Returns `true` while no auction closes before what this node stamped is decided.
    pub(super) fn is_waited_for(&self) -> bool {
        self.is_alone() || self.heartbeat.is_leased()
    }

    /// Records this node's beat, what it could not decide, and the nodes that have gone.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`].
    pub(super) async fn beat(&self) -> Result<(), Error> {
        let _one = self.beating.lock().await;
        let began = self.heartbeat.elapsed();
        if !nodes::is_needed(self.context.db.read()).await? {
            self.heartbeat.beaten(began, self.heartbeat.beats());
            self.heartbeat.sign(self.context.ports.clock.now());
            return Ok(());
        }
        let is_serving = self.is_serving();
        let txn = self.context.db.begin().await?;
        let (decided_to, failed) = self.stamps.decided_to();
        self.record_failures(&txn, &failed).await?;
        let mut own = self.row(decided_to);
        // A pause stays visible until it is accounted for, also one that keeps this beat waiting.
        let alive = self.heartbeat.elapsed();
        let is_alive = is_serving && !self.heartbeat.has_paused();
        if !is_alive {
            own.alive_at = self.heartbeat.sign_at();
        }
        if self.heartbeat.has_paused() {
            // What came meanwhile may not be read yet: no deadline in the pause is shown as passed.
            own.decided_to = own.decided_to.min(self.heartbeat.sign_at());
        }
        let is_new = own.beats == 1;
        if is_new || !nodes::update(&txn, own).await? {
            own.beats = 1;
            nodes::insert(&txn, own).await?;
        }
        if !is_new && own.beats == 1 {
            // The others have given up on what was stamped before.
            self.stamps.disown();
        }
        self.remove_gone(&txn, own).await?;
        self.context.db.commit(txn).await?;
        self.stamps.recorded(&failed);
        self.heartbeat.beaten(began, own.beats);
        if is_alive {
            self.heartbeat.signed((alive, own.alive_at));
        }
        Ok(())
    }

    /// Returns `true` if every node has decided what it stamped before `deadline`.
    pub(super) async fn is_decided(
        &self,
        txn: &Txn,
        deadline: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(nodes::all(txn).await?.iter().all(|node| node.decided_to >= deadline))
    }

    /// The suspension that stands in for the close of an auction, if outages took too much.
    pub(super) async fn outage_command(
        &self,
        txn: &Txn,
        locked: &LockedAuction,
    ) -> Result<Option<Command>, StoreError> {
        let auction = &locked.auction;
        let Some(from) = outages_from(auction) else { return Ok(None) };
        let outages = nodes::outages(txn, auction.birth.id, from).await?;
        let now = self.context.ports.clock.now();
        let now = outages.iter().map(|outage| outage.until).fold(now, Timestamp::max);
        Ok(after_outages(auction, &outages, now))
    }

    /// Suspends a locked auction after an outage, and commits.
    pub(super) async fn stop_after_outage(
        &self,
        txn: Txn,
        locked: LockedAuction,
        command: &Command,
    ) -> Result<(), Error> {
        let (id, before) = (locked.auction.birth.id, locked.auction.clone());
        let now = self.context.ports.clock.now();
        let locked = self.execute(&txn, locked, command, now).await?;
        let mut detail = trail::changed(&before, &locked);
        if let Command::Suspend { since, .. } = command {
            detail["alive_at"] = json!(since);
        }
        self.record(&txn, Principal::System, Action::AuctionOutage, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await?;
        metrics::counter!("toruk_outage_suspensions_total").increment(1);
        tracing::warn!(auction = %id, "stopped after an outage");
        Ok(())
    }

    /// Returns `true` if a bid that arrived now would be decided.
    fn is_serving(&self) -> bool {
        self.context.ports.clock.is_trusted() && self.bid_queue.is_kept_up()
    }

    /// Only one process opens SQLite's folder.
    fn is_alone(&self) -> bool {
        self.context.db.backend() == DbBackend::Sqlite
    }

    /// The distance of an untrusted clock from its authority.
    fn clock_error(&self) -> TimeSpan {
        let clock = &self.context.ports.clock;
        if clock.is_trusted() {
            return TimeSpan::ZERO;
        }
        TimeSpan((clock.authority() - clock.now()).0.abs())
    }

    /// This node's next row.
    fn row(&self, decided_to: Timestamp) -> Node {
        let alive_at = self.context.ports.clock.now();
        let beats = self.heartbeat.beats() + 1;
        Node { id: self.heartbeat.node, beats, alive_at, decided_to }
    }

    async fn record_failures(
        &self,
        txn: &Txn,
        failed: &std::collections::BTreeMap<AuctionId, Timestamp>,
    ) -> Result<(), StoreError> {
        let until = self.context.ports.clock.now();
        for (auction, since) in failed {
            let outage = Outage { since: *since, until, is_partial: false };
            let id = self.context.ports.ids.uuid();
            nodes::insert_outage(txn, id, outage, Some(*auction)).await?;
        }
        Ok(())
    }

    /// Removes the nodes that have left or gone. What a gone one stamped is not decided.
    async fn remove_gone(&self, txn: &Txn, own: Node) -> Result<(), StoreError> {
        let mut others = nodes::all(txn).await?;
        others.retain(|other| other.id != own.id);
        let gone = self.heartbeat.gone(&others);
        for other in others {
            let has_left = other.decided_to == Node::LEFT;
            // The last sign of life of any node stays known.
            let is_last = other.alive_at > own.alive_at;
            let stays = if has_left { is_last } else { !gone.contains(&other) };
            if stays {
                continue;
            }
            if nodes::remove(txn, other).await? && !has_left {
                tracing::warn!(node = %other.id, "a node has gone; its last bids are not decided");
                let (since, until) = (other.decided_to, own.alive_at.max(other.decided_to));
                let outage = Outage { since, until, is_partial: true };
                nodes::insert_outage(txn, self.context.ports.ids.uuid(), outage, None).await?;
            }
        }
        Ok(())
    }

    /// Returns `true` if another of these nodes beats.
    async fn is_another_alive(&self, known: &[Node]) -> Result<bool, StoreError> {
        if self.is_alone() {
            return Ok(false);
        }
        tokio::time::sleep(OTHERS_SEEN_AFTER).await;
        let again = nodes::all(self.context.db.read()).await?;
        Ok(again.iter().any(|node| !known.contains(node)))
    }

    /// Records the pause since the last sign of life as an outage, a partial one if another node was
    /// alive, and stops what it struck. A clock that is far from its authority's is then set to it.
    pub(super) async fn account_for_pause(&self) -> Result<usize, Error> {
        let clock = &self.context.ports.clock;
        let (silence, since) = (self.heartbeat.silence(), self.heartbeat.sign_at());
        let others = nodes::all(self.context.db.read()).await?;
        let others = others.iter().filter(|node| node.id != self.heartbeat.node);
        let since = others.map(|node| node.alive_at).fold(since, Timestamp::max);
        let now = clock.now();
        let must_set =
            !clock.is_trusted() && (silence >= SILENCE_MAX || self.clock_error() > SLEWED_MAX);
        let authority = if must_set { clock.authority() } else { now };
        let mut stopped = 0;
        // Another node whose last sign is in the last quarter of the pause goes on, and only what
        // this one was to read and decide had to wait.
        let sign_at = self.heartbeat.sign_at();
        let is_partial = (now - since).0 < (now - sign_at).0 / 4 * 3;
        let outage = match is_partial {
            true => Outage { is_partial, ..hull(sign_at, now, now) },
            false => hull(since, now, authority),
        };
        if nodes::is_needed(self.context.db.read()).await? {
            let due_by = outage.until + (outage.until - outage.since) + LATER;
            let due_by = (silence < SILENCE_MAX && !must_set).then_some(due_by);
            stopped = self.record_outage(outage, due_by).await?;
        }
        if must_set {
            tracing::error!(by_us = (authority - now).0, "the clock is set");
            clock.reset();
        }
        self.heartbeat.sign(clock.now());
        Ok(stopped)
    }

    /// Records an outage of all nodes, and stops the clock of each auction that it struck, of those
    /// whose clock is due by `due_by` if that is given.
    async fn record_outage(
        &self,
        outage: Outage,
        due_by: Option<Timestamp>,
    ) -> Result<usize, Error> {
        let txn = self.context.db.begin().await?;
        nodes::insert_outage(&txn, self.context.ports.ids.uuid(), outage, None).await?;
        self.context.db.commit(txn).await?;
        let (mut stopped, mut after) = (0, None);
        loop {
            let db = self.context.db.read();
            let page = nodes::running(db, after, due_by, PAGE).await?;
            for id in &page {
                match self.stop_if_struck(*id).await {
                    Ok(struck) => stopped += usize::from(struck),
                    Err(error) if error.is_refusal() => {}
                    // It can't be ticked either, and must not delay the others.
                    Err(
                        error
                        @ Error::Store(StoreError::Damaged { .. } | StoreError::Behind { .. }),
                    ) => {
                        tracing::error!(auction = %id, %error, "not checked after an outage");
                    }
                    Err(error) => return Err(error),
                }
            }
            after = page.last().copied();
            if (page.len() as u64) < PAGE {
                return Ok(stopped);
            }
        }
    }

    async fn stop_if_struck(&self, id: AuctionId) -> Result<bool, Error> {
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        if !matches!(locked.auction.status, Status::Waiting | Status::Bidding) {
            return Ok(false);
        }
        let Some(command) = self.outage_command(&txn, &locked).await? else { return Ok(false) };
        self.stop_after_outage(txn, locked, &command).await?;
        Ok(true)
    }
}

/// The outage from `since` until `now`, by a clock that its authority contradicts.
fn hull(since: Timestamp, now: Timestamp, authority: Timestamp) -> Outage {
    let (since, until) = (since.min(now).min(authority), since.max(now).max(authority));
    Outage { since, until, is_partial: false }
}
