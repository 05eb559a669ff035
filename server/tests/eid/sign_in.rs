//! Accounts, phones and answers: who gets in, and whose answer counts once.

use super::{Ground, PIN, aida, named, word};
use crate::ground::TestServices;
use crate::ground::phone::{Phone, device, sign};
use crate::people::recorded;
use crate::persons::proven;
use toruk_server::db::StoreError;
use toruk_server::identity::{AccountKind, Error, Provider};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::{EidAnswer, EidPurpose, FinishEid, StartEid};

#[tokio::test]
async fn a_newcomer_gets_an_account_without_a_passkey_and_finds_it_again() {
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    let session = ground.sign_in(1, &aida()).await.unwrap();
    assert_eq!(
        (session.name.as_str(), session.credential_id.as_str()),
        ("Асанова Аида Бековна", "")
    );
    assert_eq!(identity.pin_of(session.person).await.unwrap().unwrap().digits(), PIN);
    assert_eq!(identity.bidder(&session.token).await.unwrap().recovered_at, None);
    assert!(identity.own_passkeys(session.person).await.unwrap().is_empty());
    for act in ["person.register", "person.link", "device.register"] {
        assert_eq!(recorded(&ground.services.state, act).await.len(), 1, "{act}");
    }
    ground.pass(TimeSpan::days(2));
    let again = ground.sign_in(1, &aida()).await.unwrap();
    assert_eq!((again.person, again.actor), (session.person, session.actor));
    assert_eq!(identity.bidder(&again.token).await.unwrap().recovered_at, None);
    assert!(matches!(identity.bidder(&session.token).await, Err(Error::SignedOut)));
    assert_eq!(recorded(&ground.services.state, "person.register").await.len(), 1);
}

#[tokio::test]
async fn a_phone_that_is_new_to_a_used_account_places_no_bid_for_a_while() {
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    ground.sign_in(1, &aida()).await.unwrap();
    ground.pass(TimeSpan::hours(1));
    let joined = ground.now();
    let second = ground.sign_in(2, &aida()).await.unwrap();
    assert_eq!(identity.bidder(&second.token).await.unwrap().recovered_at, Some(joined));
    // To sign in once more makes nobody wait less, and the first phone not at all.
    ground.pass(TimeSpan::hours(1));
    let second = ground.sign_in(2, &aida()).await.unwrap();
    assert_eq!(identity.bidder(&second.token).await.unwrap().recovered_at, Some(joined));
    let first = ground.sign_in(1, &aida()).await.unwrap();
    assert_eq!(identity.bidder(&first.token).await.unwrap().recovered_at, None);
}

#[tokio::test]
async fn a_known_phone_comes_with_its_key_and_a_revoked_one_not_at_all() {
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    let session = ground.sign_in(1, &aida()).await.unwrap();
    let answer = ground.visit(EidPurpose::SignIn, 1, &aida()).await.answer();
    let mut stolen = device(2);
    stolen.id = device(1).id;
    let proof = sign(2, &stolen.package(answer.ceremony));
    let taken = identity.finish_eid(FinishEid { answer, device: stolen, proof }).await;
    assert!(matches!(taken, Err(Error::DeviceTaken)));
    // Another person's phone, and a phone without a proof of its key.
    let bek = named("bek", None, "Беков");
    assert!(matches!(ground.sign_in(1, &bek).await, Err(Error::DeviceTaken)));
    let answer = ground.visit(EidPurpose::SignIn, 3, &aida()).await.answer();
    let proof = sign(2, &device(3).package(answer.ceremony));
    let wrong = identity.finish_eid(FinishEid { answer, device: device(3), proof }).await;
    assert!(matches!(wrong, Err(Error::ProofWrong)));
    let bidder = identity.bidder(&session.token).await.unwrap();
    identity.revoke(&bidder, device(1).id, false).await.unwrap();
    assert!(matches!(ground.sign_in(1, &aida()).await, Err(Error::DeviceRevoked)));
}

#[tokio::test]
async fn an_answer_counts_once_in_time_and_for_the_phone_that_asked() {
    let ground = Ground::new().await;
    let visit = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    let other = ground.visit(EidPurpose::SignIn, 2, &named("bek", None, "Беков")).await;
    let recovery = ground.visit(EidPurpose::Recovery, 1, &aida()).await;
    let honest = visit.answer();
    let changed = |change: &dyn Fn(&mut EidAnswer)| {
        let mut answer = honest.clone();
        change(&mut answer);
        answer
    };
    let nothing = ground.stored().await;
    for (name, answer, expected) in [
        ("another secret", changed(&|a| a.secret = "x".repeat(43)), "secret"),
        ("a short secret", changed(&|a| a.secret = String::new()), "secret"),
        ("a made-up state", changed(&|a| a.state = "AAAA".to_owned()), "state"),
        ("another ceremony", changed(&|a| a.ceremony = other.start.ceremony), "state"),
        ("another phone's state", changed(&|a| a.state = other.fields.state.clone()), "state"),
        ("another phone's code", changed(&|a| a.code = other.fields.code.clone()), "code"),
        ("a made-up code", changed(&|a| a.code = "code".to_owned()), "code"),
        ("no code", changed(&|a| a.code = String::new()), "code"),
        ("a code of a page", changed(&|a| a.code = "c".repeat(4_000)), "code"),
        ("for a recovery", recovery.answer(), "state"),
    ] {
        assert_eq!(word(&ground.finish(1, answer).await), expected, "{name}");
    }
    // A whole answer that was slipped into another phone meets another secret.
    let slipped = EidAnswer { secret: visit.secret.clone(), ..other.answer() };
    assert_eq!(word(&ground.finish(1, slipped).await), "secret");
    assert_eq!(ground.stored().await, nothing);

    assert_eq!(word(&ground.finish(1, honest.clone()).await), "in");
    assert_eq!(word(&ground.finish(1, honest.clone()).await), "code", "the provider refuses");
    ground.provider.misbehave(|wrong| wrong.takes_any_code = true);
    assert_eq!(word(&ground.finish(1, honest).await), "counted", "and if it did not");
    let late = ground.visit(EidPurpose::SignIn, 1, &aida()).await;
    ground.pass(TimeSpan::minutes(15));
    assert_eq!(word(&ground.finish(1, late.answer()).await), "state");
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let ground = Ground::new().await;
    ground.provider.misbehave(|wrong| wrong.takes_any_code = true);
    let answer = ground.visit(EidPurpose::SignIn, 1, &aida()).await.answer();
    let (first, second) = tokio::join!(ground.finish(1, answer.clone()), ground.finish(1, answer));
    let mut outcomes = [word(&first), word(&second)];
    outcomes.sort();
    assert_eq!(outcomes, ["counted", "in"]);
}

#[tokio::test]
async fn one_human_is_one_bidder_and_a_contradiction_is_recorded() {
    let ground = Ground::new().await;
    let state = &ground.services.state;
    // Known by a certificate before.
    let certificate = proven(Provider::Certificate, "CN=A", Some(PIN));
    let known = crate::persons::enter(state, AccountKind::Bidder, &certificate).await.unwrap();
    assert_eq!(ground.sign_in(1, &aida()).await.unwrap().person, known);
    // The number of eID's subject has changed; and a second subject has the number of the first.
    let changed = named("aida", Some("11503199012345"), "Асанова");
    assert_eq!(word(&ground.sign_in(1, &changed).await), "identity pin_differs");
    let refused = recorded(state, "identity.refuse").await;
    assert_eq!(refused.len(), 1);
    let renamed = named("aida-2", Some(PIN), "Асанова");
    assert_eq!(ground.sign_in(1, &renamed).await.unwrap().person, known);
    use sea_orm::ConnectionTrait as _;
    let db = state.context.db.read();
    db.execute_unprepared("UPDATE identity SET revoked_at = 1").await.unwrap();
    assert_eq!(word(&ground.sign_in(1, &aida()).await), "identity revoked");
    assert_eq!(recorded(state, "identity.refuse").await.len(), 2);
}

#[tokio::test]
async fn what_is_asked_of_the_provider_is_bound_to_the_sign_in() {
    let ground = Ground::new().await;
    let start = ground.start(EidPurpose::SignIn, &"s".repeat(43)).await.unwrap();
    let url = reqwest::Url::parse(&start.authorization_url).unwrap();
    let field = |name: &str| {
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    for (name, expected) in [
        ("response_type", Some("code")),
        ("response_mode", Some("form_post")),
        ("code_challenge_method", Some("S256")),
        ("client_id", Some("toruk")),
        ("redirect_uri", Some("http://localhost:8080/eid/callback")),
        ("scope", Some("openid profile")),
        ("ui_locales", Some("ru")),
        ("prompt", None),
        ("max_age", None),
    ] {
        assert_eq!(field(name).as_deref(), expected, "{name}");
    }
    let recovery = ground.start(EidPurpose::Recovery, &"s".repeat(43)).await.unwrap();
    assert!(recovery.authorization_url.contains("prompt=login"));
    assert!(recovery.authorization_url.contains("max_age=0"));
    assert_eq!(start.expires_at, ground.now() + TimeSpan::minutes(15));
    assert_eq!(ground.stored().await, [0; 5], "strangers leave nothing");
}

#[tokio::test]
async fn a_start_is_well_formed_and_a_server_without_eid_has_none() {
    let start = |secret_hash: &str, language: &str| StartEid {
        purpose: EidPurpose::SignIn,
        secret_hash: secret_hash.to_owned(),
        language: language.to_owned(),
    };
    let hash = "0a".repeat(32);
    let ground = Ground::new().await;
    let identity = &ground.services.state.identity;
    for (request, expected) in [
        (start(&hash, "ky"), None),
        (start(&hash, "de"), Some("language")),
        (start(&hash[1..], "ky"), Some("secret_hash")),
        (start(&hash.to_uppercase(), "ky"), Some("secret_hash")),
        (start(&"g".repeat(64), "ky"), Some("secret_hash")),
    ] {
        let outcome = identity.start_eid(request.clone()).await;
        let fault = match outcome {
            Err(Error::Malformed(what)) => Some(what),
            _ => None,
        };
        assert_eq!(fault, expected, "{request:?}");
    }
    let without = TestServices::new().await;
    let mut phone = Phone::new(0xA);
    phone.register(&without.state.identity).await;
    let none = without.state.identity.start_eid(start(&hash, "ky")).await;
    assert!(matches!(none, Err(Error::Store(StoreError::NotFound))));
}
