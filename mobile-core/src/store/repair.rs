//! A damaged store: put aside, and everything that still opens is brought into a new one.
//!
//! What the server has is not brought along but pulled anew. What only this phone had is counted
//! against the ledger, and what is missing is said.

use super::commit_counter;
use super::files::{beside, file_name};
use super::pages;
use super::rebuild::{FileBuilder, next_aside, put_aside, replace_with_new};
use super::row_digest::{self, RowDigest, tag_of};
use super::seal::HiddenName;
use super::{Seal, StoreError, Table, wal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Under which name [`Table::Meta`] has the repairs of which the app was not yet heard that it knows.
pub const REPAIRS: &str = "repairs";
/// Repairs that are remembered; the oldest go first.
const REPAIRS_MAX: usize = 8;

/// Why a store was begun anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The file was damaged.
    Damaged,
    /// The key is gone, or another one: nothing of the file can be read.
    KeyLost,
}

/// What became of a store that could not be used as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Why.
    pub cause: Cause,
    /// Rows of the person's own that are lost, by table.
    pub lost: BTreeMap<String, u64>,
    /// Whether that is all; otherwise nobody knows what else there was.
    pub is_certain: bool,
    /// The name of the file that was put aside.
    pub aside: String,
    /// Whether what follows from it was done; see `engine::after_repair`.
    pub is_settled: bool,
}

impl Repair {
    /// A file that can't be read at all, as its key is not there.
    pub fn of_lost_key(aside: String) -> Self {
        let (cause, lost) = (Cause::KeyLost, BTreeMap::new());
        Self { cause, lost, is_certain: false, aside, is_settled: false }
    }

    /// Whether operations may have been lost with their numbers, so that this phone must not go on
    /// under its name.
    pub fn doubts_numbers(&self) -> bool {
        let counted = [Table::Meta, Table::Outbox, Table::Decided].map(Table::name);
        !self.is_certain || counted.iter().any(|table| self.lost.contains_key(*table))
    }
}

/// Makes a new store in the place of a damaged one, with everything of it that still opens. Where
/// not a single value does, the key is another one.
pub(super) fn salvage(file: &Path, seal: &Seal) -> Result<(), StoreError> {
    let mut builder = FileBuilder::begin(file, seal)?;
    let mut found = SalvagedRows::default();
    let log = beside(file, "-wal");
    let wal = wal::read(&log)?;
    pages::each_row(file, &log, wal, |raw| found.take(&raw, seal, &mut builder))?;
    let recorded = commit_counter::recorded(file);
    let repair = found.report(recorded);
    let before = found.digest.as_ref().map_or(0, |digest| digest.commits);
    builder.digest.commits = before.max(recorded) + 1;
    let mut repairs = std::mem::take(&mut found.repairs);
    let excess = (repairs.len() + 1).saturating_sub(REPAIRS_MAX);
    repairs.drain(..excess);
    let aside = file_name(&next_aside(file)?);
    repairs.push(Repair { aside, ..repair });
    let value = serde_json::to_vec(&repairs).unwrap_or_default();
    builder.put(Table::Meta, REPAIRS, &value)?;
    builder.finish()?;
    put_aside(file)?;
    replace_with_new(file)
}

/// What was read off the pages.
#[derive(Default)]
struct SalvagedRows {
    digest: Option<RowDigest>,
    repairs: Vec<Repair>,
    /// The ends of the person's own rows, as they stood.
    tags: BTreeMap<(Table, HiddenName), Vec<u8>>,
    opened: u64,
    /// Rows that look like ours and do not open.
    closed: u64,
}

impl SalvagedRows {
    fn take(
        &mut self,
        raw: &pages::RawRow,
        seal: &Seal,
        builder: &mut FileBuilder<'_>,
    ) -> Result<(), StoreError> {
        if raw.room == row_digest::ROOM {
            if let Some((_, value)) = seal.open(&raw.room, &raw.name, &raw.value) {
                self.opened += 1;
                self.digest = serde_json::from_slice(&value).ok();
            }
            return Ok(());
        }
        let Some(table) = Table::named(&raw.room) else { return Ok(()) };
        let Some((key, value)) = open(seal, raw) else {
            self.closed += 1;
            return Ok(());
        };
        self.opened += 1;
        if let Ok(hidden) = raw.name.as_slice().try_into()
            && table.is_own()
        {
            self.tags.insert((table, hidden), tag_of(&raw.value).to_vec());
        }
        if (table, key.as_str()) == (Table::Meta, REPAIRS) {
            self.repairs = serde_json::from_slice(&value).unwrap_or_default();
        }
        match table {
            // A run that did not end begins anew, and so does the catalogue.
            Table::Staging | Table::Card | Table::StagedCard => Ok(()),
            _ => builder.put(table, &key, &value),
        }
    }

    fn report(&self, recorded: u64) -> Repair {
        let is_key_lost = self.opened == 0 && self.closed > 0;
        let cause = if is_key_lost { Cause::KeyLost } else { Cause::Damaged };
        let mut now = RowDigest::default();
        self.tags.iter().for_each(|((table, name), tag)| now.add(*table, name, tag));
        let before = self.digest.clone().unwrap_or_default();
        let mut lost = BTreeMap::new();
        let mut is_certain = self.digest.as_ref().is_some_and(|digest| digest.commits >= recorded);
        for table in Table::ALL.into_iter().filter(|table| table.is_own()) {
            let (before, now) = (before.of(table), now.of(table));
            if before.rows > now.rows {
                lost.insert(table.name().to_owned(), before.rows - now.rows);
            } else {
                // As many, but others: a page is older than it should be.
                is_certain &= before == now;
            }
        }
        Repair { cause, lost, is_certain, aside: String::new(), is_settled: false }
    }
}

fn open(seal: &Seal, raw: &pages::RawRow) -> Option<(String, Vec<u8>)> {
    seal.open(&raw.room, &raw.name, &raw.value).or_else(|| {
        let key = std::str::from_utf8(&raw.name).ok()?;
        Some((key.to_owned(), seal.open_v1(&raw.room, key, &raw.value)?))
    })
}
