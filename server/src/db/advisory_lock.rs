//! Turns: what one transaction at a time does, where there is no row to hold.
//!
//! # Why
//! On SQLite there is one writer, and everything is done in turn. On PostgreSQL transactions run
//! side by side at Read Committed: whoever reads in order to decide holds a row first, in the
//! order that [`crate::db`] lists. The next free number of a sequence is no row; its turn is a lock
//! of the transaction's, which PostgreSQL ends with it.
//!
//! A turn is taken last, or nearly: whoever has one waits for no row any more but the counters of
//! [`crate::db::change_counter`], and whoever holds a counter waits for no turn.

use super::error::StoreError;
use super::txn::Txn;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

/// The turns there are, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdvisoryLock {
    /// Naming an organisation that is not known yet.
    Organisation = 1,
    /// Giving an auction its public number.
    AuctionNumber = 2,
    /// Appending to the audit trail.
    Audit = 3,
    /// Making a receipt key known, before anything is served.
    ReceiptKey = 4,
    /// Making or changing the epoch of what phones pull.
    SyncEpoch = 5,
}

/// Distinguishes our locks from other programs' in the same database: "toruk" in ASCII's first
/// four letters.
const OURS: i32 = 0x746f_7275;

impl AdvisoryLock {
    /// Waits for the lock, which ends with the transaction. On SQLite the one writer has it already.
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
