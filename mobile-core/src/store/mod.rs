//! What survives the process: a few tables of names and sealed values.
//!
//! Owns durability and nothing else. The engine decides what to write, as a list of [`Write`]s
//! that become true together; it is the only writer, and a second process is shut out.
//!
//! # Why names and values, not columns
//! Everything is read into memory at the start and looked up by name. Columns would show on the
//! disk what the values hide. The catalogue alone is another case: see [`cards`].

mod card_table;
pub mod cards;
mod commit_counter;
mod memory;
mod migrate;
mod pages;
mod rebuild;
mod repair;
mod row_digest;
mod rows;
mod schema;
mod seal;
mod sqlite;
#[cfg(test)]
mod tests;
mod wal;

pub use cards::{CardCursor, CardQuery, CardRow};
pub use memory::MemoryStore;
pub use repair::{Cause, REPAIRS, Repair};
pub use schema::FORMAT;
pub use seal::{SEAL_KEY_BYTES, Seal};
pub use sqlite::SqliteStore;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHORT_READ;
use toruk_sync::protocol::pull::Digest;

/// A room of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Single values: counters, the account, the device.
    Meta,
    /// Drafts by auction.
    Draft,
    /// Waiting operations by ticket.
    Outbox,
    /// Decided operations by number, until the app acknowledges them.
    Outcome,
    /// Files to upload, by hash.
    Blob,
    /// The files' bytes, by hash and chunk.
    Content,
    /// Bids by id.
    Bid,
    /// Attempts to pay, by auction and channel.
    Payment,
    /// What the server said last, for use without a connection.
    Cache,
    /// The newest head of each auction's log.
    History,
    /// What the server owns, row by row: see [`crate::engine::pull`].
    Row,
    /// Pages that came, until the last of them is there.
    Staging,
    /// The catalogue, by kind and auction; read when it is shown.
    Card,
    /// The catalogue's rows of pages that came. An empty value removes a card.
    StagedCard,
    /// Operations that were decided, by number, for a server that is restored from a backup.
    Decided,
    /// Operations that were refused, by ticket, until the person deals with them.
    Attention,
    /// Drafts as the server has them, by auction.
    Base,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Meta,
        Self::Draft,
        Self::Outbox,
        Self::Outcome,
        Self::Blob,
        Self::Content,
        Self::Bid,
        Self::Payment,
        Self::Cache,
        Self::History,
        Self::Row,
        Self::Staging,
        Self::Card,
        Self::StagedCard,
        Self::Decided,
        Self::Attention,
        Self::Base,
    ];

    /// Whether it holds what only this phone has: a copy of what the server has is fetched again,
    /// but of these no row may go without a word.
    pub fn is_own(self) -> bool {
        match self {
            Self::Meta
            | Self::Draft
            | Self::Outbox
            | Self::Outcome
            | Self::Blob
            | Self::Content
            | Self::Bid
            | Self::Payment
            | Self::History
            | Self::Decided
            | Self::Attention
            | Self::Base => true,
            Self::Cache | Self::Row | Self::Staging | Self::Card | Self::StagedCard => false,
        }
    }

    /// Whether its values are sealed; the catalogue's are what anybody may read.
    pub fn is_sealed(self) -> bool {
        !matches!(self, Self::Card | Self::StagedCard)
    }

    /// The table of that name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// The name on disk, also part of what is sealed: a value moved to another table does not open.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Draft => "draft",
            Self::Outbox => "outbox",
            Self::Outcome => "outcome",
            Self::Blob => "blob",
            Self::Content => "content",
            Self::Bid => "bid",
            Self::Payment => "payment",
            Self::Cache => "cache",
            Self::History => "history",
            Self::Row => "row",
            Self::Staging => "staging",
            Self::Card => "card",
            Self::StagedCard => "staged_card",
            Self::Decided => "decided",
            Self::Attention => "attention",
            Self::Base => "base",
        }
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets a value.
    Put {
        /// Where.
        table: Table,
        /// Under which name.
        key: String,
        /// The value.
        value: Vec<u8>,
    },
    /// Removes a value; nothing happens when there is none.
    Delete {
        /// Where.
        table: Table,
        /// Under which name.
        key: String,
    },
    /// Removes all values of a table.
    Clear {
        /// Where.
        table: Table,
    },
    /// Moves all of [`Table::StagedCard`] over [`Table::Card`]: an empty value removes the card
    /// of its name, any other replaces it.
    PublishCards,
}

impl Write {
    /// Sets `key` to `value` as JSON.
    pub fn json<T: serde::Serialize>(table: Table, key: impl Into<String>, value: &T) -> Self {
        // Our own types: plain data with text keys, which always is JSON.
        let value = serde_json::to_vec(value).unwrap_or_default();
        Self::Put { table, key: key.into(), value }
    }

    /// Removes `key`.
    pub fn delete(table: Table, key: impl Into<String>) -> Self {
        Self::Delete { table, key: key.into() }
    }
}

/// The store can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room on the disk. Nothing was changed; the same works when there is room again.
    #[error("the disk is full")]
    Full,
    /// A newer app wrote this file. It is left as it is.
    #[error("the store has format {found}, and this app knows {FORMAT}")]
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
    /// The file is not what was written; [`Store::repair`] saves what can be read.
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
    /// Whether [`Store::repair`] is what helps.
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

/// A durable map. All methods are short and may block on the disk.
pub trait Store: Send + Sync {
    /// The value under `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// All values of a table, in order of their names.
    ///
    /// # Errors
    /// [`StoreError`].
    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Makes all changes, in order, or none. When it returns they survive a power failure.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed.
    fn apply(&self, writes: &[Write]) -> Result<(), StoreError>;

    /// Cards of the catalogue that fit, from `after` on, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn cards(
        &self,
        query: &CardQuery,
        after: Option<&CardCursor>,
        limit: usize,
    ) -> Result<Vec<CardRow>, StoreError> {
        let values = self.list(Table::Card)?.into_iter().map(|(_, value)| value);
        Ok(cards::page(values, query, after, limit))
    }

    /// Counts the catalogue as the server does.
    ///
    /// # Errors
    /// [`StoreError`].
    fn count_cards(&self) -> Result<Digest, StoreError> {
        let values = self.list(Table::Card)?.into_iter().map(|(_, value)| value);
        Ok(cards::count(values))
    }

    /// Closes its file until the next use, which opens it again; where there is room, without a log
    /// beside it.
    ///
    /// # Errors
    /// [`StoreError`]; the file is closed all the same, and nothing that was written is lost.
    fn suspend(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Closes its file for ever: whatever still asks is answered [`StoreError::Closed`].
    fn close(&self) {}

    /// Puts the damaged file aside and goes on in a new one, with everything that still opens. What
    /// was lost stands under [`REPAIRS`] in [`Table::Meta`].
    ///
    /// # Errors
    /// [`StoreError`].
    fn repair(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Reads one JSON value.
///
/// # Errors
/// [`StoreError`].
pub fn read<T: serde::de::DeserializeOwned>(
    store: &dyn Store,
    table: Table,
    key: &str,
) -> Result<Option<T>, StoreError> {
    store.get(table, key)?.map(|value| parse(table, &value)).transpose()
}

/// Reads all JSON values of a table, in order of their names.
///
/// # Errors
/// [`StoreError`].
pub fn read_all<T: serde::de::DeserializeOwned>(
    store: &dyn Store,
    table: Table,
) -> Result<Vec<(String, T)>, StoreError> {
    let rows = store.list(table)?.into_iter();
    rows.map(|(key, value)| Ok((key, parse(table, &value)?))).collect()
}

fn parse<T: serde::de::DeserializeOwned>(table: Table, value: &[u8]) -> Result<T, StoreError> {
    let malformed = |source| StoreError::Malformed { table: table.name(), source };
    serde_json::from_slice(value).map_err(malformed)
}
