//! Why a statement or a commit failed, by what its caller can do about it.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such row.
    #[error("not found")]
    NotFound,
    /// Another row has the same key.
    #[error("conflict")]
    Conflict,
    /// The commit failed in a way that leaves open whether it will be seen.
    #[error("the commit's outcome is not known")]
    Unknown(#[source] DbErr),
    /// A row does not hold what its type says: a defect, or a damaged database.
    #[error("a row of `{table}` can't be read: {reason}")]
    Damaged {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// Not now; nothing was written.
    #[error("the database is busy or away")]
    Busy(#[source] DbErr),
    /// Anything else.
    #[error("the database failed")]
    Database(#[source] DbErr),
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

/// SQLSTATEs of what goes by itself: a lock that could not be had in time, a circle of waiting, a
/// transaction that lost to another, too many connections, a server that starts or stops.
const PASSING: [&str; 8] = ["55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03", "25P03"];

/// Whether asking again later may succeed; nothing was written.
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
