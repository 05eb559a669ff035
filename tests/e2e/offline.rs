//! A phone without a connection: what was prepared survives, arrives once, and stays with its
//! owner.

use anyhow::Context as _;
use tokio::time::Instant;
use toruk_mobile_core::CoreError;
use toruk_mobile_core::api::SyncReason;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::push_hint::PushHint;
use toruk_tests::day::Officials;
use toruk_tests::world::clock::ScaledClock;
use toruk_tests::world::phone::Phone;
use toruk_tests::world::{World, until};

const ANSWERS: [(&str, &str); 8] = [
    ("applicant_kind", "person"),
    ("full_name", "Айгүл"),
    ("pin", "00000000000001"),
    ("phone", "+996700000001"),
    ("address", "Бишкек, Чүй пр. 1"),
    ("refund_account", "0000000000000001"),
    ("consent", "yes"),
    ("independence", "yes"),
];

/// A world with one published auction that takes applications.
async fn tendering(folder: &std::path::Path) -> (World, Officials, AuctionId) {
    let morning = Timestamp::parse("2026-11-24T09:00:00+06:00").unwrap();
    let clock = ScaledClock::new(morning, Instant::now(), 1);
    let world = World::start(clock, RuleProfile::sandbox(1), folder, 0).await.unwrap();
    let officials = Officials::enrol(&world).await.unwrap();
    let lots = officials.import_lots(&world, 7).await.unwrap();
    let start = world.clock.now() + TimeSpan::hours(2);
    let auction = officials.publish(&world, lots[0], start).await.unwrap();
    (world, officials, auction)
}

async fn registered(world: &World, name: &str, auction: AuctionId) -> Phone {
    let phone = world.phone(name).unwrap();
    phone.core.register(name.to_owned()).await.unwrap();
    phone.core.auction(auction.to_string()).await.unwrap();
    phone
}

fn answer(phone: &Phone, auction: AuctionId, answers: &[(&str, &str)]) {
    for (field, answer) in answers {
        let (id, answer) = (auction.to_string(), Some((*answer).to_owned()));
        phone.core.draft_set(id, (*field).to_owned(), answer).unwrap();
    }
}

fn attach(phone: &Phone, auction: AuctionId) {
    let file = b"%PDF-1.4\n% a passport\n%%EOF\n".to_vec();
    let (slot, name, mime) = ("identity_document", "passport.pdf", "application/pdf");
    phone
        .core
        .draft_attach(auction.to_string(), slot.into(), name.into(), mime.into(), file)
        .unwrap();
}

/// The answers and files of a draft, and whether the form is satisfied.
fn draft(phone: &Phone, auction: AuctionId) -> (usize, usize, bool) {
    let status = phone.core.draft_status(auction.to_string()).unwrap();
    (status.answers.len(), status.files.len(), status.faults.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_begun_offline_survives_two_deaths_and_arrives_exactly_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, officials, auction) = tendering(folder.path()).await;
    let id = auction.to_string();
    let mut phone = registered(&world, "Айгүл", auction).await;

    phone.core.set_online(false).unwrap();
    answer(&phone, auction, &ANSWERS[..4]);
    // Without a server, a new process finds no connection by itself.
    world.stop_server().await;
    phone.kill_and_reopen().unwrap();
    assert_eq!(draft(&phone, auction), (4, 0, false), "the first death lost answers");
    answer(&phone, auction, &ANSWERS[4..]);
    attach(&phone, auction);
    assert_eq!(draft(&phone, auction), (8, 1, true));

    let saved = phone.core.submit(id.clone()).await.unwrap();
    assert_eq!(saved.state, "saved_not_submitted");
    phone.kill_and_reopen().unwrap();
    let saved = phone.core.draft_status(id.clone()).unwrap().submit.unwrap();
    assert_eq!(saved.state, "saved_not_submitted", "the second death lost the signed submit");

    world.start_server().await.unwrap();
    let delivered = until("the delivery", || async {
        phone.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        let submit = phone.core.draft_status(id.clone())?.submit.context("no submit")?;
        Ok((submit.state == "submitted").then_some(submit))
    });
    let delivered = delivered.await.unwrap();
    assert!(delivered.received_at.unwrap() < delivered.tender_end);

    // Whatever is tried again after this, another death included, changes nothing.
    phone.kill_and_reopen().unwrap();
    phone.core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap();
    let queue = world.state().applications.queue(&officials.moderator.official, Some(auction));
    assert_eq!(queue.await.unwrap().len(), 1, "not exactly one application");
    let mine = phone.core.my_auctions().await.unwrap().items;
    assert_eq!(mine.iter().filter(|mine| mine.auction == id).count(), 1);
    let submits = phone.core.outcomes().into_iter().filter(|o| o.verdict == "submitted").count();
    assert_eq!(submits, 1, "one submit, one outcome: {:?}", phone.core.outcomes());
    phone.core.close();
    world.stop_server().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_person_does_not_see_the_first_ones_draft() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, officials, auction) = tendering(folder.path()).await;
    let id = auction.to_string();
    let first = registered(&world, "Айгүл", auction).await;
    answer(&first, auction, &ANSWERS);
    attach(&first, auction);
    let settled = until("the first one's draft on the server", || async {
        let report = first.core.sync_now(SyncReason::Foreground, 60_000, None).await?;
        Ok((report.state == "done").then_some(()))
    });
    settled.await.unwrap();

    // On another phone of another person: nothing.
    let second = registered(&world, "Болот", auction).await;
    second.core.sync_now(SyncReason::Foreground, 60_000, None).await.unwrap();
    assert_eq!(draft(&second, auction), (0, 0, false), "a stranger's draft");

    // On the first one's phone another person can't come in, so their draft can't go out under
    // another name.
    first.core.sign_out().await.unwrap();
    let other = first.core.register("Болот".to_owned()).await;
    let refused =
        matches!(other, Err(CoreError::Refused { code, .. }) if code == "another_account");
    assert!(refused, "a second account on one phone");
    let submit = second.core.submit(id).await;
    let incomplete = matches!(submit, Err(CoreError::Refused { code, .. }) if code == "incomplete");
    assert!(incomplete, "an empty draft was signed");
    let queue = world.state().applications.queue(&officials.moderator.official, Some(auction));
    assert!(queue.await.unwrap().is_empty());
    assert!(first.core.sign_in().await.unwrap().signed_in);
    assert_eq!(draft(&first, auction), (8, 1, true), "signing out lost the draft");
    for phone in [&first, &second] {
        phone.core.close();
    }
    world.stop_server().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_push_is_shown_without_a_connection_unless_it_is_late_or_a_strangers() {
    let folder = tempfile::tempdir().unwrap();
    let (mut world, _officials, auction) = tendering(folder.path()).await;
    let phone = registered(&world, "Айгүл", auction).await;
    let now = world.clock.now();
    let hint = PushHint {
        kind: NoticeKind::Started,
        person: phone.core.account().unwrap().person.parse().unwrap(),
        auction,
        seq: 3,
        expires_at: now + TimeSpan::minutes(30),
        server_time: now,
    };
    let text = |hint: &PushHint| serde_json::to_string(hint).unwrap();
    assert_eq!(phone.core.on_push(text(&hint)).await, Ok(None), "the server says it is not so");
    phone.core.set_online(false).unwrap();
    let quiet = PushHint { kind: NoticeKind::DepositPaid, ..hint.clone() };
    assert_eq!(phone.core.on_push(text(&quiet)).await, Err(CoreError::Offline));
    let late = PushHint { expires_at: now, ..hint.clone() };
    assert_eq!(phone.core.on_push(text(&late)).await, Ok(None));
    let unknown = PushHint { auction: AuctionId(uuid::Uuid::from_u128(7)), ..hint.clone() };
    assert_eq!(phone.core.on_push(text(&unknown)).await, Ok(None));
    let shown = phone.core.on_push(text(&hint)).await.unwrap().unwrap();
    assert_eq!((shown.kind.as_str(), shown.urgent, shown.verified), ("started", true, false));
    assert_eq!(phone.core.on_push(text(&hint)).await, Ok(None), "shown once");
    phone.core.close();
    world.stop_server().await;
}
