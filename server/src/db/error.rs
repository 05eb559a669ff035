//! Failures of statements and commits, sorted by how a caller can react.

use crate::disk::DiskFull;
use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use uuid::Uuid;

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row does not exist.
    #[error("not found")]
    NotFound,
    /// Another row has the same key.
    #[error("conflict")]
    Conflict,
    /// The commit failed, and it is not known whether its changes will be visible.
    #[error("the commit's outcome is not known")]
    Unknown(#[source] DbErr),
    /// A row does not hold what its type says: a defect, or a damaged database.
    #[error("a row of `{table}` can't be read: {reason}")]
    Damaged { table: &'static str, reason: String },
    /// A log is shorter than this server has committed it, or another one: the database has lost
    /// records.
    #[error("auction {auction} has {found} records, and had {known} or others")]
    Behind { auction: Uuid, known: u64, found: u64 },
    /// The database was busy or unreachable; nothing was written.
    #[error("the database is busy or away")]
    Busy(#[source] DbErr),
    /// Any other failure of a statement.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DiskFull> for StoreError {
    fn from(full: DiskFull) -> Self {
        Self::Busy(DbErr::Custom(full.to_string()))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Conflict,
            _ if is_passing(&error) => Self::Busy(error),
            _ => Self::Database(error),
        }
    }
}

/// SQLSTATEs of passing failures: a lock timeout, a deadlock, a serialisation failure, too many
/// connections, a server that starts or stops.
const PASSING: [&str; 8] = ["55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03", "25P03"];

/// Returns `true` if a later attempt may succeed; nothing was written.
fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
            SqlxError::Database(cause) => {
                cause.code().is_some_and(|code| PASSING.contains(&code.as_ref()))
            }
            SqlxError::Io(_) | SqlxError::PoolTimedOut => true,
            _ => false,
        },
        _ => false,
    }
}

impl StoreError {
    /// For `map_err` on what a row's JSON column holds.
    pub fn damaged<E: std::fmt::Display>(table: &'static str) -> impl FnOnce(E) -> Self {
        move |reason| Self::Damaged { table, reason: reason.to_string() }
    }
}
