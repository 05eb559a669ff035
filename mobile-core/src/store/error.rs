//! A failure of the store, by what the app can do about it.

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHORT_READ;

/// A failure to read or write the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full. Nothing was changed; the same call works when there is room again.
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
    /// The store was closed for good.
    #[error("the store is closed")]
    Closed,
    /// The file is not as it was written; [`super::Store::repair`] saves what can be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A value was not sealed with this key, or was moved or changed; also damage.
    #[error("a value of {table} does not open")]
    Sealed {
        /// The name of the value's table.
        table: &'static str,
    },
    /// A value that this version can't parse.
    #[error("a value of {table} is malformed: {source}")]
    Malformed {
        /// The name of the value's table.
        table: &'static str,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// There is no randomness to seal with.
    #[error("no entropy")]
    Entropy,
    /// Any other failure of the database.
    #[error("the database failed: {0}")]
    Database(rusqlite::Error),
    /// A file can't be created, moved or read.
    #[error("a file failed: {0}")]
    File(std::io::Error),
}

impl StoreError {
    /// Returns `true` if [`super::Store::repair`] can help.
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
                // A damaged header may declare the file read-only, or longer than it is.
                ErrorCode::ReadOnly => Self::Damaged(error.to_string()),
                _ if failure.extended_code == SQLITE_IOERR_SHORT_READ => {
                    Self::Damaged(error.to_string())
                }
                _ => Self::Database(error),
            },
            // A column does not have the type that was written.
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
