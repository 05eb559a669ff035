//! Files of the phone's data that are gone, emptied or another's: the app is told, as of any other
//! damage, and nothing else is lost.

use crate::store_life::{StoredPhone, account, answer, answers};
use std::path::Path;
use std::sync::Arc;
use toruk_mobile_core::Core;
use toruk_mobile_core::platform::{SecureStore as _, SystemEntropy};
use toruk_mobile_core::store::{Seal, SqliteStore, Store as _, Table, Write};

/// Removes a file of a store, and with `all` those beside it.
fn remove(file: &Path, all: bool) {
    for end in ["", "-wal", "-shm", ".commits"] {
        let name = format!("{}{end}", file.display());
        if end.is_empty() || all {
            let _ = std::fs::remove_file(name);
        }
    }
}

fn others_file(file: &Path) {
    remove(file, true);
    let seal = Seal::new(&[8; 32], Arc::new(SystemEntropy));
    let other = SqliteStore::open(file, seal).unwrap();
    other.apply(&[Write::json(Table::Draft, "a", &1)]).unwrap();
}

type Damage = fn(&Path);

/// Each damage of the folder; `true` if it hits the account's own file.
const DAMAGES: [(&str, Damage, bool); 9] = [
    ("the account's file is deleted", |folder| remove(&account(folder), false), true),
    ("all files of the account are deleted", |folder| remove(&account(folder), true), true),
    (
        "the folder of accounts is deleted",
        |folder| std::fs::remove_dir_all(folder.join("accounts")).unwrap(),
        true,
    ),
    ("the account's file is emptied", |folder| std::fs::write(account(folder), "").unwrap(), true),
    (
        "all files of the account are emptied",
        |folder| {
            remove(&account(folder), true);
            std::fs::write(account(folder), "").unwrap();
        },
        true,
    ),
    ("the account's file is another's", |folder| others_file(&account(folder)), true),
    ("the list of accounts is deleted", |folder| remove(&folder.join("phone.db"), false), false),
    ("all of the list is deleted", |folder| remove(&folder.join("phone.db"), true), false),
    (
        "everything is deleted",
        |folder| {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => std::fs::remove_dir_all(path).unwrap(),
                    false => std::fs::remove_file(path).unwrap(),
                }
            }
        },
        true,
    ),
];

fn prepared(folder: &Path) -> (Arc<StoredPhone>, Arc<Core>) {
    let phone = StoredPhone::signed_in(folder, 0);
    let core = phone.open(folder).unwrap();
    answer(&core, "phone", "+996 555 000001").unwrap();
    assert!(core.store_repairs().unwrap().is_empty());
    (phone, core)
}

fn check(phone: &StoredPhone, core: &Core, how: &str, is_own: bool) {
    phone.hears_of_a_repair();
    let repairs = core.store_repairs().unwrap();
    assert_eq!(repairs.len(), 1, "{how}");
    assert!(!repairs[0].certain, "{how}: it is unknown what was lost");
    if is_own {
        assert!(!core.overview().signed_in, "{how}: numbers of operations are in doubt");
    } else {
        assert!(core.overview().signed_in, "{how}: the account is whole");
        assert_eq!(answers(core)["phone"], "+996555000001", "{how}");
        assert_eq!(core.accounts().unwrap().len(), 1, "{how}");
    }
}

#[test]
fn a_file_that_is_gone_or_empty_or_of_another_is_reported_until_the_person_knows() {
    for (how, damage, is_own) in DAMAGES {
        let folder = tempfile::tempdir().unwrap();
        let (phone, core) = prepared(folder.path());
        core.close();
        drop(core);
        damage(folder.path());
        for _ in 0..2 {
            let core = phone.open(folder.path()).unwrap();
            check(&phone, &core, how, is_own);
            core.close();
        }
        let core = phone.open(folder.path()).unwrap();
        core.acknowledge_store_repairs().unwrap();
        core.close();
        let core = phone.open(folder.path()).unwrap();
        assert!(core.store_repairs().unwrap().is_empty(), "{how}");
        core.close();
    }
}

#[tokio::test]
async fn a_file_that_is_gone_while_the_app_sleeps_is_reported_when_it_wakes() {
    for (how, damage, is_own) in DAMAGES.into_iter().filter(|(_, _, is_own)| *is_own) {
        let folder = tempfile::tempdir().unwrap();
        let (phone, core) = prepared(folder.path());
        core.suspend(0).await.unwrap();
        damage(folder.path());
        core.resume(false).unwrap();
        phone.hears_of_a_repair();
        let repairs = core.store_repairs().unwrap();
        assert!(repairs.iter().any(|repair| !repair.certain), "{how}");
        assert_eq!(core.overview().signed_in, !is_own, "{how}");
        core.close();
    }
}

#[test]
fn what_the_log_of_a_deleted_file_still_has_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (phone, core) = prepared(folder.path());
    // As a process that is killed leaves it: the last answer is in the log only.
    let file = account(folder.path());
    let log = std::fs::read(format!("{}-wal", file.display())).unwrap();
    core.close();
    drop(core);
    std::fs::remove_file(&file).unwrap();
    std::fs::write(format!("{}-wal", file.display()), log).unwrap();
    let core = phone.open(folder.path()).unwrap();
    phone.hears_of_a_repair();
    assert_eq!(core.store_repairs().unwrap().len(), 1);
    core.close();
    let seal = Seal::new(&[7; 32], Arc::new(SystemEntropy));
    let drafts = SqliteStore::open(&file, seal).unwrap().list(Table::Draft).unwrap();
    let [(_, draft)] = drafts.as_slice() else { panic!("{} drafts", drafts.len()) };
    assert!(String::from_utf8_lossy(draft).contains("+996555000001"));
}

#[test]
fn a_new_phone_and_one_that_was_killed_as_it_began_report_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let phone = Arc::new(StoredPhone::default());
    for _ in 0..2 {
        let core = phone.open(folder.path()).unwrap();
        assert!(core.store_repairs().unwrap().is_empty());
        core.close();
    }
    let begun = Arc::new(StoredPhone::default());
    begun.set("store_key".to_owned(), vec![7; 32]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let core = begun.open(folder.path()).unwrap();
    assert!(core.store_repairs().unwrap().is_empty());
}
