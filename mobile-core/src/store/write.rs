//! One change of the store, as the engine requests it.

use super::table::Table;

/// A change of one value, or of a whole table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets a value under a key.
    Put {
        /// The table of the value.
        table: Table,
        /// The value's key in its table.
        key: String,
        /// The value, in clear.
        value: Vec<u8>,
    },
    /// Removes a value; nothing happens when there is none.
    Delete {
        /// The table of the value.
        table: Table,
        /// The value's key in its table.
        key: String,
    },
    /// Removes all values of a table.
    Clear {
        /// The table to clear.
        table: Table,
    },
    /// Moves all of [`Table::StagedCard`] over [`Table::Card`]: an empty value removes the card of
    /// its name, any other replaces it.
    PublishCards,
}

impl Write {
    /// Sets `key` to `value` as JSON.
    pub fn json<T: serde::Serialize>(table: Table, key: impl Into<String>, value: &T) -> Self {
        // These types are plain data with text keys, which always encode as JSON.
        let value = serde_json::to_vec(value).unwrap_or_default();
        Self::Put { table, key: key.into(), value }
    }

    /// Removes the value under `key`.
    pub fn delete(table: Table, key: impl Into<String>) -> Self {
        Self::Delete { table, key: key.into() }
    }
}
