//! Advisory locks: they serialise transactions where there is no row to lock.
//!
//! # Why
//! On SQLite there is one writer, and all writes run one after another. On PostgreSQL transactions
//! run side by side at Read Committed: one that decides by what it reads locks a row first, in the
//! order that [`crate::db`] lists. The next free number of a sequence is no row; its lock is a
//! transaction-level advisory lock, which PostgreSQL releases at the end of the transaction.
//!
//! An advisory lock is taken last, or nearly: its holder waits for no row except the counters of
//! [`crate::db::change_counter`], and a transaction that holds a counter waits for no advisory
//! lock.

use super::error::StoreError;
use super::txn::Txn;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

/// All advisory locks, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdvisoryLock {
    /// For adding an organisation that is not known yet.
    Organisation = 1,
    /// For giving an auction its public number.
    AuctionNumber = 2,
    /// For appending to the audit trail.
    Audit = 3,
    /// For publishing a receipt key, or the fingerprint of `person.key`, before anything is served.
    ReceiptKey = 4,
    /// For making or changing the epoch of the data that phones pull.
    SyncEpoch = 5,
}

/// First half of the lock's key. It distinguishes these locks from those of other programs in the
/// same database: "toru" in ASCII.
const OURS: i32 = 0x746f_7275;

impl AdvisoryLock {
    /// Waits for the lock, which ends with the transaction. On SQLite the one writer has it anyway.
    ///
    /// # Errors
    /// [`StoreError`], also when the wait would never end.
    pub async fn acquire(self, txn: &Txn) -> Result<(), StoreError> {
        if txn.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let lock = "SELECT pg_advisory_xact_lock($1, $2)";
        let values = [OURS.into(), (self as i32).into()];
        txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, values)).await?;
        Ok(())
    }
}
