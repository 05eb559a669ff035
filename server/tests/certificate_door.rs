//! The door of certificates (ЭЦП): signing in and recovering an account.

use crate::applicants::prove;
use crate::certificates::authority::{Holder, Template, root};
use crate::certificates::message::Message;
use crate::certificates::responder::{Reply, Responder};
use crate::ground::phone::{Phone, sign};
use crate::ground::sale::Sale;
use crate::people::recorded;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use toruk_server::clock::Clock as _;
use toruk_server::config::Config;
use toruk_server::identity::{Error, IdentityFault};
use toruk_server::signature::cms::FAILURE_KEPT;
use toruk_server::{AppState, identity};
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::Session;
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate, SignatureFault as Fault,
};
use tower::ServiceExt as _;

pub const AIDA: &str = "21503199077777";
pub const BEK: &str = "11503199012345";

/// A server that accepts the certificates of an authority.
pub struct Door {
    pub sale: Sale,
    pub root: Holder,
    pub responder: Responder,
}

impl Door {
    pub async fn new(change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let start = Timestamp::parse("2026-11-23T10:00:00+06:00").unwrap();
        let responder = Responder::start().await.unwrap();
        let root = root(&Template::authority("Root", 1, start));
        let sale = Sale::with_config(|config| {
            let file = config.data_dir.join("roots.der");
            std::fs::create_dir_all(&config.data_dir).unwrap();
            std::fs::write(&file, &root.certificate).unwrap();
            config.signature_roots = vec![file];
            config.proves_identity = true;
            config.rules.application_confirmation =
                BTreeSet::from([ConfirmationMethod::Passkey, ConfirmationMethod::Eds]);
            change(config);
        })
        .await;
        let door = Self { sale, root, responder };
        door.publish(&[]);
        door
    }

    pub fn publish(&self, revoked: &[u64]) {
        let now = self.now();
        let list = self.root.list(revoked, now, now + TimeSpan::days(7));
        self.responder.publish_list(Reply::Bytes(list));
    }

    /// The time passes in which an address that has failed is left alone.
    pub fn forget_failure(&self) {
        self.sale.clock().pass(FAILURE_KEPT);
        self.sale.clock().pass(TimeSpan::minutes(1));
    }

    pub fn now(&self) -> Timestamp {
        self.sale.clock().now()
    }

    pub fn state(&self) -> &AppState {
        self.sale.state()
    }

    pub fn person(&self, name: &str, pin: &str, serial: u64) -> Holder {
        let list = Some(self.responder.list_url());
        self.root.certify(&Template { list, ..Template::person(name, pin, serial, self.now()) })
    }

    async fn challenge(&self) -> CertificateChallenge {
        self.state().identity.start_certificate_sign_in().await.unwrap()
    }

    /// The answer of a phone with this name to a challenge that `signer` has signed.
    fn answer(
        &self,
        challenge: &CertificateChallenge,
        signer: &Holder,
        name: u128,
    ) -> FinishCertificate {
        let device = Phone::new(name).device;
        let bytes = STANDARD.decode(&challenge.challenge).unwrap();
        FinishCertificate {
            ceremony: challenge.ceremony,
            challenge: challenge.challenge.clone(),
            signature: Message::of(signer, self.now()).sign(&bytes),
            proof: sign(name, &device.package(challenge.ceremony)),
            device,
        }
    }

    async fn enter(&self, signer: &Holder, name: u128) -> Result<Session, Error> {
        let challenge = self.challenge().await;
        let answer = self.answer(&challenge, signer, name);
        self.state().identity.finish_certificate_sign_in(answer).await
    }

    async fn waits(&self, session: &Session) -> bool {
        let bidder = self.state().identity.bidder(&session.token).await.unwrap();
        bidder.recovered_at.is_some()
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Fault {
    match outcome {
        Err(Error::Signature(refusal)) => refusal.fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_signs_in_one_person_on_each_of_their_phones() {
    let door = Door::new(|_| {}).await;
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    let first = door.enter(&aida, 0x1).await.unwrap();
    assert_eq!((&*first.name, &*first.credential_id), ("Асанова Айгүл", ""));
    assert!(!door.waits(&first).await, "a new account has nobody to wait for");
    door.sale.clock().pass(TimeSpan::hours(1));
    let again = door.enter(&aida, 0x1).await.unwrap();
    assert_eq!(again.person, first.person);
    assert!(!door.waits(&again).await);
    let renewed = door.person("Асанова Айгүл Бековна", AIDA, 11);
    let other = door.enter(&renewed, 0x2).await.unwrap();
    assert_eq!(other.person, first.person, "a renewed certificate is the same person's");
    assert!(door.waits(&other).await, "a phone that joins an account places no bid at once");
    let bek = door.enter(&door.person("Бек", BEK, 12), 0x3).await.unwrap();
    assert_ne!(bek.person, first.person);
    let foreign = door.enter(&door.person("Бек", BEK, 12), 0x1).await;
    assert!(matches!(foreign, Err(Error::DeviceTaken)), "{foreign:?}");
    assert_eq!(recorded(door.state(), "person.link").await.len(), 2);
}

#[tokio::test]
async fn an_account_that_another_door_has_proven_is_the_same_one() {
    let door = Door::new(|_| {}).await;
    prove(&door.sale, AIDA).await.unwrap();
    door.sale.clock().pass(TimeSpan::hours(1));
    let session = door.enter(&door.person("Асанова Айгүл", AIDA, 10), 0x5).await.unwrap();
    assert_eq!(session.person, door.sale.bidder.person);
    assert!(door.waits(&session).await);
}

#[tokio::test]
async fn a_challenge_counts_once_for_its_purpose_and_in_time() {
    let door = Door::new(|_| {}).await;
    let identity = &door.state().identity;
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    let challenge = door.challenge().await;
    let answer = door.answer(&challenge, &aida, 0x1);
    identity.finish_certificate_sign_in(answer.clone()).await.unwrap();
    let failed = |outcome: Result<Session, Error>| {
        assert!(matches!(outcome, Err(Error::CeremonyFailed)), "{outcome:?}");
    };
    failed(identity.finish_certificate_sign_in(answer.clone()).await);

    let fresh = door.challenge().await;
    let honest = door.answer(&fresh, &aida, 0x1);
    let other = door.challenge().await;
    failed(
        identity
            .finish_certificate_sign_in(FinishCertificate {
                ceremony: other.ceremony,
                proof: door.answer(&other, &aida, 0x1).proof,
                ..honest.clone()
            })
            .await,
    );
    let own = STANDARD.encode(b"toruk/certificate-sign-in/v1\n{}");
    let forged = CertificateChallenge { challenge: own, ..fresh.clone() };
    failed(identity.finish_certificate_sign_in(door.answer(&forged, &aida, 0x1)).await);
    let long = FinishCertificate { challenge: "A".repeat(5_000), ..honest.clone() };
    failed(identity.finish_certificate_sign_in(long).await);
    let recovery = identity.start_certificate_recovery().await.unwrap();
    failed(identity.finish_certificate_sign_in(door.answer(&recovery, &aida, 0x1)).await);
    // What was signed to sign in does not recover.
    let FinishCertificate { ceremony, challenge, signature, .. } = honest.clone();
    let proof = ProveByCertificate { ceremony, challenge, signature };
    let outcome = identity.start_recovery_by_certificate(proof).await;
    assert!(matches!(outcome, Err(Error::CeremonyFailed)), "{outcome:?}");
    let unproved = FinishCertificate { proof: STANDARD.encode([1; 64]), ..honest.clone() };
    let outcome = identity.finish_certificate_sign_in(unproved).await;
    assert!(matches!(outcome, Err(Error::ProofWrong)), "{outcome:?}");
    identity.finish_certificate_sign_in(honest).await.unwrap();

    let late = door.challenge().await;
    door.sale.clock().pass(TimeSpan::minutes(11));
    failed(identity.finish_certificate_sign_in(door.answer(&late, &aida, 0x1)).await);
}

#[tokio::test]
async fn a_refused_certificate_is_recorded_once_somebody_answers_for_it() {
    let door = Door::new(|_| {}).await;
    let identity = &door.state().identity;
    let stranger = root(&Template::authority("Root", 5, door.now()));
    let foreign = stranger.certify(&Template::person("Чужой", AIDA, 20, door.now()));
    assert_eq!(refused(door.enter(&foreign, 0x1).await), Fault::ChainUntrusted);
    assert!(recorded(door.state(), "signature.refuse").await.is_empty());

    let aida = door.person("Асанова Айгүл", AIDA, 10);
    door.responder.publish_list(Reply::Away);
    let challenge = door.challenge().await;
    let answer = door.answer(&challenge, &aida, 0x1);
    let outcome = identity.finish_certificate_sign_in(answer.clone()).await;
    assert_eq!(refused(outcome), Fault::RevocationUnknown);
    // Nothing was decided: the same answer counts once the list is there.
    door.forget_failure();
    door.publish(&[]);
    identity.finish_certificate_sign_in(answer).await.unwrap();

    door.sale.clock().pass(TimeSpan::minutes(10));
    door.publish(&[10]);
    let challenge = door.challenge().await;
    let answer = door.answer(&challenge, &aida, 0x1);
    let outcome = identity.finish_certificate_sign_in(answer.clone()).await;
    assert_eq!(refused(outcome), Fault::Revoked);
    door.publish(&[]);
    door.sale.clock().pass(TimeSpan::minutes(4));
    let outcome = identity.finish_certificate_sign_in(answer).await;
    assert_eq!(refused(outcome), Fault::Revoked, "the list is still fresh");
    let rows = recorded(door.state(), "signature.refuse").await;
    let faults: Vec<_> = rows.iter().map(|(_, detail)| detail.contains("revoked")).collect();
    assert_eq!(faults, [true, false], "the spent challenge is recorded once: {rows:?}");
    assert!(
        rows.iter().all(|(object, detail)| {
            object.starts_with("certificate:") && !detail.contains(AIDA)
        })
    );
}

/// Asking again and again while an authority is away fills no trail that is kept for ever.
#[tokio::test]
async fn an_authority_that_is_away_is_recorded_once_in_an_hour_for_a_certificate() {
    let door = Door::new(|_| {}).await;
    let (aida, bek) = (door.person("Асанова Айгүл", AIDA, 10), door.person("Бек", BEK, 11));
    door.responder.publish_list(Reply::Away);
    for (signer, phone, minutes, rows) in
        [(&aida, 0x1, 0, 1), (&aida, 0x1, 5, 1), (&bek, 0x2, 0, 2), (&aida, 0x1, 56, 3)]
    {
        door.sale.clock().pass(TimeSpan::minutes(minutes));
        assert_eq!(refused(door.enter(signer, phone).await), Fault::RevocationUnknown);
        let found = recorded(door.state(), "signature.refuse").await;
        assert_eq!(found.len(), rows, "{found:?}");
    }
}

#[tokio::test]
async fn a_server_without_roots_accepts_no_certificate() {
    let door = Door::new(|config| config.signature_roots.clear()).await;
    let identity = &door.state().identity;
    assert_eq!(refused(identity.start_certificate_sign_in().await), Fault::NotAccepted);
    assert_eq!(refused(identity.start_certificate_recovery().await), Fault::NotAccepted);
}

#[tokio::test]
async fn who_has_lost_their_passkeys_registers_another_by_certificate() {
    let door = Door::new(|_| {}).await;
    prove(&door.sale, AIDA).await.unwrap();
    door.sale.clock().pass(TimeSpan::hours(1));
    let prove_by = async |door: &Door, signer: &Holder| {
        let identity = &door.state().identity;
        let challenge = identity.start_certificate_recovery().await.unwrap();
        let FinishCertificate { ceremony, challenge, signature, .. } =
            door.answer(&challenge, signer, 0x1);
        identity
            .start_recovery_by_certificate(ProveByCertificate { ceremony, challenge, signature })
            .await
    };
    let bek = door.person("Бек", BEK, 11);
    let outcome = prove_by(&door, &bek).await;
    assert!(matches!(outcome, Err(Error::Identity(IdentityFault::NoAccount))), "{outcome:?}");
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    let challenge = prove_by(&door, &aida).await.unwrap();
    let mut phone = Phone::new(0x6);
    let answer = phone.create(&challenge);
    let session = door.state().identity.finish_recovery(answer).await.unwrap();
    assert_eq!(session.person, door.sale.bidder.person);
    assert!(door.waits(&session).await);
    assert_eq!(recorded(door.state(), "passkey.recover").await.len(), 1);
    door.sale.clock().pass(TimeSpan::hours(1));
    phone.sign_in(&door.state().identity, &session.credential_id).await.unwrap();
}

/// What the API answers: the status, the code, a parameter.
async fn answered(door: &Door, path: &str, body: &Value) -> (u16, String, Value) {
    let (router, _) = identity::routes::routes().split_for_parts();
    let router: axum::Router = router.with_state(door.state().clone());
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let waits = response.headers().contains_key(header::RETRY_AFTER);
    assert_eq!(waits, status == 503);
    let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    (status, body["code"].as_str().unwrap_or_default().to_owned(), body)
}

#[tokio::test]
async fn each_refusal_has_its_code_over_http() {
    let door = Door::new(|_| {}).await;
    let finish = "/v1/sessions/certificate/finish";
    let aida = door.person("Асанова Айгүл", AIDA, 10);
    let mut answer = door.answer(&door.challenge().await, &aida, 0x1);
    let honest = answer.clone();

    // Longer than other bodies may be, and no signature.
    answer.signature = STANDARD.encode(vec![0x30; 60_000]);
    let (status, code, body) = answered(&door, finish, &json!(answer)).await;
    assert_eq!((status, &*code), (422, "signature_refused"));
    assert_eq!(body["params"]["fault"], "malformed");

    let bytes = STANDARD.decode(&answer.challenge).unwrap();
    let gost = Message { algorithm: "1.2.643.7.1.1.3.2", ..Message::of(&aida, door.now()) };
    answer.signature = gost.sign(&bytes);
    let (status, code, body) = answered(&door, finish, &json!(answer)).await;
    assert_eq!((status, &*code), (422, "signature_algorithm_unsupported"));
    assert_eq!(body["params"]["oid"], "1.2.643.7.1.1.3.2");

    door.responder.publish_list(Reply::Away);
    let (status, code, _) = answered(&door, finish, &json!(honest)).await;
    assert_eq!((status, &*code), (503, "revocation_unknown"));

    door.forget_failure();
    door.publish(&[]);
    let (status, _, body) = answered(&door, finish, &json!(honest)).await;
    assert_eq!((status, &body["name"]), (200, &json!("Асанова Айгүл")));
    let (status, code, _) = answered(&door, finish, &json!(honest)).await;
    assert_eq!((status, &*code), (401, "ceremony_failed"));
}
