//! How many rows there are of what is the person's own, and which: so that none can go missing
//! without a word.
//!
//! SQLite notices a page that makes no sense, and the seal a value that was touched. Neither
//! notices a page that lost a row and still makes sense. The ledger is a sealed value, written with
//! every change of such rows, in the same transaction.

use super::Table;
use super::seal::{HiddenName, TAG_BYTES};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The room of the ledger; it has one value, of an empty name.
pub(super) const ROOM: &str = "ledger";

/// The end of a sealed value, which nobody makes twice.
pub(super) type Tag = Vec<u8>;

/// What there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RowDigest {
    /// Changes so far; see [`super::commit_counter`].
    pub commits: u64,
    rooms: BTreeMap<String, TableDigest>,
}

/// Rows of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TableDigest {
    pub rows: u64,
    /// Exclusive or over their names and tags.
    pub sum: u64,
}

impl RowDigest {
    /// A row is there now.
    pub fn add(&mut self, table: Table, name: &HiddenName, tag: &[u8]) {
        let sum = self.of_mut(table);
        sum.rows += 1;
        sum.sum ^= mark(table, name, tag);
    }

    /// A row is not there any more.
    pub fn remove(&mut self, table: Table, name: &HiddenName, tag: &[u8]) {
        let sum = self.of_mut(table);
        sum.rows = sum.rows.saturating_sub(1);
        sum.sum ^= mark(table, name, tag);
    }

    /// No row of a table is.
    pub fn clear(&mut self, table: Table) {
        self.rooms.remove(table.name());
    }

    /// What there is of a table.
    pub fn of(&self, table: Table) -> TableDigest {
        self.rooms.get(table.name()).copied().unwrap_or_default()
    }

    /// Whether both say the same.
    pub fn agrees(&self, other: &Self) -> bool {
        Table::ALL.into_iter().all(|table| self.of(table) == other.of(table))
    }

    fn of_mut(&mut self, table: Table) -> &mut TableDigest {
        self.rooms.entry(table.name().to_owned()).or_default()
    }
}

/// The end of a sealed value.
pub(super) fn tag_of(sealed: &[u8]) -> &[u8] {
    sealed.split_at_checked(sealed.len().saturating_sub(TAG_BYTES)).map_or(&[], |(_, tag)| tag)
}

/// A file's pieces are counted by their names: their content is hashed by the draft that has them,
/// and reading the end of each would read all of it.
fn mark(table: Table, name: &HiddenName, tag: &[u8]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(name);
    if table != Table::Content {
        hash.update(tag);
    }
    let hash = hash.finalize();
    hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
