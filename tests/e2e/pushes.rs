//! Pushes to a phone that was off, by FCM's rules: four collapse keys for a phone, a hundred messages
//! without one.

use anyhow::{Context as _, ensure};
use std::collections::BTreeSet;
use toruk_server::clock::Clock as _;
use toruk_server::push::PersonNotice;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::notice::{NoticeClass, NoticeKind};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::push_hint::PushHint;
use toruk_tests::outside::fcm::{COLLAPSE_KEYS_MAX, SendFault};
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::until;
use uuid::Uuid;

/// Auctions in which one person takes part.
const AUCTIONS: u128 = 6;

async fn enqueue(stage: &OpenAuction, notices: &[PersonNotice]) -> anyhow::Result<()> {
    let state = stage.world.state();
    let txn = state.context.db.begin().await?;
    state.push.enqueue(&txn, notices, None).await?;
    Ok(state.context.db.commit(txn).await?)
}

/// Waits until FCM has accepted so many messages.
async fn accepted(stage: &OpenAuction, count: u64) -> anyhow::Result<()> {
    until("accepted pushes", || async {
        Ok((stage.world.fcm.counts().accepted >= count).then_some(()))
    })
    .await
}

fn arrived(phone: &mut Phone) -> anyhow::Result<Vec<(PushHint, Option<String>)>> {
    let mut hints = Vec::new();
    while let Ok(message) = phone.pushes.messages.try_recv() {
        let hint = message.data.get("hint").context("no hint")?;
        hints.push((serde_json::from_str(hint)?, message.collapse_key));
    }
    Ok(hints)
}

#[tokio::test]
async fn a_phone_that_was_off_hears_of_every_act_that_is_asked_of_its_person() -> anyhow::Result<()>
{
    let stage = OpenAuction::published().await?;
    let mut phone = stage.world.phone("Аида")?;
    // Said before there is an account, as Android does.
    phone.core.register_push(Some(phone.pushes.token.clone())).await?;
    let person: PersonId = phone.core.register("Аида".to_owned()).await?.person.parse()?;
    phone.core.register_push(Some(phone.pushes.token.clone())).await?;
    stage.world.fcm.set_online(&phone.pushes.token, false);
    let expires_at = stage.clock.now() + TimeSpan::hours(1);
    let of = |kind| {
        (1..=AUCTIONS).map(move |no| {
            let auction = AuctionId(Uuid::from_u128(no));
            PersonNotice { person, kind, auction, seq: 7, expires_at }
        })
    };
    // It is of a new key, and this person has none.
    let kinds = NoticeKind::ALL.into_iter().filter(|kind| *kind != NoticeKind::KeyReady);
    // What informs comes last, and a hundred times more often than it would.
    let (mut asks, informs): (Vec<_>, Vec<_>) =
        kinds.partition(|kind| matches!(kind.class(), NoticeClass::Act | NoticeClass::Raise));
    asks.retain(|kind| *kind != NoticeKind::Outbid);
    let acts: Vec<PersonNotice> = asks.iter().copied().flat_map(of).collect();
    let raises: Vec<PersonNotice> = of(NoticeKind::Outbid).collect();
    let rest: Vec<PersonNotice> = informs.iter().copied().flat_map(of).collect();
    let mut count = 0;
    for notices in [&acts, &raises, &rest, &rest] {
        enqueue(&stage, notices).await?;
        count += notices.len() as u64;
        accepted(&stage, count).await?;
    }
    stage.world.fcm.set_online(&phone.pushes.token, true);
    let hints = arrived(&mut phone)?;
    let name = |kind: NoticeKind, auction: AuctionId| format!("{kind:?} {auction}");
    let heard: BTreeSet<String> =
        hints.iter().map(|(hint, _)| name(hint.kind, hint.auction)).collect();
    for act in &acts {
        ensure!(heard.contains(&name(act.kind, act.auction)), "not heard: {act:?}");
    }
    let raise = hints.iter().filter(|(hint, _)| hint.kind == NoticeKind::Outbid).count();
    ensure!(raise > 0, "no raise was heard of");
    let keys: BTreeSet<&String> = hints.iter().filter_map(|(_, key)| key.as_ref()).collect();
    ensure!(keys.len() <= COLLAPSE_KEYS_MAX, "{keys:?}");
    Ok(())
}

#[tokio::test]
async fn an_account_of_another_project_costs_no_phone_its_address() -> anyhow::Result<()> {
    let stage = OpenAuction::published().await?;
    let mut phone = stage.world.phone("Аида")?;
    let person: PersonId = phone.core.register("Аида".to_owned()).await?.person.parse()?;
    phone.core.register_push(Some(phone.pushes.token.clone())).await?;
    let faults = [SendFault::SenderIdMismatch, SendFault::PermissionDenied];
    stage.world.fcm.misbehave(|fcm| fcm.sends.extend(faults));
    let expires_at = stage.clock.now() + TimeSpan::hours(1);
    let kind = NoticeKind::ConfirmDue;
    let notice = PersonNotice { person, kind, auction: stage.auction, seq: 1, expires_at };
    enqueue(&stage, &[notice]).await?;
    until("a push", || async {
        stage.clock.advance(TimeSpan::seconds(1));
        Ok((stage.world.fcm.counts().accepted > 0).then_some(()))
    })
    .await?;
    let hints = arrived(&mut phone)?;
    assert_eq!(hints.iter().map(|(hint, _)| hint.kind).collect::<Vec<_>>(), [kind]);
    assert_eq!(stage.world.fcm.counts().send_calls, 3);
    Ok(())
}
