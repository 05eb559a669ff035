//! One change of the store, as the engine asks for it.

use super::table::Table;

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
