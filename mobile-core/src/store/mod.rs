//! Data that survives the process: a few tables of names and sealed values.
//!
//! Owns durability and nothing else. The engine decides what to write, as a list of [`Write`]s that
//! are applied all or none; it is the only writer, and a second process is refused.
//!
//! # Why names and values, not columns
//! Everything is read into memory at the start and looked up by name. Columns would reveal on the
//! disk what the values hide. Only the catalogue is different: see [`cards`].

mod card_table;
pub mod cards;
mod commit_counter;
mod error;
mod files;
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
mod table;
#[cfg(test)]
mod tests;
mod wal;
mod write;

pub use cards::{CardCursor, CardQuery, CardRow};
pub use error::StoreError;
pub use memory::MemoryStore;
pub use repair::{Cause, REPAIRS, Repair};
pub use schema::FORMAT;
pub use seal::{SEAL_KEY_BYTES, Seal};
pub use sqlite::SqliteStore;
pub use table::Table;
pub use write::Write;

use toruk_sync::protocol::pull::Digest;

/// A durable map of named values. All methods are short and may block on the disk.
pub trait Store: Send + Sync {
    /// The value under `key` in a table.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&self, table: Table, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// All values of a table, ordered by name.
    ///
    /// # Errors
    /// [`StoreError`].
    fn list(&self, table: Table) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// Applies all changes in order, or none. When it returns they survive a power failure.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed.
    fn apply(&self, writes: &[Write]) -> Result<(), StoreError>;

    /// The cards that match, after `after`, at most `limit`.
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

    /// Counts the catalogue in the same way as the server.
    ///
    /// # Errors
    /// [`StoreError`].
    fn count_cards(&self) -> Result<Digest, StoreError> {
        let values = self.list(Table::Card)?.into_iter().map(|(_, value)| value);
        Ok(cards::count(values))
    }

    /// Closes the file until the next use opens it again; if there is room, its log is written back
    /// first.
    ///
    /// # Errors
    /// [`StoreError`]; the file is closed even so, and nothing that was written is lost.
    fn suspend(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Closes the file for good: later calls fail with [`StoreError::Closed`].
    fn close(&self) {}

    /// Puts the damaged file aside and continues in a new one, with everything that can still be
    /// opened. The losses are listed under [`REPAIRS`] in [`Table::Meta`].
    ///
    /// # Errors
    /// [`StoreError`].
    fn repair(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Reads one JSON value; `None` if there is none.
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

/// Reads all JSON values of a table, ordered by name.
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
