//! A writing transaction that records which of the rows it changes are pulled by phones.

use super::change_counter::{ChangedRows, SyncScope};
use super::error::StoreError;
use super::ledger::Turn;
use super::witness::{LogHead, Witness};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use uuid::Uuid;

/// A writing transaction. Dropped without [`commit`](super::Db::commit), it is rolled back.
pub struct Txn {
    pub(super) inner: DatabaseTransaction,
    pub(super) touched: Mutex<ChangedRows>,
    /// Logs that were appended to.
    pub(super) grown: Mutex<Vec<(Uuid, LogHead)>>,
    pub(super) witness: Arc<OnceLock<Witness>>,
    /// After `inner`, so that it is dropped after it: the right to write to SQLite.
    pub(super) turn: Option<Turn>,
}

impl Txn {
    /// Records that a row that phones pull was changed: it gets its scope's next number when the
    /// transaction commits. Takes no lock.
    pub fn touch(&self, scope: SyncScope, kind: &'static str, id: impl ToString) {
        self.note(scope, kind, id.to_string(), false);
    }

    /// As [`Self::touch`], for a row that was removed.
    pub fn forget(&self, scope: SyncScope, kind: &'static str, id: impl ToString) {
        self.note(scope, kind, id.to_string(), true);
    }

    /// Records that an auction's log has grown to this head.
    pub fn grown(&self, auction: Uuid, head: LogHead) {
        self.grown.lock().unwrap_or_else(PoisonError::into_inner).push((auction, head));
    }

    /// Passes if an auction's log, as found in this transaction, has lost nothing that this server
    /// has committed.
    ///
    /// # Errors
    /// [`StoreError::Behind`].
    pub fn check_log(&self, auction: Uuid, found: LogHead) -> Result<(), StoreError> {
        self.witness.get().map_or(Ok(()), |witness| witness.check(auction, found))
    }

    /// Rolls the transaction back.
    ///
    /// # Errors
    /// [`DbErr`]; nothing was written in this case either.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.inner.rollback().await
    }

    fn note(&self, scope: SyncScope, kind: &'static str, id: String, deleted: bool) {
        // A poisoned lock is safe to use: every section leaves the data consistent.
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        touched.note(scope, kind, id, deleted);
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Txn {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}
