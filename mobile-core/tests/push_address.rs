//! The address for push messages: Android says it once, at any time.

use super::script::{Script, ScriptedPhone, open, served};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use toruk_mobile_core::Core;
use toruk_mobile_core::api::Logout;

/// The addresses that the server was told since the last call, each with its session's token. Saying
/// the address again tells nothing new, and returns when the server has it.
async fn told(core: &Core, script: &Script, address: &str) -> Vec<(String, String)> {
    core.register_push(Some(address.to_owned())).await.unwrap();
    std::mem::take(&mut *script.addresses.lock().unwrap())
}

fn pair(session: &str, address: &str) -> (String, String) {
    (session.to_owned(), address.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_said_before_there_is_an_account_or_offline_is_kept_and_told_when_possible() {
    let (url, script) = served().await;
    let (folder, phone) = (tempfile::tempdir().unwrap(), Arc::new(ScriptedPhone::default()));
    let core = open(&url, folder.path(), &phone);
    assert_eq!(told(&core, &script, "first").await, [], "nobody has signed in");
    core.close();
    let core = open(&url, folder.path(), &phone);
    core.register("Aida".to_owned()).await.unwrap();
    assert_eq!(told(&core, &script, "first").await, [pair("t2", "first")]);

    core.set_online(false).unwrap();
    assert_eq!(told(&core, &script, "second").await, []);
    core.close();
    let core = open(&url, folder.path(), &phone);
    assert_eq!(told(&core, &script, "second").await, [pair("t2", "second")]);
    assert_eq!(told(&core, &script, "second").await, [], "it is not told again");
    core.sign_out().await.unwrap();
    core.sign_in().await.unwrap();
    assert_eq!(told(&core, &script, "second").await, [pair("t2", "second")], "each session once");

    core.logout(Logout::KeepLocked).await.unwrap();
    script.person.store(5, SeqCst);
    core.register("Bek".to_owned()).await.unwrap();
    assert_eq!(told(&core, &script, "second").await, [pair("t5", "second")], "one phone");
}
