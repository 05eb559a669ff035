//! The file on a phone: full, in use, suspended, of another version.

use crate::platform::SystemEntropy;
use crate::store::*;
use std::path::Path;
use std::sync::Arc;

fn open(folder: &Path) -> Result<SqliteStore, StoreError> {
    let seal = Seal::new(&[1; SEAL_KEY_BYTES], Arc::new(SystemEntropy));
    SqliteStore::open(&folder.join("phone.db"), seal)
}

fn put(key: &str, value: &str) -> Write {
    Write::Put { table: Table::Draft, key: key.to_owned(), value: value.as_bytes().to_vec() }
}

#[test]
fn a_full_disk_loses_nothing_and_works_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.apply(&[put("a", "kept")]).unwrap();
    store.fill_up(true);
    let large = "x".repeat(100_000);
    for _ in 0..3 {
        let refused = store.apply(&[put("a", "changed"), put("b", &large)]);
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
        assert_eq!(store.get(Table::Draft, "a").unwrap().unwrap(), b"kept");
    }
    store.suspend().unwrap();
    assert_eq!(store.list(Table::Draft).unwrap().len(), 1);
    store.fill_up(false);
    store.apply(&[put("b", &large)]).unwrap();
    drop(store);
    let store = open(folder.path()).unwrap();
    assert_eq!(store.list(Table::Draft).unwrap().len(), 2);
    assert_eq!(store.get(Table::Meta, REPAIRS).unwrap(), None);
}

#[test]
fn a_store_of_a_newer_app_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).unwrap().apply(&[put("a", "kept")]).unwrap();
    let file = folder.path().join("phone.db");
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 9).unwrap();
    drop(newer);
    let before = std::fs::read(&file).unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::TooNew { found: 9 })));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(!folder.path().join("phone.db.aside-1").exists());
}

#[test]
fn a_file_of_another_program_is_put_aside_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("phone.db"), b"not a database at all, but a text").unwrap();
    let store = open(folder.path()).unwrap();
    let repairs: Vec<Repair> = read(&store, Table::Meta, REPAIRS).unwrap().unwrap();
    assert!(!repairs[0].is_certain && repairs[0].cause == Cause::Damaged);
    assert!(folder.path().join("phone.db.aside-1").exists());
}

#[test]
fn a_second_owner_is_shut_out_until_the_first_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).unwrap();
    first.apply(&[put("a", "kept")]).unwrap();
    assert!(matches!(open(folder.path()), Err(StoreError::InUse)));
    first.suspend().unwrap();
    let second = open(folder.path()).unwrap();
    assert_eq!(second.get(Table::Draft, "a").unwrap().unwrap(), b"kept");
}

#[test]
fn a_suspended_store_is_one_closed_file_until_it_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.apply(&[put("a", "kept")]).unwrap();
    assert!(folder.path().join("phone.db-wal").exists());
    store.suspend().unwrap();
    store.suspend().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "the store and its witness");
    assert_eq!(store.get(Table::Draft, "a").unwrap().unwrap(), b"kept");
    store.apply(&[put("b", "kept")]).unwrap();
    store.close();
    store.suspend().unwrap();
    assert!(matches!(store.apply(&[put("c", "lost")]), Err(StoreError::Closed)));
    assert!(matches!(store.repair(), Err(StoreError::Closed)));
    assert_eq!(open(folder.path()).unwrap().list(Table::Draft).unwrap().len(), 2);
}

#[test]
fn at_most_three_damaged_files_are_kept_and_all_go_when_the_store_is_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        std::fs::write(folder.path().join("phone.db"), b"garbage").unwrap();
        open(folder.path()).unwrap();
    }
    let names = || -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let kept = ["", ".aside-3", ".aside-4", ".aside-5", ".commits"];
    assert_eq!(names(), kept.map(|end| format!("phone.db{end}")));
    SqliteStore::destroy(&folder.path().join("phone.db")).unwrap();
    assert!(names().is_empty());
}

#[test]
fn a_new_file_that_was_not_finished_is_begun_again_and_a_finished_one_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (file, new) = (folder.path().join("phone.db"), folder.path().join("phone.db.new"));
    std::fs::write(&new, b"").unwrap();
    open(folder.path()).unwrap().apply(&[put("a", "kept")]).unwrap();
    assert!(!new.exists());
    // The state after a repair that died between its two renames.
    std::fs::rename(&file, &new).unwrap();
    assert_eq!(open(folder.path()).unwrap().get(Table::Draft, "a").unwrap().unwrap(), b"kept");
    std::fs::copy(&file, &new).unwrap();
    std::fs::write(&file, b"damaged").unwrap();
    assert_eq!(open(folder.path()).unwrap().get(Table::Draft, "a").unwrap().unwrap(), b"kept");
}

#[test]
fn the_sqlite_inside_is_the_one_that_was_tried() {
    // 3.51.3 is the first without the bug that loses commits when a log is reset.
    assert_eq!(rusqlite::version(), "3.51.3");
}

#[test]
fn a_log_that_was_deleted_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).unwrap();
    store.apply(&[put("a", "kept")]).unwrap();
    store.suspend().unwrap();
    let before = std::fs::read(folder.path().join("phone.db")).unwrap();
    store.apply(&[put("b", "lost")]).unwrap();
    drop(store);
    std::fs::write(folder.path().join("phone.db"), before).unwrap();
    let store = open(folder.path()).unwrap();
    assert_eq!(store.get(Table::Draft, "a").unwrap().unwrap(), b"kept");
    let repairs: Vec<Repair> = read(&store, Table::Meta, REPAIRS).unwrap().unwrap();
    assert!(!repairs[0].is_certain && repairs[0].lost.is_empty());
    drop(store);
    let store = open(folder.path()).unwrap();
    assert_eq!(read::<Vec<Repair>>(&store, Table::Meta, REPAIRS).unwrap().unwrap().len(), 1);
}
