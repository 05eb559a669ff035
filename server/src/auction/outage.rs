//! Outages during an open window: the clock is stopped, and nothing is closed silently (§5.8).
//!
//! Each node records a heartbeat every second. A node that finds a gap stops the clock of each
//! auction whose bidders lost time in it, before any time passes: when it starts, and when it could
//! not write for [`SILENCE_MAX`] of real time. The last heartbeat of any node counts, so one node's
//! trouble is no outage.
//!
//! [`SILENCE_MAX`]: super::heartbeat::SILENCE_MAX

use super::service::{Error, Service};
use super::{store, trail};
use crate::audit::{Action, Principal};
use crate::db::{StoreError, Txn};
use serde_json::json;
use toruk_sync::domain::auction::after_outage;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;

/// Auctions read in one query after an outage.
const PAGE: u64 = 100;

impl Service {
    /// Checks if the service was down until now, and stops the clock of each affected auction.
    /// Called before anything is answered or ticked. Returns how many it stopped.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`].
    pub async fn recover(&self) -> Result<usize, Error> {
        let Some(alive_at) = self.alive_at().await? else {
            return Ok(0);
        };
        let stopped = self.stop_struck(alive_at).await?;
        self.heartbeat.beat();
        Ok(stopped)
    }

    /// Records a heartbeat while any auction takes bids; after a silence it first does the same as
    /// [`Self::recover`]. May be called at any time, by anyone. Returns how many clocks it stopped.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unknown`]; the silence continues then.
    pub async fn record_heartbeat(&self) -> Result<usize, Error> {
        if !store::heartbeat::is_needed(self.context.db.read()).await? {
            self.heartbeat.beat();
            return Ok(0);
        }
        let txn = self.context.db.begin().await?;
        // Only now, because waiting for the writer was a part of the silence.
        if !self.heartbeat.is_silent() {
            store::heartbeat::beat(&txn, self.context.ports.clock.now()).await?;
            self.context.db.commit(txn).await?;
            self.heartbeat.beat();
            return Ok(0);
        }
        txn.rollback().await.map_err(StoreError::from)?;
        let stopped = match self.alive_at().await? {
            Some(alive_at) => self.stop_struck(alive_at).await?,
            None => 0,
        };
        let txn = self.context.db.begin().await?;
        store::heartbeat::beat(&txn, self.context.ports.clock.now()).await?;
        self.context.db.commit(txn).await?;
        self.heartbeat.beat();
        Ok(stopped)
    }

    /// The last heartbeat of any node; `None` before the first one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn alive_at(&self) -> Result<Option<Timestamp>, StoreError> {
        store::heartbeat::alive_at(self.context.db.read()).await
    }

    /// Begins a writing transaction in which time may pass and bids may be decided: no outage is
    /// left unhandled before it.
    ///
    /// # Errors
    /// [`Error::Busy`] if an outage can't be ruled out; [`Error::Store`].
    pub(super) async fn begin_after_outage_check(&self) -> Result<Txn, Error> {
        let txn = self.context.db.begin().await?;
        if !self.heartbeat.is_silent() {
            return Ok(txn);
        }
        txn.rollback().await.map_err(StoreError::from)?;
        self.record_heartbeat().await?;
        let txn = self.context.db.begin().await?;
        // A new silence: the caller tries again later.
        if self.heartbeat.is_silent() { Err(Error::Busy) } else { Ok(txn) }
    }

    /// Stops the clock of each auction that lost time since `alive_at`.
    async fn stop_struck(&self, alive_at: Timestamp) -> Result<usize, Error> {
        let (mut stopped, mut after) = (0, None);
        loop {
            let page = store::heartbeat::running(self.context.db.read(), after, PAGE).await?;
            for id in &page {
                match self.stop_if_struck(*id, alive_at).await {
                    Ok(struck) => stopped += usize::from(struck),
                    Err(error) if error.is_refusal() => {}
                    // It can't be ticked either, and must not delay the others.
                    Err(error @ Error::Store(StoreError::Damaged { .. })) => {
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

    async fn stop_if_struck(&self, id: AuctionId, alive_at: Timestamp) -> Result<bool, Error> {
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let now = self.context.ports.clock.now();
        let Some(command) = after_outage(&locked.auction, alive_at, now) else {
            return Ok(false);
        };
        let before = locked.auction.clone();
        let locked = self.execute(&txn, locked, &command, now).await?;
        let mut detail = trail::changed(&before, &locked);
        detail["alive_at"] = json!(alive_at);
        self.record(&txn, Principal::System, Action::AuctionOutage, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await?;
        metrics::counter!("toruk_outage_suspensions_total").increment(1);
        tracing::warn!(auction = %id, "stopped after an outage");
        Ok(true)
    }
}
