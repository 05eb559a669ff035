//! One suite for every store.

use crate::platform::SystemEntropy;
use crate::store::*;
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
fn the_file_shows_no_name_and_no_value_and_does_not_open_with_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1).unwrap();
    store.apply(&[put(Table::Draft, "auction-of-aigul", "Айгүл Төрөбекова")]).unwrap();
    drop(store);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for needle in ["Төрөбекова".as_bytes(), b"auction-of-aigul"] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle));
        }
    }
    let stranger = open(folder.path(), 2).unwrap();
    assert_eq!(stranger.get(Table::Draft, "a").unwrap(), None);
    let repairs: Vec<Repair> = read(&stranger, Table::Meta, REPAIRS).unwrap().unwrap();
    assert_eq!(repairs[0].cause, Cause::KeyLost);
    assert!(folder.path().join(&repairs[0].aside).exists(), "the file is kept");
}

#[test]
fn a_value_moved_to_another_name_does_not_open() {
    let seal = Seal::new(&[1; SEAL_KEY_BYTES], Arc::new(SystemEntropy));
    let (meta, draft) = (Table::Meta.name(), Table::Draft.name());
    let sealed = seal.seal(meta, "a", b"value").unwrap();
    let name = seal.hide(meta, "a");
    let opened = ("a".to_owned(), b"value".to_vec());
    assert_eq!(seal.open(meta, &name, &sealed), Some(opened));
    assert_eq!(seal.open(meta, &seal.hide(meta, "b"), &sealed), None);
    assert_eq!(seal.open(draft, &name, &sealed), None);
    assert_eq!(seal.open(meta, &name, &sealed[..10]), None);
}

#[test]
fn a_page_of_cards_is_the_same_in_every_store() {
    let card = |no: i64| {
        let value = serde_json::json!({
            "number": format!("TRK-{no}"), "title": { "ky": format!("Дүкөн {no}") },
            "kind": if no % 2 == 0 { "land" } else { "premises" },
            "settlement": if no % 3 == 0 { Some("Ош") } else { None },
            "status": if no % 5 == 0 { "awarded" } else { "tendering" }, "start": no / 4,
        });
        let row = serde_json::json!({ "s": "catalogue", "k": "card", "id": format!("{no:04}"),
                "seq": no, "v": value });
        put(Table::StagedCard, &format!("card/{no:04}"), &row.to_string())
    };
    let mut queries = vec![CardQuery::default(), CardQuery::default().with_text("дукон 1")];
    queries.push(CardQuery { lot_kinds: vec!["land".to_owned()], ..CardQuery::default() });
    queries.push(CardQuery {
        statuses: vec!["tendering".to_owned()],
        settlement: Some("Ош".to_owned()),
        soonest_first: true,
        ..CardQuery::default()
    });
    let mut pages = Vec::new();
    let pages_of = std::cell::RefCell::new(&mut pages);
    each(|store| {
        let mut writes: Vec<Write> = (0..60).map(card).collect();
        writes.push(put(Table::StagedCard, "other/x", r#"{"k":"other","id":"x","seq":1,"v":1}"#));
        store.apply(&writes).unwrap();
        assert!(store.cards(&CardQuery::default(), None, 9).unwrap().is_empty());
        store.apply(&[Write::PublishCards]).unwrap();
        assert_eq!(store.count_cards().unwrap().rows, 61);
        for query in &queries {
            let first = store.cards(query, None, 7).unwrap();
            let rest = store.cards(query, first.last().map(|row| &row.cursor), 100).unwrap();
            assert_eq!([first.clone(), rest].concat(), store.cards(query, None, 100).unwrap());
            pages_of.borrow_mut().push((store.count_cards().unwrap(), first));
        }
    });
    let (memory, sqlite) = pages.split_at(queries.len());
    assert_eq!(memory, sqlite);
    assert!(memory.iter().all(|(_, page)| page.len() == 7));
}
