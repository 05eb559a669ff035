//! Repairing a damaged store: it is put aside, and everything that can still be opened moves into a
//! new one.
//!
//! Rows that the server has are not saved but pulled again. Rows that only this phone had are
//! checked against the digest, and missing ones are reported.

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

/// The key in [`Table::Meta`] of the repairs that the app has not acknowledged.
pub const REPAIRS: &str = "repairs";
/// The most repairs that are remembered; the oldest are dropped first.
const REPAIRS_MAX: usize = 8;

/// The reason why a store was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The file was damaged.
    Damaged,
    /// The key is lost or another one: nothing in the file can be read.
    KeyLost,
}

/// A report of a store that had to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// The reason for the repair.
    pub cause: Cause,
    /// The number of the person's own rows that were lost, by table.
    pub lost: BTreeMap<String, u64>,
    /// `true` if `lost` is complete; otherwise it is unknown what else was lost.
    pub is_certain: bool,
    /// The name of the file that was put aside.
    pub aside: String,
    /// `true` once its consequences were handled; see `engine::after_repair`.
    pub is_settled: bool,
}

impl Repair {
    /// The report for a file that can't be read because its key is lost.
    pub fn of_lost_key(aside: String) -> Self {
        let (cause, lost) = (Cause::KeyLost, BTreeMap::new());
        Self { cause, lost, is_certain: false, aside, is_settled: false }
    }

    /// Returns `true` if operations and their numbers may have been lost: then this phone must not
    /// continue under its device name.
    pub fn doubts_numbers(&self) -> bool {
        let counted = [Table::Meta, Table::Outbox, Table::Decided].map(Table::name);
        !self.is_certain || counted.iter().any(|table| self.lost.contains_key(*table))
    }
}

/// Creates a new store in place of a damaged one, from everything that can still be opened. If no
/// value can be opened, the key is another one.
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

/// The rows found on the pages.
#[derive(Default)]
struct SalvagedRows {
    digest: Option<RowDigest>,
    repairs: Vec<Repair>,
    /// The seals' tags of the person's own rows.
    tags: BTreeMap<(Table, HiddenName), Vec<u8>>,
    opened: u64,
    /// The number of rows that look like the store's but can't be opened.
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
            // An unfinished run of pulling starts over, and so does the catalogue.
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
                // The same number of rows, but different ones: a page is out of date.
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
