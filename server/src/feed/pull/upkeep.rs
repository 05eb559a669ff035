//! Periodic upkeep for pulls: the epoch, and removing outdated outcomes and removals.

use super::super::service::{Error, Service};
use super::super::store;
use crate::db::advisory_lock::AdvisoryLock;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::limits::{OUTCOME_DAYS, REMOVAL_DAYS};
use uuid::Uuid;

/// Most rows swept in one round.
const SWEPT_MAX: u64 = 1_000;

impl Service {
    /// Makes the epoch and the cookies' key at the first start of a database.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn begin_epoch(&self) -> Result<(), Error> {
        let (id, key) = (self.context.ports.ids.uuid(), self.context.ports.ids.secret());
        let txn = self.context.db.begin().await?;
        AdvisoryLock::SyncEpoch.acquire(&txn).await?;
        store::begin_epoch(&txn, id, key).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Marks this database as restored from a backup, for all phones: each downloads everything
    /// again and resends what it had delivered since. Returns the new epoch.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn new_epoch(&self) -> Result<Uuid, Error> {
        let id = self.context.ports.ids.uuid();
        let txn = self.context.db.begin().await?;
        AdvisoryLock::SyncEpoch.acquire(&txn).await?;
        store::renew_epoch(&txn, id).await?;
        self.context.db.commit(txn).await?;
        Ok(id)
    }

    /// Hides outcomes that nobody acknowledged in [`OUTCOME_DAYS`], and forgets removals after
    /// [`REMOVAL_DAYS`]; a bounded number of each. Returns how many.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn sweep(&self) -> Result<u64, Error> {
        let now = self.context.ports.clock.now();
        let db = self.context.db.read();
        let before = now - TimeSpan::days(OUTCOME_DAYS);
        let outcomes = store::old_outcomes(db, before, SWEPT_MAX).await?;
        let mut swept = outcomes.len() as u64;
        if !outcomes.is_empty() {
            let txn = self.context.db.begin().await?;
            for (person, id) in outcomes {
                store::forget_outcome(&txn, person, id);
            }
            self.context.db.commit(txn).await?;
        }
        let before = now - TimeSpan::days(REMOVAL_DAYS);
        for (scope, last) in store::old_removals(db, before, SWEPT_MAX).await? {
            // One scope at a time: a transaction that holds one counter waits for no other.
            let txn = self.context.db.begin().await?;
            swept += store::sweep(&txn, &scope, last).await?;
            self.context.db.commit(txn).await?;
        }
        Ok(swept)
    }
}
