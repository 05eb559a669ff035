//! The driver on a real socket: a lost reply, then the same number again, then a 401.

use super::script::{AUCTION, ScriptedPhone, open, served};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use toruk_mobile_core::api::{Logout, SyncReason};
use toruk_mobile_core::{Core, CoreError};

fn set(core: &Core, value: &str) -> Result<(), CoreError> {
    core.draft_set(AUCTION.to_owned(), "phone".to_owned(), Some(value.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_made_offline_survives_death_and_a_lost_reply_and_arrives_once() {
    let (url, script) = served().await;
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let core = open(&url, folder.path(), &phone);
    assert!(core.register("Aida".to_owned()).await.unwrap().signed_in);
    core.set_online(false).unwrap();
    set(&core, "+1").unwrap();
    set(&core, "+2").unwrap();
    assert_eq!(core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap().state, "offline");
    assert!(script.pushes.lock().unwrap().is_empty(), "offline, no request leaves");
    drop(core);

    let core = open(&url, folder.path(), &phone);
    core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap();
    assert_eq!(core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap().state, "done");
    {
        let pushes = script.pushes.lock().unwrap();
        assert!(pushes.len() >= 2, "the lost one and another");
        assert!(pushes.iter().all(|push| *push == pushes[0]), "one number, one content");
        assert_eq!((pushes[0].ops.len(), pushes[0].ops[0].op_no), (1, 1));
    }

    script.ended.store(true, SeqCst);
    assert_eq!(core.my_auctions().await, Err(CoreError::SignedOut));
    assert!(!core.account().unwrap().signed_in);
    set(&core, "+3").unwrap();
    let report = core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap();
    assert_eq!((report.state.as_str(), report.waiting), ("signed_out", 1));
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, CoreError>) -> String {
    match answer {
        Err(CoreError::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The persons who have a file in the folder.
fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("accounts")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".db"));
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_on_one_phone_keep_apart_what_waits_what_is_read_and_what_is_destroyed() {
    let (aida, bek) = (2, 5);
    let name = |person| format!("00000000-0000-0000-0000-00000000000{person}");
    let file = |person| format!("{}.db", name(person));
    let (url, script) = served().await;
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let core = open(&url, folder.path(), &phone);
    core.register("Aida".to_owned()).await.unwrap();
    core.set_online(false).unwrap();
    set(&core, "+1").unwrap();
    let soon = Logout::SyncNow { budget_ms: 10 };
    assert_eq!(refusal(core.logout(soon).await), "still_waiting");
    assert!(core.account().is_some(), "nothing happened");
    core.logout(Logout::KeepLocked).await.unwrap();
    assert_eq!(core.account(), None);
    assert_eq!(set(&core, "+2"), Err(CoreError::SignedOut), "it can't be edited");

    core.set_online(true).unwrap();
    script.person.store(bek, SeqCst);
    core.register("Bek".to_owned()).await.unwrap();
    let report = core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap();
    assert_eq!((report.state.as_str(), report.waiting), ("done", 0));
    assert!(script.pushes.lock().unwrap().is_empty(), "the first one's draft stays where it is");
    assert_eq!(refusal(core.sign_in_as(name(aida)).await), "another_account");
    assert_eq!(files(folder.path()), [file(aida), file(bek)]);
    core.logout(Logout::Discard).await.unwrap();
    phone.erased.notified().await;
    assert_eq!(files(folder.path()), [file(aida)]);
    let secrets = || -> usize {
        let secrets = phone.secrets.lock().unwrap();
        secrets.iter().filter(|(of, value)| of.ends_with(&name(bek)) && !value.is_empty()).count()
    };
    assert_eq!(secrets(), 0, "no key is left");
    drop(core);

    let core = open(&url, folder.path(), &phone);
    assert_eq!(core.account(), None, "locked is locked after a restart, too");
    script.person.store(aida, SeqCst);
    let listed: Vec<_> = core.accounts().unwrap().into_iter().map(|known| known.person).collect();
    assert_eq!(listed, [name(aida)]);
    core.sign_in_as(name(aida)).await.unwrap();
    core.sync_now(SyncReason::PullToRefresh, 60_000, None).await.unwrap();
    assert_eq!(core.sync_now(SyncReason::Periodic, 60_000, None).await.unwrap().state, "done");
    let tokens = script.tokens.lock().unwrap().clone();
    assert!(tokens.len() >= 2 && tokens.iter().all(|token| token == "t2"), "{tokens:?}");

    script.revoked.store(true, SeqCst);
    assert_eq!(core.my_auctions().await, Err(CoreError::SignedOut));
    // Another request may have had that answer first, and may be handling it.
    phone.erased.notified().await;
    assert_eq!(
        (core.account(), files(folder.path()).len()),
        (None, 0),
        "a stolen phone has nothing"
    );
    assert!(core.accounts().unwrap().is_empty());
}
