//! A failure of the store, by what the app can do about it.

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHORT_READ;

/// The store can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room on the disk. Nothing was changed; the same works when there is room again.
    #[error("the disk is full")]
    Full,
    /// A newer app wrote this file. It is left as it is.
    #[error("the store has format {found}, of a newer app")]
    TooNew {
        /// The format of the file.
        found: u32,
    },
    /// Another process, or another core of this one, has the file.
    #[error("the store is in use")]
    InUse,
    /// It was closed for ever.
    #[error("the store is closed")]
    Closed,
    /// The file is not what was written; [`super::Store::repair`] saves what can be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A value that this key did not seal, or that was moved or changed: damage as well.
    #[error("a value of {table} does not open")]
    Sealed {
        /// Where.
        table: &'static str,
    },
    /// A value this version can't read.
    #[error("a value of {table} is malformed: {source}")]
    Malformed {
        /// Where.
        table: &'static str,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// There is no randomness to seal with.
    #[error("no entropy")]
    Entropy,
    /// The database failed otherwise.
    #[error("the database failed: {0}")]
    Database(rusqlite::Error),
    /// A file can't be made, moved or read.
    #[error("a file failed: {0}")]
    File(std::io::Error),
}

impl StoreError {
    /// Whether [`super::Store::repair`] is what helps.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Sealed { .. })
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        match &error {
            Sql::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::InUse,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Damaged(error.to_string())
                }
                // A header may say that the file is to be read only, or is longer than it is.
                ErrorCode::ReadOnly => Self::Damaged(error.to_string()),
                _ if failure.extended_code == SQLITE_IOERR_SHORT_READ => {
                    Self::Damaged(error.to_string())
                }
                _ => Self::Database(error),
            },
            // A column that is not what was put there.
            Sql::FromSqlConversionFailure(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::Utf8Error(..)
            | Sql::InvalidColumnType(..) => Self::Damaged(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::File(error),
        }
    }
}
