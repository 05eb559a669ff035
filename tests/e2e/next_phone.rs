//! A person's second phone: real cores, one server.

use anyhow::Context as _;
use std::time::Duration;
use tokio::time::timeout;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::{EndedPasskey, SyncReason};
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::world::clock::Clock as _;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;

const BUDGET_MS: u64 = 10_000;
const A_SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_second_phone_comes_in_by_the_firsts_code_with_the_persons_drafts() -> anyhow::Result<()>
{
    let stage = OpenAuction::published().await?;
    let id = stage.auction.to_string();
    let old = stage.world.phone("Аида")?;
    old.core.register("Аида".to_owned()).await?;
    old.core.auction(id.clone()).await?;
    let address = Some("Бишкек, Чүй 1".to_owned());
    old.core.draft_set(id.clone(), "address".to_owned(), address.clone())?;
    old.core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;

    let shown = old.core.next_phone_code().await?;
    assert!(shown.qr_text.starts_with("toruk:link:"));
    let minutes = (shown.expires_at - stage.clock.now().0) / 60_000_000;
    assert_eq!(minutes, 10);
    let new = stage.world.phone("Аида-2")?;
    for wrong in ["", "0000-0000-0000-0000", "toruk:link:"] {
        let refused = new.core.sign_in_with_code(wrong.to_owned()).await;
        assert!(is_refused(&refused, "link_code_invalid"), "{wrong}: {refused:?}");
    }
    let typed = shown.code.replace('-', " ").to_lowercase();
    let account = new.core.sign_in_with_code(typed).await?;
    let first = old.core.account().context("no account")?;
    assert_eq!((account.person, account.name), (first.person, first.name));
    new.core.auction(id.clone()).await?;
    new.core.sync_now(SyncReason::Foreground, BUDGET_MS, None).await?;
    let draft = new.core.draft_status(id)?;
    assert_eq!(draft.answers.get("address"), address.as_ref());

    // Used up, also as a QR code; and a phone that is somebody's takes no other account in.
    let third = stage.world.phone("Аида-3")?;
    let refused = third.core.sign_in_with_code(shown.qr_text).await;
    assert!(is_refused(&refused, "link_code_invalid"), "{refused:?}");
    let stranger = stage.world.phone("Бек")?;
    stranger.core.register("Бек".to_owned()).await?;
    let again = old.core.next_phone_code().await?;
    let refused = stranger.core.sign_in_with_code(again.qr_text).await;
    assert!(is_refused(&refused, "another_account"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn passkeys_are_listed_named_and_ended_on_the_phone() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let old = stage.world.phone("Аида")?;
    old.core.register("Аида".to_owned()).await?;
    let new = stage.world.phone("Аида-2")?;
    let shown = old.core.next_phone_code().await?;
    new.core.sign_in_with_code(shown.qr_text).await?;

    let seen_by = |phone: &toruk_tests::world::phone::Phone| {
        let core = phone.core.clone();
        async move {
            let all = core.passkeys().await?;
            anyhow::Ok(
                all.into_iter().map(|key| (key.id, key.name, key.is_this)).collect::<Vec<_>>(),
            )
        }
    };
    let seen = seen_by(&old).await?;
    let [first, second] = &seen[..] else { panic!("two passkeys: {seen:?}") };
    assert_eq!((first.2, second.2), (true, false));
    assert_eq!(Some(&second.0), new.passkey().as_ref());
    old.core.name_passkey(second.0.clone(), " Планшет ".to_owned()).await?;
    let named = seen_by(&new).await?;
    assert_eq!(named[1], (second.0.clone(), Some("Планшет".to_owned()), true));

    new.core.end_passkey(first.0.clone()).await?;
    assert_eq!(seen_by(&new).await?.len(), 1);
    let last = new.core.end_passkey(second.0.clone()).await;
    assert!(is_refused(&last, "wrong_state"), "{last:?}");
    for odd in ["", "../sessions", "none"] {
        let refused = new.core.end_passkey(odd.to_owned()).await;
        assert!(is_refused(&refused, "not_found"), "{odd}: {refused:?}");
    }
    // The old phone is signed in until it signs out.
    assert!(old.core.passkeys().await.is_ok());
    old.core.sign_out().await?;
    assert!(is_refused(&old.core.sign_in().await, "ceremony_failed"));
    Ok(())
}

#[tokio::test]
async fn a_persons_phones_are_listed_named_and_a_lost_one_ends_at_once() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let own = stage.world.phone("Аида")?;
    own.core.register("Аида".to_owned()).await?;
    let lost = stage.world.phone("Аида-2")?;
    stage.clock.advance(TimeSpan::seconds(1));
    let shown = own.core.next_phone_code().await?;
    lost.core.sign_in_with_code(shown.qr_text).await?;
    lost.core.watch(stage.auction.to_string())?;

    let seen = own.core.devices().await?;
    let [first, second] = &seen[..] else { panic!("two phones: {seen:?}") };
    assert_eq!((first.is_this, second.is_this), (true, false));
    assert!(first.created_at <= second.created_at && second.name.is_none());
    let now = stage.clock.now().0;
    assert!(seen.iter().all(|phone| phone.seen_at.is_some_and(|at| at <= now)), "{seen:?}");
    assert!(seen.iter().all(|phone| !phone.is_revoked));
    own.core.name_device(second.id.clone(), " Планшет ".to_owned()).await?;
    let named = lost.core.devices().await?;
    assert_eq!((named[1].name.as_deref(), named[1].is_this), (Some("Планшет"), true));
    for odd in ["", "../sessions", "00000000-0000-4000-8000-000000000009"] {
        let refused = own.core.name_device(odd.to_owned(), "a".to_owned()).await;
        assert!(is_refused(&refused, "not_found"), "{odd}: {refused:?}");
    }
    let unnamed = own.core.name_device(second.id.clone(), " ".to_owned()).await;
    assert!(is_refused(&unnamed, "malformed"), "{unnamed:?}");
    let this = own.core.revoke_device(first.id.clone(), false).await;
    assert!(is_refused(&this, "wrong_state"), "{this:?}");
    // Another person's phone is nobody's.
    let stranger = stage.world.phone("Бек")?;
    stranger.core.register("Бек".to_owned()).await?;
    let refused = stranger.core.revoke_device(second.id.clone(), false).await;
    assert!(is_refused(&refused, "not_found"), "{refused:?}");
    assert!(lost.core.devices().await.is_ok(), "nothing has ended");

    let ended = own.core.revoke_device(second.id.clone(), false).await?;
    assert_eq!(ended, EndedPasskey::Ended);
    let refused = timeout(A_SECOND, lost.core.devices()).await?;
    assert!(refused.is_err(), "its session goes on");
    // Its stream ends, too, and it erases what it has of the person.
    until("an erased phone", || async { Ok(lost.core.account().is_none().then_some(())) }).await?;
    let left = own.core.devices().await?;
    assert!(left[1].is_revoked && left[1].seen_at.is_none(), "{left:?}");
    assert_eq!(own.core.passkeys().await?.len(), 1);
    let again = own.core.revoke_device(second.id.clone(), false).await?;
    assert_eq!(again, EndedPasskey::Ended, "may be repeated");
    Ok(())
}

fn is_refused<T>(outcome: &Result<T, CoreError>, with: &str) -> bool {
    matches!(outcome, Err(CoreError::Refused { code, .. }) if code == with)
}
