//! A digest of the person's own rows: their number and a checksum, so that no loss goes unnoticed.
//!
//! SQLite notices a page that is inconsistent, and the seal a value that was changed. Neither
//! notices a page that lost a row and is still consistent. The digest is a sealed value, written in
//! the same transaction as every change of such rows.

use super::Table;
use super::seal::{HiddenName, TAG_BYTES};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The room of the digest in the sealed table; its only value has an empty name.
pub(super) const ROOM: &str = "ledger";

/// The tag at the end of a sealed value, unique to it.
pub(super) type Tag = Vec<u8>;

/// The rows of all tables, with the number of changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RowDigest {
    /// The number of changes so far; see [`super::commit_counter`].
    pub commits: u64,
    rooms: BTreeMap<String, TableDigest>,
}

/// The rows of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TableDigest {
    pub rows: u64,
    /// Exclusive or over the marks of all rows.
    pub sum: u64,
}

impl RowDigest {
    /// Adds a row of the table.
    pub fn add(&mut self, table: Table, name: &HiddenName, tag: &[u8]) {
        let sum = self.of_mut(table);
        sum.rows += 1;
        sum.sum ^= mark(table, name, tag);
    }

    /// Removes a row of the table.
    pub fn remove(&mut self, table: Table, name: &HiddenName, tag: &[u8]) {
        let sum = self.of_mut(table);
        sum.rows = sum.rows.saturating_sub(1);
        sum.sum ^= mark(table, name, tag);
    }

    /// Removes all rows of the table.
    pub fn clear(&mut self, table: Table) {
        self.rooms.remove(table.name());
    }

    /// The number and checksum of a table's rows.
    pub fn of(&self, table: Table) -> TableDigest {
        self.rooms.get(table.name()).copied().unwrap_or_default()
    }

    /// Returns `true` if both describe the same rows.
    pub fn agrees(&self, other: &Self) -> bool {
        Table::ALL.into_iter().all(|table| self.of(table) == other.of(table))
    }

    fn of_mut(&mut self, table: Table) -> &mut TableDigest {
        self.rooms.entry(table.name().to_owned()).or_default()
    }
}

/// The tag at the end of a sealed value.
pub(super) fn tag_of(sealed: &[u8]) -> &[u8] {
    sealed.split_at_checked(sealed.len().saturating_sub(TAG_BYTES)).map_or(&[], |(_, tag)| tag)
}

/// Pieces of files are marked by name only: their content is hashed in the draft that has them, and
/// reading each tag would mean reading all of it.
fn mark(table: Table, name: &HiddenName, tag: &[u8]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(name);
    if table != Table::Content {
        hash.update(tag);
    }
    let hash = hash.finalize();
    hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
