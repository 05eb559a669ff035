//! Notices to all participants of an auction, until they are one for each; and the end of rows that
//! are done.

use super::notice::{GroupNotice, PersonNotice};
use super::service::Service;
use super::store;
use super::store::groups::{self, DueGroup};
use crate::db::ledger::LedgerTxn;
use crate::db::{StoreError, Txn};
use toruk_sync::domain::id::{BidderNo, PersonId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Notices are kept this long after they have expired: to answer who was told what, and when.
const NOTICE_KEPT: TimeSpan = TimeSpan::days(90);
/// Finished pushes are kept this long.
const DONE_KEPT: TimeSpan = TimeSpan::days(30);
/// Most rows that one sweep removes.
const SWEPT_AT_ONCE: u64 = 500;

impl Service {
    /// As [`Self::enqueue`], for all participants of an auction but one: [`Self::next_group`] finds
    /// it when it is due.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue_group(
        &self,
        txn: &Txn,
        notice: &GroupNotice,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let at = at.unwrap_or_else(|| self.context.ports.clock.now());
        groups::insert(txn, self.context.ports.ids.uuid(), notice, at).await?;
        self.enqueued.notify_one();
        Ok(())
    }

    /// As [`Self::enqueue_group`], of a notice that follows from a bid, on SQLite.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn enqueue_group_on_ledger(
        &self,
        txn: &LedgerTxn<'_>,
        notice: &GroupNotice,
    ) -> Result<(), StoreError> {
        let at = self.context.ports.clock.now();
        store::ledger::insert_group(txn, self.context.ports.ids.uuid(), notice, at)?;
        self.enqueued.notify_one();
        Ok(())
    }

    /// Returns `true` if a notice to a group is due.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_group(&self, now: Timestamp) -> Result<bool, StoreError> {
        groups::has_due(self.context.db.read(), now).await
    }

    /// The first due notice to a group, locked; no other node has it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_group(
        &self,
        txn: &Txn,
        now: Timestamp,
    ) -> Result<Option<DueGroup>, StoreError> {
        groups::lock_due(txn, now).await
    }

    /// Enqueues a group's notice to these of its people, and records the number up to which that
    /// is done; `None`: all of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn make_of_group(
        &self,
        txn: &Txn,
        group: &DueGroup,
        people: &[PersonId],
        made_to: Option<BidderNo>,
    ) -> Result<(), StoreError> {
        let GroupNotice { kind, auction, seq, expires_at, .. } = group.notice;
        let notice =
            |person: &PersonId| PersonNotice { person: *person, kind, auction, seq, expires_at };
        let notices: Vec<_> = people.iter().map(notice).collect();
        self.enqueue(txn, &notices, None).await?;
        groups::proceed(txn, group, made_to, self.context.ports.clock.now()).await
    }

    /// Removes pushes that were finished, and notices that expired, long ago. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep(&self) -> Result<u64, StoreError> {
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        let pushes = store::sweep(&txn, now - DONE_KEPT, SWEPT_AT_ONCE).await?;
        let notices = store::sweep_notices(&txn, now - NOTICE_KEPT, SWEPT_AT_ONCE).await?;
        self.context.db.commit(txn).await?;
        Ok(pushes + notices)
    }
}
