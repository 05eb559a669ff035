//! What survives the process: a few tables of names and sealed values.
//!
//! Owns durability and nothing else. The engine decides what to write, as a list of [`Write`]s
//! that become true together; it is the only writer, so there is no lock between processes.
//!
//! # Why names and values, not columns
//! Everything is read into memory at the start and looked up by name. Columns would show on the
//! disk what the values hide.

mod memory;
mod seal;
mod sqlite;

pub use memory::MemoryStore;
pub use seal::{SEAL_KEY_BYTES, Seal};
pub use sqlite::SqliteStore;

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

    /// The name that is sealed into a value. A staged card is a card already: moving a whole
    /// catalogue must not mean to seal it again.
    fn sealed_as(self) -> &'static str {
        match self {
            Self::StagedCard => Self::Card.name(),
            table => table.name(),
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
        /// Under which name; names are not sealed and must tell nothing.
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
    /// The disk or the database.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A value that this key did not seal, or that was moved or changed.
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
    /// The folder can't be made.
    #[error("the folder can't be made: {0}")]
    Folder(#[from] std::io::Error),
}

impl StoreError {
    /// Whether the disk has no room left.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Database(error) => {
                error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            }
            Self::Folder(error) => error.kind() == std::io::ErrorKind::StorageFull,
            Self::Sealed { .. } | Self::Malformed { .. } => false,
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

    /// Closes its files until the next use, which opens them again.
    ///
    /// # Errors
    /// [`StoreError`].
    fn suspend(&self) -> Result<(), StoreError>;
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

#[cfg(test)]
mod conformance;
