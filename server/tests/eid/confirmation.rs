//! An act that its person confirms by eID: which answers give a seal, and what a seal confirms.

use super::{PIN, Visit, aida, named, provider, word};
use crate::applicants::{prove, submitted};
use crate::ground::phone::Phone;
use crate::ground::sale::Sale;
use crate::outside::eid::{EidMisbehaviour, EidPerson, EidProviderSystem};
use crate::people::recorded;
use crate::persons::{link, proven};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use toruk_server::config::Config;
use toruk_server::entity::signature_evidence;
use toruk_server::identity::{Bidder, Error, Provider, Service};
use toruk_sync::domain::application::Rejection;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::{
    EID_CONFIRMATION_LIFE, EidAnswer, EidConfirmed, EidPurpose, StartEid, StartEidConfirmation,
    secret_hash,
};
use toruk_sync::protocol::identity::RevokedPasskey;
use toruk_sync::protocol::operations::{Confirmation, Operation, OperationRejection, Verdict};
use toruk_sync::protocol::revocation::ConfirmRevocation;
use toruk_sync::signing::{ApplicationPayload, RevocationPayload, SignedPayload};

const BEK: &str = "11503199012345";

/// A bidder whom eID knows, at an auction whose rules accept eID.
struct Ground {
    sale: Sale,
    provider: EidProviderSystem,
    provider_clock: Arc<AtomicI64>,
}

impl Ground {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (provider, provider_clock, eid) = provider(true).await;
        let sale = Sale::with_config(|config| {
            config.eid = Some(eid);
            config.proves_identity = true;
            config.rules.application_confirmation =
                BTreeSet::from([ConfirmationMethod::Passkey, ConfirmationMethod::Eid]);
            change(config);
        })
        .await;
        prove(&sale, PIN).await.unwrap();
        sale.upload().await;
        let ground = Self { sale, provider, provider_clock };
        ground.pass(TimeSpan::seconds(1));
        ground
    }

    fn identity(&self) -> &Service {
        &self.sale.state().identity
    }

    fn pass(&self, span: TimeSpan) {
        self.sale.clock().pass(span);
        let now = self.sale.state().context.ports.clock.now().0 / 1_000_000;
        self.provider_clock.store(now, Ordering::SeqCst);
    }

    fn honest(&self) {
        self.provider.misbehave(|wrong| *wrong = EidMisbehaviour::default());
    }

    async fn package(&self) -> ApplicationPayload {
        let mut package = self.sale.package().await;
        package.answers.insert("pin".to_owned(), PIN.to_owned());
        package
    }

    /// A person goes to eID to confirm what has this digest, as `by`.
    async fn visit(&self, by: &Bidder, what: &impl SignedPayload, who: &EidPerson) -> Visit {
        let secret = "s".repeat(43);
        let (digest, secret_hash) = (hex::encode(what.digest()), secret_hash(&secret));
        let request = StartEidConfirmation { digest, secret_hash, language: "ru".to_owned() };
        let start = self.identity().start_eid_confirmation(by, request).await.unwrap();
        let fields = self.provider.sign_in(&start.authorization_url, who).unwrap();
        Visit { start, secret, fields }
    }

    async fn seal(&self, what: &impl SignedPayload) -> Result<EidConfirmed, Error> {
        let by = &self.sale.bidder;
        let answer = self.visit(by, what, &aida()).await.answer();
        self.identity().finish_eid_confirmation(by, &answer).await
    }

    async fn submit(&self, op_no: u64, package: ApplicationPayload, seal: &str) -> Verdict {
        let confirmation = Confirmation::Eid { seal: seal.to_owned() };
        self.sale.push_one(op_no, Operation::SubmitApplication { package, confirmation }).await
    }

    async fn recorded(&self, act: &str) -> usize {
        recorded(self.sale.state(), act).await.len()
    }
}

/// Claims that the provider makes up, from its time.
type Lie = fn(i64) -> Vec<(&'static str, Option<Value>)>;

#[tokio::test]
async fn only_the_person_who_is_signed_in_and_authenticates_again_confirms() {
    let ground = Ground::new().await;
    let (by, package) = (ground.sale.bidder.clone(), ground.package().await);
    let lies: &[(&str, Lie, &str)] = &[
        ("an hour ago", |now| vec![("auth_time", Some(json!(now - 3_600)))], "auth_time"),
        ("before the visit", |now| vec![("auth_time", Some(json!(now - 31)))], "auth_time"),
        ("not said when", |_| vec![("auth_time", None)], "auth_time"),
        ("another nonce", |_| vec![("nonce", Some(json!("another")))], "nonce"),
        ("no nonce", |_| vec![("nonce", None)], "nonce"),
        (
            "another person",
            |_| vec![("sub", Some(json!("bek"))), ("pin", Some(json!(BEK)))],
            "other_person",
        ),
        ("two people", |_| vec![("sub", Some(json!("bek"))), ("pin", None)], "subject"),
        ("another number", |_| vec![("pin", Some(json!(BEK)))], "identity pin_differs"),
    ];
    // Their subject is known, so that a number alone leads nowhere else.
    let mut aidas = proven(Provider::Eid, "aida", Some(PIN));
    aidas.issuer = ground.provider.issuer();
    link(ground.sale.state(), by.person, &aidas).await.unwrap();
    let mut wrong = Vec::new();
    for (name, lie, expected) in lies {
        let now = ground.sale.state().context.ports.clock.now().0 / 1_000_000;
        ground.provider.misbehave(|today| {
            *today = EidMisbehaviour { claims: lie(now), ..EidMisbehaviour::default() };
        });
        let outcome = word(&ground.seal(&package).await);
        if outcome != *expected {
            wrong.push(format!("{name}: {outcome}, not {expected}"));
        }
        if ground.recorded("identity.confirm").await > 0 {
            wrong.push(format!("{name}: recorded as confirmed"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let faults = recorded(ground.sale.state(), "identity.refuse").await;
    assert_eq!(faults.len(), 5, "the same within an hour once: {faults:?}");
    ground.honest();
    ground.seal(&package).await.unwrap();
    assert_eq!(ground.recorded("identity.confirm").await, 1);
}

#[tokio::test]
async fn an_answer_counts_once_for_its_purpose_and_its_session() {
    let ground = Ground::new().await;
    let (identity, by) = (ground.identity(), ground.sale.bidder.clone());
    let package = ground.package().await;
    let finish = async |by: &Bidder, answer: &EidAnswer| {
        word(&identity.finish_eid_confirmation(by, answer).await)
    };
    let visit = ground.visit(&by, &package, &aida()).await;
    for sign in ["prompt=login", "max_age=0"] {
        assert!(visit.start.authorization_url.contains(sign), "{sign}");
    }
    let honest = visit.answer();
    let stranger = ground.sale.visitor(0x77).await;
    assert_eq!(finish(&stranger.bidder, &honest).await, "state", "another session");
    let other = EidAnswer { secret: "x".repeat(43), ..honest.clone() };
    assert_eq!(finish(&by, &other).await, "secret");
    for purpose in [EidPurpose::SignIn, EidPurpose::Recovery] {
        let secret = "s".repeat(43);
        let (secret_hash, language) = (secret_hash(&secret), "ru".to_owned());
        let start = identity.start_eid(StartEid { purpose, secret_hash, language }).await.unwrap();
        let fields = ground.provider.sign_in(&start.authorization_url, &aida()).unwrap();
        let answer = Visit { start, secret, fields }.answer();
        assert_eq!(finish(&by, &answer).await, "state", "{purpose:?}");
    }
    // What confirms signs nobody in and recovers nothing.
    let recovered = identity.start_recovery_by_eid(honest.clone()).await;
    assert_eq!(word(&recovered), "state");

    assert_eq!(finish(&by, &honest).await, "in");
    assert_eq!(finish(&by, &honest).await, "code", "the provider refuses");
    ground.provider.misbehave(|wrong| wrong.takes_any_code = true);
    assert_eq!(finish(&by, &honest).await, "counted", "and if it did not");
    ground.honest();
    let late = ground.visit(&by, &package, &aida()).await.answer();
    ground.pass(TimeSpan::minutes(15));
    assert_eq!(finish(&by, &late).await, "state");
    assert_eq!(ground.recorded("identity.confirm").await, 1);
}

#[tokio::test]
async fn a_seal_confirms_one_application_of_its_person_once_and_in_time() {
    let ground = Ground::new().await;
    let package = ground.package().await;
    let EidConfirmed { seal, expires_at } = ground.seal(&package).await.unwrap();
    let now = ground.sale.state().context.ports.clock.now();
    assert_eq!(expires_at, now + EID_CONFIRMATION_LIFE);
    let bad = Verdict::Refused(OperationRejection::BadSignature);
    let over = Verdict::Refused(OperationRejection::ConfirmationExpired);
    let mut changed = package.clone();
    changed.answers.insert("address".to_owned(), "Ош".to_owned());
    assert_eq!(ground.submit(1, changed, &seal).await, bad, "another document");
    for (op_no, place) in [(2, 0), (3, seal.len() / 2), (4, seal.len() - 1)] {
        let mut flipped = seal.clone().into_bytes();
        flipped[place] ^= 1;
        let flipped = String::from_utf8(flipped).unwrap();
        assert_eq!(ground.submit(op_no, package.clone(), &flipped).await, bad, "byte {place}");
    }
    // Another person's, over the same bytes.
    let stranger = ground.sale.visitor(0x77).await.bidder;
    let bek = named("bek", Some(BEK), "Беков");
    link(ground.sale.state(), stranger.person, &proven(Provider::Eid, "b", Some(BEK)))
        .await
        .unwrap();
    let answer = ground.visit(&stranger, &package, &bek).await.answer();
    let theirs = ground.identity().finish_eid_confirmation(&stranger, &answer).await.unwrap();
    assert_eq!(ground.submit(5, package.clone(), &theirs.seal).await, bad, "another person's");

    // Too late by a moment; and then confirmed again.
    ground.pass(EID_CONFIRMATION_LIFE);
    assert_eq!(ground.submit(6, package.clone(), &seal).await, over);
    let EidConfirmed { seal, .. } = ground.seal(&package).await.unwrap();
    let application = submitted(ground.submit(7, package.clone(), &seal).await);
    let own = ground.sale.state().applications.of(ground.sale.bidder.person).await.unwrap();
    assert_eq!(own[0].signed_with, ConfirmationMethod::Eid);
    // Withdrawn, and sent once more as it was.
    let withdrawn = ground.sale.push_one(8, Operation::WithdrawApplication { application }).await;
    assert_eq!(withdrawn, Verdict::Withdrawn);
    assert_eq!(ground.submit(9, package.clone(), &seal).await, over, "it was used");
    let EidConfirmed { seal, .. } = ground.seal(&package).await.unwrap();
    submitted(ground.submit(10, package, &seal).await);
}

#[tokio::test]
async fn eid_confirms_only_where_the_rules_say_so() {
    let ground = Ground::with(|config| {
        config.rules.application_confirmation = BTreeSet::from([ConfirmationMethod::Passkey]);
    })
    .await;
    let package = ground.package().await;
    let EidConfirmed { seal, .. } = ground.seal(&package).await.unwrap();
    let refused = OperationRejection::Application(Rejection::MethodNotAccepted);
    assert_eq!(ground.submit(1, package, &seal).await, Verdict::Refused(refused));
}

/// Somebody who has no passkey at hand ends their lost phone by the door through which they came.
#[tokio::test]
async fn a_lost_phone_ends_by_eid_and_only_that_phone() {
    let ground = Ground::new().await;
    let (identity, by) = (ground.identity(), ground.sale.bidder.clone());
    let lost = Phone::new(0x31).register(identity).await;
    let payload = |device, end_last_passkey| RevocationPayload {
        person: by.person,
        device,
        end_last_passkey,
    };
    let request = |seal: &str, end_last_passkey| ConfirmRevocation {
        end_last_passkey,
        confirmation: Confirmation::Eid { seal: seal.to_owned() },
    };
    let seal = ground.seal(&payload(by.device, true)).await.unwrap().seal;
    let foreign = identity.revoke_confirmed(&by, lost.device, &request(&seal, true)).await;
    assert!(matches!(foreign, Err(Error::ConfirmationWrong)), "{foreign:?}");
    let other = identity.revoke_confirmed(&by, by.device, &request(&seal, false)).await;
    assert!(matches!(other, Err(Error::ConfirmationWrong)), "not what was confirmed: {other:?}");
    let theirs = ground.seal(&payload(lost.device, true)).await.unwrap().seal;
    let gone = identity.revoke_confirmed(&by, lost.device, &request(&theirs, true)).await;
    assert!(matches!(gone, Err(Error::Store(_))), "another person's phone: {gone:?}");
    assert_eq!(ground.recorded("signature.refuse").await, 2);
    assert_eq!(ground.recorded("device.revoke").await, 0);

    let revoked = identity.revoke_confirmed(&by, by.device, &request(&seal, true)).await.unwrap();
    assert_eq!(revoked.passkey, RevokedPasskey::Ended);
    assert_eq!(ground.recorded("device.revoke").await, 1);
    let again = identity.revoke_confirmed(&by, by.device, &request(&seal, true)).await;
    assert!(matches!(again, Err(Error::ConfirmationExpired)), "{again:?}");
}

/// What the provider has signed waits for its act, becomes the act's evidence once, and is removed
/// if the act never comes.
#[tokio::test]
async fn what_the_provider_has_signed_is_kept_with_the_act_and_without_one_removed() {
    let ground = Ground::new().await;
    let state = ground.sale.state();
    let kept = async || {
        let rows = signature_evidence::Entity::find().all(state.context.db.read()).await.unwrap();
        let kind = |object: &str| object.split(':').next().unwrap_or_default().to_owned();
        let mut kinds: Vec<_> = rows.iter().map(|row| kind(&row.object)).collect();
        kinds.sort();
        kinds
    };
    let package = ground.package().await;
    let seal = ground.seal(&package).await.unwrap().seal;
    ground.seal(&package).await.unwrap();
    assert_eq!(kept().await, ["eid", "eid"]);
    submitted(ground.submit(1, package.clone(), &seal).await);
    assert_eq!(kept().await, ["application", "eid"]);
    assert_eq!(ground.identity().sweep_confirmations().await.unwrap(), 0);
    ground.pass(TimeSpan(2 * EID_CONFIRMATION_LIFE.0 + 1));
    assert_eq!(ground.identity().sweep_confirmations().await.unwrap(), 1);
    assert_eq!(kept().await, ["application"]);
}
