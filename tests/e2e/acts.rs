//! What a phone shows of the acts on its person's application: receipts that it keeps and verifies,
//! and the difference over which they sign again.

use anyhow::Context as _;
use tokio::time::Instant;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::SyncReason;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::{Admission, RuleProfile};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_tests::day::Officials;
use toruk_tests::world::api_client::ANSWERS;
use toruk_tests::world::clock::ScaledClock;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::{World, until};

/// A world with an auction that can still be corrected, and a phone with an application to it.
struct Applied {
    world: World,
    officials: Officials,
    auction: AuctionId,
    phone: Phone,
}

async fn applied(folder: &std::path::Path) -> anyhow::Result<Applied> {
    let morning = Timestamp::parse("2026-11-24T09:00:00+06:00").context("a date")?;
    let clock = ScaledClock::new(morning, Instant::now(), 1);
    let rules = RuleProfile {
        rectification: TimeSpan::hours(1),
        admission: Admission::Auto,
        ..RuleProfile::sandbox(1)
    };
    let world = World::start(clock, rules, folder, 0).await?;
    let officials = Officials::enrol(&world).await?;
    let lots = officials.import_lots(&world, 7).await?;
    let start = world.clock.now() + TimeSpan::hours(3);
    let auction = officials.publish(&world, lots[0], start).await?;
    let phone = world.phone("Айгүл")?;
    phone.core.register("Айгүл".to_owned()).await?;
    let id = auction.to_string();
    phone.core.auction(id.clone()).await?;
    for (field, answer) in ANSWERS {
        phone.core.draft_set(id.clone(), field.to_owned(), Some(answer.to_owned()))?;
    }
    let file = b"%PDF-1.4\n% a passport\n%%EOF\n".to_vec();
    let (slot, name, mime) = ("identity_document", "passport.pdf", "application/pdf");
    phone.core.draft_attach(id.clone(), slot.into(), name.into(), mime.into(), file)?;
    submit(&phone, auction).await?;
    Ok(Applied { world, officials, auction, phone })
}

/// Signs, and waits until the server has the application.
async fn submit(phone: &Phone, auction: AuctionId) -> anyhow::Result<()> {
    let id = auction.to_string();
    phone.core.submit(id.clone()).await?;
    until("the submit", || async {
        phone.core.sync_now(SyncReason::Foreground, 10_000, None).await?;
        let submit = phone.core.draft_status(id.clone())?.submit.context("no submit")?;
        Ok((submit.state == "submitted").then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_again_signs_over_a_shown_difference_and_keeps_a_receipt_of_each_act()
-> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut applied = applied(folder.path()).await?;
    let (id, core) = (applied.auction.to_string(), applied.phone.core.clone());
    core.my_auctions().await?;
    assert_eq!(core.changed_terms(id.clone()).await?, []);
    let receipts = core.application_receipts(Some(id.clone()))?;
    let [submitted] = &receipts[..] else { panic!("not one receipt: {receipts:?}") };
    assert_eq!((submitted.act.as_str(), submitted.accepted), ("submit", true));
    assert_eq!(core.verify_application_receipt(submitted.text.clone())?, *submitted);
    let forged = submitted.text.replace("status admitted", "status eligible");
    let forged = core.verify_application_receipt(forged);
    assert!(matches!(&forged, Err(CoreError::Refused { code, .. }) if code == "forged"));

    let Applied { world, officials, auction, .. } = &applied;
    let (was, now) = officials.correct(world, *auction).await?;
    until("the phone's word of it", || async {
        core.sync_now(SyncReason::Foreground, 10_000, None).await?;
        let submit = core.draft_status(id.clone())?.submit.context("no submit")?;
        Ok((submit.state == "needs_reconfirm").then_some(()))
    })
    .await?;
    let changed = core.changed_terms(id.clone()).await?;
    let of = |term: &str| {
        let change = changed.iter().find(|change| change.term == term);
        change.map(|change| (change.before.clone(), change.after.clone()))
    };
    assert_eq!(of("start_price"), Some((Some(was.to_string()), Some(now.to_string()))));
    assert_eq!(of("title_ru").and_then(|(_, after)| after).as_deref(), Some("Склад"));
    assert_eq!(of("start"), None, "what stays is not shown as changed");

    submit(&applied.phone, applied.auction).await?;
    let acts = |core: &toruk_mobile_core::Core| -> anyhow::Result<Vec<String>> {
        Ok(core.application_receipts(None)?.into_iter().map(|receipt| receipt.act).collect())
    };
    assert_eq!(acts(&core)?, ["submit", "reconfirm"]);
    core.my_auctions().await?;
    assert_eq!(core.changed_terms(id.clone()).await?, []);

    // A moderator excludes them: the receipt comes by itself, with the reason.
    let (applications, moderator) =
        (&applied.world.state().applications, &applied.officials.moderator.official);
    let application = applications.queue(moderator, Some(applied.auction)).await?.remove(0);
    let application = application.application.id;
    applications.disqualify(moderator, application, "Документ жараксыз").await?;
    until("the receipt", || async {
        core.sync_now(SyncReason::Foreground, 10_000, None).await?;
        let last = core.application_receipts(None)?.pop();
        let reason = last.and_then(|receipt| receipt.reason);
        Ok((reason.as_deref() == Some("Документ жараксыз")).then_some(()))
    })
    .await?;
    let refused = core.refuse_award(id).await;
    assert!(matches!(refused, Err(CoreError::Refused { .. })), "{refused:?}");

    // They are the phone's own, whatever becomes of the server.
    applied.world.stop_server().await;
    applied.phone.kill_and_reopen()?;
    assert_eq!(acts(&applied.phone.core)?, ["submit", "reconfirm", "disqualify"]);
    applied.phone.core.close();
    Ok(())
}
