//! Through the doors that prove who a person is: eID and certificates.

use super::scene::{AIDAS_PIN, BEKS_PIN, Prepare, Scene, Script};
use anyhow::ensure;
use reqwest::RequestBuilder;
use serde_json::json;
use toruk_sync::protocol::eid::{EidAnswer, EidPurpose, FinishEid};
use toruk_sync::protocol::identity::Challenge;
use toruk_sync::protocol::signature::{CertificateChallenge, ProveByCertificate};
use toruk_tests::outside::certificates::authority::{Holder, Template, root};
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::certificates::signed;
use toruk_tests::world::eid::eid_person;
use uuid::Uuid;

/// Where a certificate names its owner's title.
const TITLE: &str = "2.5.4.12";

pub const SCRIPTS: &[Script] = &[
    ("eID's answer once more", EID_AGAIN, "401 eid_failed code", &[]),
    ("the victim's code in the thief's visit", EID_SLIPPED, "401 eid_failed code", &[]),
    ("the victim's whole answer without their secret", EID_STOLEN, "401 eid_failed secret", &[]),
    ("an answer of another provider", EID_MIXED_UP, "401 eid_failed issuer", &[]),
    ("an answer for a sign-in to recover", EID_FOR_OTHER, "401 eid_failed state", &[]),
    ("a recovery without an account", EID_WITHOUT_ACCOUNT, "403 forbidden no_account", &[]),
    (
        "eID's person under another's number",
        EID_OTHER_NUMBER,
        "409 id_reused pin_differs",
        &["identity.refuse"],
    ),
    (
        "the victim's number where a certificate has a title",
        NUMBER_ELSEWHERE,
        "422 signature_refused number_missing",
        &["signature.refuse"],
    ),
    (
        "a certificate for the victim by an authority of the thief's",
        OWN_AUTHORITY,
        "422 signature_refused chain_untrusted",
        &[],
    ),
    (
        "the victim's card after it was reported lost",
        LOST_CARD,
        "422 signature_refused revoked",
        &["signature.refuse"],
    ),
    ("a signature to sign in as one to recover", SIGNED_TO_SIGN_IN, "401 ceremony_failed", &[]),
    ("the end of a recovery without its beginning", HALF_A_PROOF, "401 ceremony_failed", &[]),
];

const EID_AGAIN: Prepare = |s| {
    Box::pin(async move {
        let answer = s.visit(EidPurpose::SignIn, &s.aidas_eid()).await?;
        let first = s.answer(finish(s, &answer)?).await?;
        ensure!(first.status == 200, "{}", first.body);
        finish(s, &answer)
    })
};

const EID_SLIPPED: Prepare = |s| {
    Box::pin(async move {
        let theirs = s.visit(EidPurpose::SignIn, &s.aidas_eid()).await?;
        let own = s.visit(EidPurpose::SignIn, &s.beks_eid()).await?;
        finish(s, &EidAnswer { code: theirs.code, ..own })
    })
};

const EID_STOLEN: Prepare = |s| {
    Box::pin(async move {
        let theirs = s.visit(EidPurpose::SignIn, &s.aidas_eid()).await?;
        finish(s, &EidAnswer { secret: "t".repeat(43), ..theirs })
    })
};

const EID_MIXED_UP: Prepare = |s| {
    Box::pin(async move {
        s.eid.misbehave(|wrong| wrong.iss = Some("https://evil.example".to_owned()));
        finish(s, &s.visit(EidPurpose::SignIn, &s.aidas_eid()).await?)
    })
};

const EID_FOR_OTHER: Prepare = |s| {
    Box::pin(async move {
        let answer = s.visit(EidPurpose::SignIn, &s.aidas_eid()).await?;
        Ok(s.post("/v1/registrations/by-eid", &answer))
    })
};

const EID_WITHOUT_ACCOUNT: Prepare = |s| {
    Box::pin(async move {
        let stranger = eid_person("stranger", "21503199054321", "Асанова", "Аида");
        let answer = s.visit(EidPurpose::Recovery, &stranger).await?;
        Ok(s.post("/v1/registrations/by-eid", &answer))
    })
};

const EID_OTHER_NUMBER: Prepare = |s| {
    Box::pin(async move {
        s.eid.misbehave(|wrong| wrong.claims = vec![("pin", Some(json!(AIDAS_PIN)))]);
        let answer = s.visit(EidPurpose::Recovery, &s.beks_eid()).await?;
        Ok(s.post("/v1/registrations/by-eid", &answer))
    })
};

const NUMBER_ELSEWHERE: Prepare = |s| {
    Box::pin(async move {
        let mut template = Template::person("Асанова Аида", BEKS_PIN, 31, s.now());
        template.subject.pop();
        template.subject.push((TITLE, AIDAS_PIN.to_owned()));
        recover(s, &s.door.certify(template)).await
    })
};

const OWN_AUTHORITY: Prepare = |s| {
    Box::pin(async move {
        let own = root(&Template::authority("Корневой УЦ", 5, s.now()));
        let list = Some(s.door.responder.list_url());
        let person = Template::person("Асанова Аида", AIDAS_PIN, 32, s.now());
        recover(s, &own.certify(&Template { list, ..person })).await
    })
};

const LOST_CARD: Prepare = |s| {
    Box::pin(async move {
        s.door.publish(&[33], s.now());
        recover(s, &s.door.certify(Template::person("Асанова Аида", AIDAS_PIN, 33, s.now()))).await
    })
};

const SIGNED_TO_SIGN_IN: Prepare = |s| {
    Box::pin(async move {
        let card = s.door.certify(Template::person("Асанова Аида", AIDAS_PIN, 34, s.now()));
        prove(s, "/v1/sessions/certificate", &card).await
    })
};

const HALF_A_PROOF: Prepare = |s| {
    Box::pin(async move {
        // A challenge of the server's, for a new account of the thief's.
        let start = json!({ "name": "Асанова Аида", "language": "ky" });
        let challenge: Challenge = s.answer(s.post("/v1/registrations", &start)).await?.json()?;
        let (_, _, finish) = s.bek.answered(&challenge)?;
        Ok(s.post("/v1/registrations/by-eid/finish", &finish))
    })
};

/// The sign-in of a phone that is new to the server.
fn finish(s: &Scene, answer: &EidAnswer) -> anyhow::Result<RequestBuilder> {
    let (device, proof) = ApiClient::new_device(answer.ceremony)?;
    let body = FinishEid { answer: answer.clone(), device, proof };
    Ok(s.post("/v1/sessions/eid/finish", &body))
}

async fn recover(s: &Scene, card: &Holder) -> anyhow::Result<RequestBuilder> {
    prove(s, "/v1/registrations/by-certificate/challenge", card).await
}

/// A proof for a recovery, over the challenge from `path`.
async fn prove(s: &Scene, path: &str, card: &Holder) -> anyhow::Result<RequestBuilder> {
    let given: CertificateChallenge = s.answer(s.post(path, &json!({}))).await?.json()?;
    let signature = signed(card, &given, s.now())?;
    let CertificateChallenge { ceremony, challenge } = given;
    ensure!(ceremony != Uuid::nil(), "no ceremony");
    let proof = ProveByCertificate { ceremony, challenge, signature };
    Ok(s.post("/v1/registrations/by-certificate", &proof))
}
