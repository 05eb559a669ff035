//! A bidder without their keys gets a new one by eID.

use super::{Ground, PIN, aida, named, word};
use crate::ground::phone::{Phone, device, sign};
use crate::people::recorded;
use crate::persons::{link, proven};
use sea_orm::{EntityTrait as _, QueryOrder as _};
use serde_json::json;
use toruk_server::entity::notification;
use toruk_server::identity::Provider;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::{EidPurpose, FinishEid};
use toruk_sync::protocol::identity::{NewDevice, StartSignIn};

#[tokio::test]
async fn a_bidder_who_lost_the_phone_gets_a_new_key_and_waits_with_it() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let identity = &state.identity;
    let old = Phone::new(0xA).register(identity).await;
    let mut by_number = proven(Provider::Certificate, "CN=A", Some(PIN));
    by_number.name = "Аида".to_owned();
    link(state, old.person, &by_number).await.unwrap();
    ground.pass(TimeSpan::days(1));

    let answer = ground.visit(EidPurpose::Recovery, 0xB, &aida()).await.answer();
    let challenge = identity.start_recovery_by_eid(answer.clone()).await.unwrap();
    assert_eq!(word(&identity.start_recovery_by_eid(answer).await), "code");
    let mut phone = Phone::new(0xB);
    let recovered = identity.finish_recovery(phone.create(&challenge)).await.unwrap();
    assert_eq!(recovered.person, old.person);
    let bidder = identity.bidder(&recovered.token).await.unwrap();
    assert_eq!(bidder.recovered_at, Some(ground.now()));
    assert!(phone.sign_in(identity, &recovered.credential_id).await.is_ok());
    // The old phone sees the new key, and may end it.
    assert!(identity.bidder(&old.token).await.is_ok());
    assert_eq!(identity.own_passkeys(old.person).await.unwrap().len(), 2);
    for (act, count) in [("passkey.recover", 1), ("person.link", 2), ("person.register", 1)] {
        assert_eq!(recorded(state, act).await.len(), count, "{act}");
    }
}

/// The phones of an account learn that somebody recovers it, and that a key came; a newcomer has
/// nobody to tell.
#[tokio::test]
async fn the_old_phones_are_told_when_a_recovery_begins_and_when_a_key_comes() {
    let ground = Ground::new().await;
    let (state, identity) = (&ground.services.state, &ground.services.state.identity);
    let told = async || {
        let rows = notification::Entity::find().order_by_asc(notification::Column::Seq);
        let rows = rows.all(state.context.db.read()).await.unwrap();
        let rows = rows.into_iter().map(|row| (row.person, row.kind));
        rows.filter(|(_, kind)| kind != "key_ready").collect::<Vec<_>>()
    };
    let old = ground.sign_in(0xA, &aida()).await.unwrap();
    assert_eq!(told().await, [], "nobody had a phone before");
    let person = old.person.0;
    let notice = |kind: &str| (person, kind.to_owned());
    ground.pass(TimeSpan::minutes(1));
    let answer = ground.visit(EidPurpose::Recovery, 0xB, &aida()).await.answer();
    let challenge = identity.start_recovery_by_eid(answer).await.unwrap();
    assert_eq!(told().await, [notice("recovery_started")]);
    ground.pass(TimeSpan::minutes(1));
    let mut phone = Phone::new(0xB);
    identity.finish_recovery(phone.create(&challenge)).await.unwrap();
    ground.pass(TimeSpan::minutes(1));
    ground.sign_in(0xC, &aida()).await.unwrap();
    let all = ["recovery_started", "key_added", "key_added"].map(notice);
    assert_eq!(told().await, all);
    ground.pass(TimeSpan::minutes(1));
    ground.sign_in(0xC, &aida()).await.unwrap();
    assert_eq!(told().await, all, "a known phone is no news");
    // By push, to those that have an address.
    let bidder = identity.bidder(&old.token).await.unwrap();
    identity.set_push_token(&bidder, Some("old".to_owned())).await.unwrap();
    assert_eq!(state.push.deliver().await.unwrap(), 2, "the newest of a kind");
    let taken = ground.services.push.taken.lock().unwrap();
    assert!(taken.iter().all(|message| message.token == "old" && message.urgent));
    assert!(taken.iter().all(|message| message.collapse_key.is_none()));
}

/// A key that waits is news again when it may bid; one that was ended in time is not.
#[tokio::test]
async fn the_phones_are_told_when_a_key_can_bid_unless_it_has_ended() {
    let ground = Ground::new().await;
    let (state, identity) = (&ground.services.state, &ground.services.state.identity);
    let old = ground.sign_in(0xA, &aida()).await.unwrap();
    let by = identity.bidder(&old.token).await.unwrap();
    identity.set_push_token(&by, Some("old".to_owned())).await.unwrap();
    let cooldown = state.context.config.rules.key_cooldown();
    for phone in [0xB, 0xC] {
        ground.pass(TimeSpan::minutes(1));
        ground.sign_in(phone, &aida()).await.unwrap();
    }
    // A recovered passkey waits as a phone does.
    ground.pass(TimeSpan::minutes(1));
    let answer = ground.visit(EidPurpose::Recovery, 0xA, &aida()).await.answer();
    let challenge = identity.start_recovery_by_eid(answer).await.unwrap();
    identity.finish_recovery(Phone::new(0xA).create(&challenge)).await.unwrap();
    let session = ground.sign_in(0xA, &aida()).await.unwrap();
    let by = identity.bidder(&session.token).await.unwrap();
    identity.set_push_token(&by, Some("old".to_owned())).await.unwrap();
    // The thief's phone ends in time.
    identity.revoke(&by, device(0xB).id, false).await.unwrap();
    let ready = async || {
        state.push.deliver().await.unwrap();
        let mut taken = ground.services.push.taken.lock().unwrap();
        let all = std::mem::take(&mut *taken);
        all.into_iter().filter(|message| message.hint.contains("key_ready")).count()
    };
    assert_eq!(ready().await, 0);
    ground.pass(TimeSpan(cooldown.0 - TimeSpan::minutes(2).0));
    assert_eq!(ready().await, 0, "it has ended");
    ground.pass(TimeSpan(TimeSpan::minutes(1).0 - TimeSpan::milliseconds(1).0));
    assert_eq!(ready().await, 0, "too early");
    ground.pass(TimeSpan::milliseconds(1));
    assert_eq!(ready().await, 1, "the phone");
    ground.pass(TimeSpan::minutes(1));
    assert_eq!(ready().await, 1, "the passkey");
    ground.pass(TimeSpan::days(3));
    assert_eq!(ready().await, 0, "each is told once");
}

/// With the victim's eID, but without their phones: what a recovered passkey may do to a known phone
/// does not make a new key an old one.
#[tokio::test]
async fn nobody_waits_less_by_giving_an_old_phone_another_key() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let identity = &state.identity;
    let old = Phone::new(0xA).register(identity).await;
    let mut by_number = proven(Provider::Certificate, "CN=A", Some(PIN));
    by_number.name = "Аида".to_owned();
    link(state, old.person, &by_number).await.unwrap();
    ground.pass(TimeSpan::days(30));

    let answer = ground.visit(EidPurpose::Recovery, 0xB, &aida()).await.answer();
    let challenge = identity.start_recovery_by_eid(answer).await.unwrap();
    let mut thief = Phone::new(0xB);
    let recovered = identity.finish_recovery(thief.create(&challenge)).await.unwrap();
    let taken = NewDevice { id: device(0xA).id, ..device(0xB) };
    let challenge = identity.start_sign_in(StartSignIn { credential_id: None }).await.unwrap();
    let mut request = thief.get(&challenge, &recovered.credential_id);
    request.proof = Some(sign(0xB, &taken.package(challenge.ceremony)));
    request.device = taken.clone();
    identity.finish_sign_in(request).await.unwrap();
    let answer = ground.visit(EidPurpose::SignIn, 0xB, &aida()).await.answer();
    let proof = sign(0xB, &taken.package(answer.ceremony));
    let request = FinishEid { answer, device: taken, proof };
    let session = identity.finish_eid(request).await.unwrap();
    let bidder = identity.bidder(&session.token).await.unwrap();
    assert_eq!(bidder.recovered_at, Some(ground.now()));
}

#[tokio::test]
async fn the_first_key_of_an_account_waits_for_nobody() {
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    let session = ground.sign_in(0xA, &aida()).await.unwrap();
    let answer = ground.visit(EidPurpose::Recovery, 0xA, &aida()).await.answer();
    let challenge = identity.start_recovery_by_eid(answer).await.unwrap();
    let made = identity.finish_recovery(Phone::new(0xA).create(&challenge)).await.unwrap();
    assert_eq!(made.person, session.person);
    assert_eq!(identity.bidder(&made.token).await.unwrap().recovered_at, None);
}

#[tokio::test]
async fn nobody_recovers_what_is_not_theirs_nor_by_an_old_visit() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    let recover = |answer| state.identity.start_recovery_by_eid(answer);
    // A stranger has no account to recover, and gets none.
    let stranger = ground.visit(EidPurpose::Recovery, 1, &named("x", None, "Икс")).await;
    assert_eq!(word(&recover(stranger.answer()).await), "identity no_account");
    assert_eq!(ground.stored().await[0], 0);
    ground.sign_in(1, &aida()).await.unwrap();
    // Asked for to sign in.
    let sign_in = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    assert_eq!(word(&recover(sign_in.answer()).await), "state");
    // The provider knew the browser, and asked nobody for a card.
    let earlier = ground.now().0 / 1_000_000 - 3_600;
    for lie in [Some(json!(earlier)), None] {
        ground.provider.misbehave(|wrong| wrong.claims = vec![("auth_time", lie.clone())]);
        let stale = ground.visit(EidPurpose::Recovery, 1, &aida()).await;
        assert_eq!(word(&recover(stale.answer()).await), "auth_time", "{lie:?}");
        assert_eq!(word(&ground.sign_in(1, &aida()).await), "in", "which is enough to sign in");
    }
}
