//! One suite for every store.

use super::*;
use crate::platform::SystemEntropy;
use std::path::Path;
use std::sync::Arc;

fn put(table: Table, key: &str, value: &str) -> Write {
    Write::Put { table, key: key.to_owned(), value: value.as_bytes().to_vec() }
}

fn open(folder: &Path, key: u8) -> Result<SqliteStore, StoreError> {
    let seal = Seal::new(&[key; SEAL_KEY_BYTES], Arc::new(SystemEntropy));
    SqliteStore::open(&folder.join("phone.db"), seal)
}

fn each(check: impl Fn(&dyn Store)) {
    check(&MemoryStore::default());
    let folder = tempfile::tempdir().unwrap();
    check(&open(folder.path(), 1).unwrap());
}

#[test]
fn a_value_is_read_back_replaced_and_removed() {
    each(|store| {
        assert_eq!(store.get(Table::Meta, "a").unwrap(), None);
        store.apply(&[put(Table::Meta, "a", "1"), put(Table::Meta, "a", "2")]).unwrap();
        assert_eq!(store.get(Table::Meta, "a").unwrap().unwrap(), b"2");
        assert_eq!(store.get(Table::Draft, "a").unwrap(), None);
        store.apply(&[Write::delete(Table::Meta, "a"), Write::delete(Table::Meta, "b")]).unwrap();
        assert_eq!(store.get(Table::Meta, "a").unwrap(), None);
    });
}

#[test]
fn a_table_is_listed_in_order_of_names_and_without_its_neighbours() {
    each(|store| {
        let writes = [
            put(Table::Outbox, "0000000010", "c"),
            put(Table::Outbox, "0000000009", "b"),
            put(Table::Blob, "0000000001", "x"),
        ];
        store.apply(&writes).unwrap();
        let names: Vec<_> =
            store.list(Table::Outbox).unwrap().into_iter().map(|(key, _)| key).collect();
        assert_eq!(names, ["0000000009", "0000000010"]);
    });
}

#[test]
fn an_empty_and_a_large_value_are_values() {
    each(|store| {
        let large = vec![7; 300_000];
        store
            .apply(&[
                put(Table::Content, "empty", ""),
                Write::Put { table: Table::Content, key: "large".into(), value: large.clone() },
            ])
            .unwrap();
        assert_eq!(store.get(Table::Content, "empty").unwrap().unwrap(), b"");
        assert_eq!(store.get(Table::Content, "large").unwrap().unwrap(), large);
    });
}

#[test]
fn staged_cards_replace_and_remove_cards_and_leave_the_others() {
    each(|store| {
        let cards = ["a", "b", "c"].map(|name| put(Table::Card, name, "old"));
        store.apply(&cards).unwrap();
        let staged = [
            put(Table::StagedCard, "b", "new"),
            put(Table::StagedCard, "c", ""),
            put(Table::StagedCard, "d", "new"),
            put(Table::StagedCard, "e", ""),
        ];
        store.apply(&staged).unwrap();
        let shown = || -> Vec<(String, Vec<u8>)> { store.list(Table::Card).unwrap() };
        assert_eq!(shown().len(), 3, "what is staged is not shown");
        store.apply(&[Write::PublishCards]).unwrap();
        let row = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        assert_eq!(shown(), [row("a", "old"), row("b", "new"), row("d", "new")]);
        assert!(store.list(Table::StagedCard).unwrap().is_empty());
        store.apply(&[put(Table::Meta, "a", "1"), Write::Clear { table: Table::Card }]).unwrap();
        assert!(shown().is_empty());
        assert!(store.get(Table::Meta, "a").unwrap().is_some());
    });
}

#[test]
fn what_was_written_is_there_after_the_process_died() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), 1).unwrap().apply(&[put(Table::Meta, "a", "kept")]).unwrap();
    assert_eq!(open(folder.path(), 1).unwrap().get(Table::Meta, "a").unwrap().unwrap(), b"kept");
}

#[test]
fn the_file_shows_no_value_and_does_not_open_with_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    store.apply(&[put(Table::Draft, "a", "Айгүл Төрөбекова")]).unwrap();
    drop(store);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let needle = "Төрөбекова".as_bytes();
        assert!(!bytes.windows(needle.len()).any(|window| window == needle));
    }
    let stranger = open(folder.path(), 2).unwrap();
    assert!(matches!(stranger.get(Table::Draft, "a"), Err(StoreError::Sealed { .. })));
}

#[test]
fn a_value_moved_to_another_name_does_not_open() {
    let seal = Seal::new(&[1; SEAL_KEY_BYTES], Arc::new(SystemEntropy));
    let sealed = seal.seal(Table::Meta, "a", b"value").unwrap();
    assert_eq!(seal.open(Table::Meta, "a", &sealed).unwrap(), b"value");
    assert!(seal.open(Table::Meta, "b", &sealed).is_err());
    assert!(seal.open(Table::Draft, "a", &sealed).is_err());
    assert!(seal.open(Table::Meta, "a", &sealed[..10]).is_err());
}
