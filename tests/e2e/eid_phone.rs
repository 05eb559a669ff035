//! A person enters by the state's eID: real cores, one server, a provider of its own.

use toruk_mobile_core::CoreError;
use toruk_tests::outside::eid::{EidEndpoint, EidTrouble};
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
    let state = state_of(&page.url);
    let back = |fault: &str| {
        let origin = &stage.world.origin;
        format!("{origin}/eid/app#state={state}&fault={fault}")
    };
    assert!(is_refused(&thief.core.finish_eid(back("cancelled")).await, "cancelled"));
    let over = thief.core.finish_eid(back("cancelled")).await;
    assert!(is_refused(&over, "eid_failed"), "the visit is over");
    assert!(is_refused(&thief.core.finish_eid(address).await, "eid_failed"));
    let other = thief.core.start_eid_sign_in().await?;
    let stale = thief.core.finish_eid(back("provider")).await;
    assert!(is_refused(&stale, "eid_failed"), "of an earlier visit");
    let state = state_of(&other.url);
    let back = format!("{}/eid/app#state={state}&fault=provider", stage.world.origin);
    assert!(is_refused(&thief.core.finish_eid(back).await, "eid_unavailable"));
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

/// A page that knows nothing of a visit sends the browser to the app; and the server is busy.
#[tokio::test]
async fn a_visit_ends_by_its_own_answer_and_not_by_a_page_or_a_bad_moment() -> anyhow::Result<()> {
    let mut stage = OpenAuction::published().await?;
    let provider = stage.world.with_eid().await?;
    let aida = eid_person("aida", PIN, "Асанова", "Аида");
    let phone = stage.world.phone("Аида")?;
    let page = phone.core.start_eid_sign_in().await?;
    let address = stage.world.browse_eid(&provider, &page.url, &aida).await?;
    let origin = &stage.world.origin;
    for made_up in [
        "#state=AAAA&fault=cancelled",
        "#state=&fault=cancelled",
        "#fault=cancelled",
        "#state=AAAA&code=code-1",
        "#code=code-1",
        "",
    ] {
        let refused = phone.core.finish_eid(format!("{origin}/eid/app{made_up}")).await;
        assert!(is_refused(&refused, "eid_failed"), "{made_up}: {refused:?}");
    }
    let away = (EidEndpoint::Tokens, EidTrouble::Fails);
    provider.misbehave(|wrong| wrong.trouble = Some(away));
    let refused = phone.core.finish_eid(address.clone()).await;
    assert!(is_refused(&refused, "eid_unavailable"), "{refused:?}");
    provider.misbehave(|wrong| wrong.trouble = None);
    assert_eq!(phone.core.finish_eid(address).await?.name, "Асанова Аида");
    Ok(())
}

fn state_of(page: &str) -> String {
    let state = page.split("state=").nth(1).and_then(|rest| rest.split('&').next());
    state.unwrap_or_default().to_owned()
}

fn is_refused<T>(outcome: &Result<T, CoreError>, with: &str) -> bool {
    matches!(outcome, Err(CoreError::Refused { code, .. }) if code == with)
}
