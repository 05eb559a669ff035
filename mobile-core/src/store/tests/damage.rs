//! A store with everything in it, damaged in every way: it opens, and no loss of the person's own
//! rows goes unreported.

use crate::platform::SystemEntropy;
use crate::store::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The number of stores that are damaged.
const CASES: u64 = 120;
/// The number of rows in each of the person's own tables.
const ROWS: usize = 20;

type Rows = BTreeMap<(Table, String), Vec<u8>>;

/// A reproducible sequence of numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }
}

fn open(folder: &Path) -> SqliteStore {
    let seal = Seal::new(&[7; SEAL_KEY_BYTES], Arc::new(SystemEntropy));
    SqliteStore::open(&folder.join("phone.db"), seal).unwrap()
}

fn full() -> Rows {
    let mut chance = Chance(99);
    let mut rows = Rows::new();
    for table in Table::ALL {
        for no in 0..ROWS {
            let length = match table {
                Table::Content => 9_000,
                Table::StagedCard => 0,
                _ => chance.below(300),
            };
            let count = if table == Table::Content { 3 } else { ROWS };
            if no < count && table != Table::StagedCard {
                rows.insert((table, format!("{no:06}")), vec![no as u8; length.max(1)]);
            }
        }
    }
    rows
}

/// In memory if the system has that: a thousand stores wait long for a disk.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The file and its log, as a killed process leaves them.
fn files(rows: &Rows, is_killed: bool) -> Vec<(&'static str, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let writes: Vec<Write> = rows
        .iter()
        .map(|((table, key), value)| Write::Put {
            table: *table,
            key: key.clone(),
            value: value.clone(),
        })
        .collect();
    writes.chunks(9).for_each(|some| store.apply(some).unwrap());
    if !is_killed {
        store.suspend().unwrap();
    }
    let read = |name: &'static str| Some((name, std::fs::read(folder.path().join(name)).ok()?));
    ["phone.db", "phone.db-wal", "phone.db.commits"].into_iter().filter_map(read).collect()
}

/// Damages one of the files; returns a description.
fn damage(files: &mut [(&'static str, Vec<u8>)], chance: &mut Chance) -> String {
    let which = chance.below(files.len() * 4) % files.len();
    let (name, bytes) = &mut files[which];
    let at = match chance.below(4) {
        0 => chance.below(bytes.len().min(200)),
        _ => chance.below(bytes.len()),
    };
    let how = chance.below(5);
    match how {
        0 => bytes[at] ^= 1 << chance.below(8),
        1 => (at..bytes.len()).step_by(7_919).for_each(|at| bytes[at] ^= 0xff),
        2 => {
            let to = (at + 4_096).min(bytes.len());
            bytes[at..to].fill(0);
        }
        3 => {
            let (page, from) = (at / 4_096 * 4_096, chance.below(bytes.len()) / 4_096 * 4_096);
            let copied = bytes[from..(from + 4_096).min(bytes.len())].to_vec();
            let to = (page + copied.len()).min(bytes.len());
            bytes[page..to].copy_from_slice(&copied[..to - page]);
        }
        _ => bytes.truncate(at),
    }
    format!("{name}, {how} at {at} of {}", bytes.len())
}

/// All rows, with a repair if something can't be read; a second repair finds nothing to do.
fn read_through(store: &SqliteStore) -> Rows {
    let read = || -> Result<Rows, StoreError> {
        let mut rows = Rows::new();
        for table in Table::ALL {
            let found = store.list(table)?.into_iter();
            rows.extend(found.map(|(key, value)| ((table, key), value)));
        }
        Ok(rows)
    };
    match read() {
        Ok(rows) => rows,
        Err(error) => {
            assert!(error.is_damage(), "{error}");
            store.repair().unwrap();
            read().unwrap()
        }
    }
}

#[test]
fn however_a_store_is_damaged_it_opens_and_what_is_lost_is_told() {
    let whole = full();
    let own = |rows: &Rows| -> Rows {
        let is_counted = |(table, key): &&(Table, String)| {
            table.is_own() && (*table, key.as_str()) != (Table::Meta, REPAIRS)
        };
        let rows = rows.iter().filter(|(place, _)| is_counted(place));
        rows.map(|(place, value)| (place.clone(), value.clone())).collect()
    };
    let stores = [files(&whole, false), files(&whole, true)];
    let (mut repaired, mut complete, mut rows_lost) = (0, 0, 0);
    for case in 1..=CASES {
        let mut chance = Chance(case.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut files = stores[chance.below(2)].clone();
        let how = damage(&mut files, &mut chance);
        let folder = quick_folder();
        for (name, bytes) in &files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let store = open(folder.path());
        let found = read_through(&store);
        for (place, value) in &found {
            let is_report = place.1 == REPAIRS;
            assert!(is_report || whole.get(place) == Some(value), "case {case}: {how}: {place:?}");
        }
        let (had, has) = (own(&whole), own(&found));
        let repairs: Vec<Repair> = read(&store, Table::Meta, REPAIRS).unwrap().unwrap_or_default();
        let told: u64 = repairs.iter().flat_map(|repair| repair.lost.values()).sum();
        let lost = (had.len() - has.len()) as u64;
        if repairs.iter().all(|repair| repair.is_certain) {
            assert_eq!(told, lost, "case {case}: {how}");
        }
        assert!(told <= lost, "case {case}: {how}: told of {told} of {lost}");
        repaired += u64::from(!repairs.is_empty());
        complete += u64::from(!repairs.is_empty() && lost == 0);
        rows_lost += lost;
        // After that it is a store like any other.
        store.apply(&[Write::json(Table::Draft, "after", &1)]).unwrap();
        drop(store);
        assert_eq!(read_through(&open(folder.path())).len(), found.len() + 1, "case {case}: {how}");
    }
    assert!(repaired > CASES / 4 && complete > CASES / 20, "{repaired} {complete} {rows_lost}");
    println!("{repaired} of {CASES} repaired, {complete} without loss, {rows_lost} rows lost");
}
