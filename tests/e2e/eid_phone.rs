//! A person enters by the state's eID: real cores, one server, a provider of its own.

use toruk_mobile_core::CoreError;
use toruk_tests::world::eid::eid_person;
use toruk_tests::world::open_auction::OpenAuction;

const PIN: &str = "21503199012345";

#[tokio::test]
async fn a_person_enters_by_eid_adds_a_passkey_and_is_one_person_on_all_phones()
-> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    let provider = stage.world.with_eid().await?;
    let aida = eid_person("aida", PIN, "Асанова", "Аида");
    let first = stage.world.phone("Аида")?;
    let account = stage.world.enter_by_eid(&provider, &first.core, &aida).await??;
    assert_eq!(account.name, "Асанова Аида");
    assert!(account.signed_in && first.core.passkeys().await?.is_empty());
    // Without a passkey nothing is confirmed.
    assert!(first.core.next_phone_code().await.is_err());

    let page = first.core.start_eid_recovery().await?;
    assert!(page.url.contains("prompt=login") && page.return_path == "/eid/app");
    let address = stage.world.browse_eid(&provider, &page.url, &aida).await?;
    let again = first.core.finish_eid(address.clone()).await?;
    assert_eq!(again.person, account.person);
    assert_eq!(first.core.passkeys().await?.len(), 1);
    // The address is used up, and the visit over.
    assert!(is_refused(&first.core.finish_eid(address).await, "eid_failed"));
    first.core.sign_out().await?;
    assert_eq!(first.core.sign_in().await?.person, account.person);
    // By eID again: the phone still has its passkey, which needs no recovery.
    first.core.sign_out().await?;
    stage.world.enter_by_eid(&provider, &first.core, &aida).await??;
    assert!(first.core.passkeys().await?.iter().all(|passkey| passkey.is_this));

    let second = stage.world.phone("Аида-2")?;
    let other = stage.world.enter_by_eid(&provider, &second.core, &aida).await??;
    assert_eq!(other.person, account.person);
    // A phone that is somebody's takes no other person in.
    let bek = eid_person("bek", "11503199012345", "Беков", "Бек");
    let refused = stage.world.enter_by_eid(&provider, &second.core, &bek).await?;
    assert!(is_refused(&refused, "another_account"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn an_answer_is_of_no_use_to_another_phone_nor_without_a_visit() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    let provider = stage.world.with_eid().await?;
    let aida = eid_person("aida", PIN, "Асанова", "Аида");
    let (own, thief) = (stage.world.phone("Аида")?, stage.world.phone("Бек")?);
    let page = own.core.start_eid_sign_in().await?;
    let address = stage.world.browse_eid(&provider, &page.url, &aida).await?;
    assert!(is_refused(&thief.core.finish_eid(address.clone()).await, "eid_failed"));
    thief.core.start_eid_sign_in().await?;
    assert!(is_refused(&thief.core.finish_eid(address.clone()).await, "eid_failed"));
    assert_eq!(own.core.finish_eid(address.clone()).await?.name, "Асанова Аида");

    let page = thief.core.start_eid_sign_in().await?;
    let state = page.url.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    let back = |fault: &str| {
        let (origin, state) = (&stage.world.origin, state.unwrap_or_default());
        format!("{origin}/eid/app#state={state}&fault={fault}")
    };
    assert!(is_refused(&thief.core.finish_eid(back("cancelled")).await, "cancelled"));
    assert!(is_refused(&thief.core.finish_eid(address).await, "eid_failed"), "the visit is over");
    thief.core.start_eid_sign_in().await?;
    assert!(is_refused(&thief.core.finish_eid(back("provider")).await, "eid_unavailable"));
    assert!(thief.core.account().is_none());
    Ok(())
}

/// The app may be ended while the browser is open.
#[tokio::test]
async fn a_visit_outlives_the_app() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    let provider = stage.world.with_eid().await?;
    let aida = eid_person("aida", PIN, "Асанова", "Аида");
    let mut phone = stage.world.phone("Аида")?;
    let page = phone.core.start_eid_sign_in().await?;
    let address = stage.world.browse_eid(&provider, &page.url, &aida).await?;
    phone.kill_and_reopen()?;
    assert_eq!(phone.core.finish_eid(address).await?.name, "Асанова Аида");
    Ok(())
}

fn is_refused<T>(outcome: &Result<T, CoreError>, with: &str) -> bool {
    matches!(outcome, Err(CoreError::Refused { code, .. }) if code == with)
}
