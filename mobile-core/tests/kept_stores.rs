//! Stores written by earlier versions of the app: each opens, and no data of the person's is lost.

use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toruk_mobile_core::engine::Saved;
use toruk_mobile_core::platform::SystemEntropy;
use toruk_mobile_core::store::{
    CardQuery, FORMAT, REPAIRS, Repair, SEAL_KEY_BYTES, Seal, SqliteStore, Store, Table, read,
};

/// The key of all kept stores.
const KEY: [u8; SEAL_KEY_BYTES] = [7; SEAL_KEY_BYTES];

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores")
}

fn open(folder: &Path) -> SqliteStore {
    let seal = Seal::new(&KEY, Arc::new(SystemEntropy));
    SqliteStore::open(&folder.join("phone.db"), seal).unwrap()
}

/// A store of this format as a file, and the rows that it holds.
fn make(format: u32, folder: &Path) -> Map<String, Value> {
    let text = |name: &str| std::fs::read_to_string(samples().join(name)).unwrap();
    let connection = rusqlite::Connection::open(folder.join("phone.db")).unwrap();
    connection.execute_batch(&text(&format!("v{format}.sql"))).unwrap();
    serde_json::from_str(&text("rows.json")).unwrap()
}

/// A value in the form used by the samples.
fn shown(value: &[u8]) -> Value {
    let hex = || Value::String(format!("hex:{}", hex::encode(value)));
    serde_json::from_slice(value).unwrap_or_else(|_| hex())
}

#[test]
fn every_kept_store_opens_with_all_that_was_in_it() {
    for format in 1..=FORMAT {
        let folder = tempfile::tempdir().unwrap();
        let expected = make(format, folder.path());
        for round in 1..=2 {
            let store = open(folder.path());
            for table in Table::ALL {
                let rows = store.list(table).unwrap().into_iter();
                let rows: Map<String, Value> =
                    rows.map(|(key, value)| (key, shown(&value))).collect();
                let place = format!("format {format}, opening {round}, {}", table.name());
                assert_eq!(Value::from(rows), expected[table.name()], "{place}");
            }
            let saved = Saved::read(&store, true).unwrap();
            assert_eq!((saved.outbox.len(), saved.drafts.len(), saved.bids.len()), (3, 3, 3));
            assert_eq!((saved.outcomes.len(), saved.attention.len()), (2, 1));
            assert_eq!((saved.uploads.len(), saved.bases.len(), saved.staging.len()), (1, 1, 1));
            let cards = store.cards(&CardQuery::default().with_text("дукон"), None, 5).unwrap();
            assert_eq!(cards.len(), 5, "the catalogue is found by its columns");
            assert_eq!(store.get(Table::Meta, REPAIRS).unwrap(), None);
        }
    }
}

#[test]
fn a_damaged_store_of_the_first_format_keeps_its_operations() {
    let folder = tempfile::tempdir().unwrap();
    let expected = make(1, folder.path());
    let file = folder.path().join("phone.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..100].fill(0);
    std::fs::write(&file, bytes).unwrap();
    let store = open(folder.path());
    for table in [Table::Draft, Table::Outbox, Table::Attention, Table::Decided, Table::Bid] {
        let rows = store.list(table).unwrap().into_iter();
        let rows: Map<String, Value> = rows.map(|(key, value)| (key, shown(&value))).collect();
        assert_eq!(Value::from(rows), expected[table.name()], "{}", table.name());
    }
    let repairs: Vec<Repair> = read(&store, Table::Meta, REPAIRS).unwrap().unwrap();
    assert!(!repairs[0].is_certain, "it had no ledger");
}
