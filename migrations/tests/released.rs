//! Released migrations stay as they are: a database that ran one never runs it again.

#![allow(clippy::unwrap_used, reason = "a test, with its helpers")]

use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The hashes of the released files, one a line as `sha256sum` prints them.
const RELEASED: &str = "tests/released.sha256";
/// Set, files that are new are appended to the list; changed ones never are.
const UPDATE: &str = "TORUK_UPDATE_GOLDEN";
/// A file that migrations use beside their own.
const SHARED: &str = "append_only.rs";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The hash of each migration's file, by its name.
fn present(sources: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(sources).unwrap().map(|file| file.unwrap());
    let named = files.map(|file| (file.file_name().into_string().unwrap(), file.path()));
    named
        .filter(|(name, _)| name.starts_with("m20") || name == SHARED)
        .map(|(name, path)| (name, hex::encode(Sha256::digest(std::fs::read(path).unwrap()))))
        .collect()
}

fn listed(list: &str) -> BTreeMap<String, String> {
    let lines = list.lines().map(|line| line.split_once("  ").unwrap());
    lines.map(|(hash, name)| (name.to_owned(), hash.to_owned())).collect()
}

/// The faults of the files by the list, and the lines that the list lacks.
fn faults(
    listed: &BTreeMap<String, String>,
    present: &BTreeMap<String, String>,
) -> (Vec<String>, String) {
    let (mut faults, mut new) = (Vec::new(), String::new());
    for (name, hash) in listed {
        match present.get(name) {
            Some(found) if found == hash => {}
            Some(_) => faults.push(format!(
                "{name} was released and has changed. Databases that ran it never run it again, so \
                 the change reaches only new ones: restore the file, and add a migration"
            )),
            None => faults.push(format!(
                "{name} was released and is gone. Databases that ran it name it, and refuse a \
                 program that does not know it: restore the file"
            )),
        }
    }
    for (name, hash) in present {
        if !listed.contains_key(name) {
            new.push_str(&format!("{hash}  {name}\n"));
        }
    }
    (faults, new)
}

#[test]
fn a_released_migration_is_never_edited() {
    let list = folder().join(RELEASED);
    let known = std::fs::read_to_string(&list).unwrap();
    let (faults, new) = faults(&listed(&known), &present(&folder().join("src")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    if !new.is_empty() && std::env::var_os(UPDATE).is_some() {
        std::fs::write(list, known + &new).unwrap();
        return;
    }
    assert!(new.is_empty(), "not in {RELEASED}; {UPDATE}=1 appends them:\n{new}");
}

#[test]
fn a_changed_a_removed_and_a_new_file_are_told_apart() {
    let files = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
        files.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned())).collect()
    };
    let released = files(&[("m1", "aa"), ("m2", "bb")]);
    for (present, faulty, new) in [
        (files(&[("m1", "aa"), ("m2", "bb")]), None, ""),
        (files(&[("m1", "aa"), ("m2", "bb"), ("m3", "cc")]), None, "cc  m3\n"),
        (files(&[("m1", "ab"), ("m2", "bb")]), Some("m1 was released and has changed"), ""),
        (files(&[("m1", "aa")]), Some("m2 was released and is gone"), ""),
    ] {
        let (faults, appended) = faults(&released, &present);
        assert_eq!(faults.len(), usize::from(faulty.is_some()));
        assert!(faulty.is_none_or(|faulty| faults[0].starts_with(faulty)), "{faults:?}");
        assert_eq!(appended, new);
    }
}
