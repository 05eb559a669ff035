//! Notices reach phones, or are dropped in time.

use crate::ground::TestServices;
use crate::ground::phone::Phone;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use toruk_server::ports::PushError;
use toruk_server::push::PersonNotice;
use toruk_server::worker::outbox;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::limits::PHONE_SESSION_DAYS;
use toruk_sync::protocol::push_hint::PushHint;
use uuid::Uuid;

async fn with_phone(ground: &TestServices) -> PersonId {
    let session = Phone::new(0xA).register(&ground.state.identity).await;
    let bidder = ground.state.identity.bidder(&session.token).await.unwrap();
    ground.state.identity.set_push_token(&bidder, Some("aida".to_owned())).await.unwrap();
    session.person
}

fn outbid(ground: &TestServices, person: PersonId, seq: u64) -> PersonNotice {
    let auction = AuctionId(Uuid::from_u128(0xA0C));
    let expires_at = now(ground) + TimeSpan::minutes(5);
    PersonNotice { person, kind: NoticeKind::Outbid, auction, seq, expires_at }
}

fn now(ground: &TestServices) -> Timestamp {
    ground.state.context.ports.clock.now()
}

async fn enqueue(ground: &TestServices, notices: &[PersonNotice]) {
    let db = &ground.state.context.db;
    let txn = db.begin().await.unwrap();
    ground.state.push.enqueue(&txn, notices, None).await.unwrap();
    db.commit(txn).await.unwrap();
}

fn taken(ground: &TestServices) -> Vec<u64> {
    let taken = ground.push.taken.lock().unwrap();
    let hint = |hint: &String| serde_json::from_str::<PushHint>(hint).unwrap();
    taken.iter().map(|message| hint(&message.hint).seq).collect()
}

#[tokio::test]
async fn who_was_outbid_is_told_once_with_the_time_that_is_left() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    enqueue(&ground, &[outbid(&ground, person, 3)]).await;
    ground.clock.pass(TimeSpan::seconds(10));
    assert_eq!(ground.state.push.deliver().await.unwrap(), 1);
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    let taken = ground.push.taken.lock().unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].token.as_str(), taken[0].ttl_s, taken[0].urgent), ("aida", 290, true));
    let hint: Value = serde_json::from_str(&taken[0].hint).unwrap();
    assert_eq!(hint["kind"], "outbid");
    assert_eq!(taken[0].collapse_key.as_deref(), Some("raise-0"));
    assert_eq!(taken[0].collapse_id, format!("outbid:{}", Uuid::from_u128(0xA0C)));
}

#[tokio::test]
async fn a_transaction_that_never_was_tells_nobody() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    let txn = ground.state.context.db.begin().await.unwrap();
    ground.state.push.enqueue(&txn, &[outbid(&ground, person, 3)], None).await.unwrap();
    drop(txn);
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_newest_of_one_kind_is_sent_and_nothing_that_expired() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    enqueue(&ground, &[outbid(&ground, person, 3), outbid(&ground, person, 5)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 1);
    assert_eq!(taken(&ground), [5]);

    enqueue(&ground, &[outbid(&ground, person, 7)]).await;
    ground.clock.pass(TimeSpan::minutes(5));
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
}

#[tokio::test]
async fn a_gateway_that_is_down_is_asked_again_when_it_said() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    let down = PushError::Unavailable { retry_after_s: Some(30), reason: "503".to_owned() };
    ground.push.answers.lock().unwrap().push(down);
    enqueue(&ground, &[outbid(&ground, person, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    ground.clock.pass(TimeSpan::seconds(29));
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    ground.clock.pass(TimeSpan::seconds(1));
    assert_eq!(ground.state.push.deliver().await.unwrap(), 1);
    assert_eq!(taken(&ground), [3]);
}

#[tokio::test]
async fn a_phone_that_is_gone_is_not_sent_to_again() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    ground.push.answers.lock().unwrap().push(PushError::Unregistered);
    enqueue(&ground, &[outbid(&ground, person, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    enqueue(&ground, &[outbid(&ground, person, 5)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    assert!(taken(&ground).is_empty());
}

#[tokio::test]
async fn a_phone_that_signed_out_is_not_sent_to() {
    let ground = TestServices::new().await;
    let session = Phone::new(0xA).register(&ground.state.identity).await;
    let bidder = ground.state.identity.bidder(&session.token).await.unwrap();
    ground.state.identity.set_push_token(&bidder, Some("aida".to_owned())).await.unwrap();
    ground.state.identity.sign_out(&session.token).await.unwrap();
    enqueue(&ground, &[outbid(&ground, session.person, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
}

/// Registers Bek on another phone, with the push token that Aida has.
async fn with_aidas_token(ground: &TestServices) -> Session {
    let session = Phone::new(0xB).register(&ground.state.identity).await;
    let bidder = ground.state.identity.bidder(&session.token).await.unwrap();
    ground.state.identity.set_push_token(&bidder, Some("aida".to_owned())).await.unwrap();
    session
}

/// The people to whom notices went, each with the token.
fn told(ground: &TestServices) -> Vec<(String, PersonId)> {
    let mut taken = ground.push.taken.lock().unwrap();
    let hint = |hint: &str| serde_json::from_str::<PushHint>(hint).unwrap();
    taken.drain(..).map(|message| (message.token, hint(&message.hint).person)).collect()
}

#[tokio::test]
async fn a_push_token_that_another_account_registers_stays_at_the_first() {
    let ground = TestServices::new().await;
    let aida = with_phone(&ground).await;
    let bek = with_aidas_token(&ground).await;
    enqueue(&ground, &[outbid(&ground, aida, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 1);
    assert_eq!(told(&ground), [("aida".to_owned(), aida)]);
    enqueue(&ground, &[outbid(&ground, bek.person, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 1);
    assert_eq!(told(&ground), [("aida".to_owned(), bek.person)]);

    // It ends at each account with that account's session.
    ground.state.identity.sign_out(&bek.token).await.unwrap();
    enqueue(&ground, &[outbid(&ground, aida, 5), outbid(&ground, bek.person, 5)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 1);
    assert_eq!(told(&ground), [("aida".to_owned(), aida)]);
}

#[tokio::test]
async fn a_token_that_the_gateway_does_not_know_ends_at_every_account() {
    let ground = TestServices::new().await;
    let aida = with_phone(&ground).await;
    let bek = with_aidas_token(&ground).await.person;
    ground.push.answers.lock().unwrap().push(PushError::Unregistered);
    enqueue(&ground, &[outbid(&ground, aida, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    enqueue(&ground, &[outbid(&ground, aida, 5), outbid(&ground, bek, 5)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
    assert_eq!(told(&ground), []);
}

#[tokio::test]
async fn a_session_that_ran_out_gets_no_pushes() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    ground.clock.pass(TimeSpan::days(PHONE_SESSION_DAYS));
    enqueue(&ground, &[outbid(&ground, person, 3)]).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
}

#[tokio::test]
async fn three_hundred_are_told_in_one_round() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    let notices: Vec<_> = (0..300)
        .map(|auction| PersonNotice {
            auction: AuctionId(Uuid::from_u128(auction)),
            ..outbid(&ground, person, 1)
        })
        .collect();
    enqueue(&ground, &notices).await;
    assert_eq!(ground.state.push.deliver().await.unwrap(), 300);
    assert_eq!(taken(&ground).len(), 300);
}

#[tokio::test]
async fn the_worker_sends_what_was_told_and_ends_when_asked() {
    let ground = TestServices::new().await;
    let person = with_phone(&ground).await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(outbox::run(ground.state.clone(), stop.clone()));
    enqueue(&ground, &[outbid(&ground, person, 3)]).await;
    ground.push.arrived.notified().await;
    stop.cancel();
    worker.await.unwrap();
    assert_eq!(taken(&ground), [3]);
}

/// Three people, each with a phone of their own token.
async fn with_three_phones(ground: &TestServices) -> Vec<PersonId> {
    let mut people = Vec::new();
    for name in 1..=3 {
        let session = Phone::new(name).register(&ground.state.identity).await;
        let bidder = ground.state.identity.bidder(&session.token).await.unwrap();
        let token = Some(format!("token-{name}"));
        ground.state.identity.set_push_token(&bidder, token).await.unwrap();
        people.push(session.person);
    }
    people
}

fn misconfigured() -> PushError {
    let reason = "403 SENDER_ID_MISMATCH".to_owned();
    PushError::Misconfigured { retry_after_s: None, reason }
}

#[tokio::test]
async fn another_projects_account_stops_the_sender_erases_nothing_and_all_is_sent_afterwards() {
    let ground = TestServices::new().await;
    let people = with_three_phones(&ground).await;
    let hour = now(&ground) + TimeSpan::hours(1);
    let notice = |person: &PersonId| PersonNotice {
        expires_at: hour,
        kind: NoticeKind::ConfirmDue,
        ..outbid(&ground, *person, 3)
    };
    let notices: Vec<_> = people.iter().map(notice).collect();
    enqueue(&ground, &notices).await;
    // Wrong for longer than any other failure is borne: eight attempts.
    ground.push.answers.lock().unwrap().extend((0..1_000).map(|_| misconfigured()));
    let asked = || 1_000 - ground.push.answers.lock().unwrap().len();
    assert!(!ground.state.push.is_stopped());
    for _ in 0..30 * 60 {
        assert_eq!(ground.state.push.deliver().await.unwrap(), 0);
        ground.clock.pass(TimeSpan::seconds(1));
    }
    assert!(ground.state.push.is_stopped(), "an operator must see it");
    assert!((3..=65).contains(&asked()), "{} requests in half an hour", asked());
    // Repaired: one try, then everything.
    ground.push.answers.lock().unwrap().clear();
    let mut sent = 0;
    for _ in 0..10 * 60 {
        sent += ground.state.push.deliver().await.unwrap();
        ground.clock.pass(TimeSpan::seconds(1));
    }
    assert!(!ground.state.push.is_stopped());
    assert_eq!(sent, 3);
    let mut told = told(&ground);
    told.sort();
    let expected: Vec<_> = (1..=3).map(|name| format!("token-{name}")).collect();
    assert_eq!(told.into_iter().map(|(token, _)| token).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn one_phone_with_a_token_of_another_project_holds_up_nobody_and_keeps_its_token() {
    let ground = TestServices::new().await;
    let people = with_three_phones(&ground).await;
    for seq in 1..=40 {
        ground.push.answers.lock().unwrap().push(misconfigured());
        enqueue(&ground, &[outbid(&ground, people[0], seq)]).await;
        ground.state.push.deliver().await.unwrap();
        enqueue(&ground, &[outbid(&ground, people[1], seq)]).await;
        assert_eq!(ground.state.push.deliver().await.unwrap(), 1, "{seq}");
        assert!(!ground.state.push.is_stopped());
    }
    told(&ground);
    ground.clock.pass(TimeSpan::minutes(4));
    let mut sent = 0;
    for _ in 0..3 {
        sent += ground.state.push.deliver().await.unwrap();
    }
    assert_eq!(sent, 1, "the newest to the first phone");
    assert_eq!(told(&ground), [("token-1".to_owned(), people[0])]);
}
