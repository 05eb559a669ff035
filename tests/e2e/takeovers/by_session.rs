//! With a stolen session, a photographed code, or a copy of a phone.

use super::scene::{DELETE, Prepare, Scene, Script};
use anyhow::ensure;
use reqwest::Method;
use serde_json::json;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::eid::{
    EidAnswer, EidConfirmed, EidStart, StartEidConfirmation, secret_hash,
};
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, NewDevice};
use toruk_sync::protocol::operations::{Confirmation, Operation, Push};
use toruk_sync::protocol::passkeys::{FinishConfirmation, StartByCode};
use toruk_sync::protocol::revocation::ConfirmRevocation;
use toruk_sync::signing::{RevocationPayload, SignedPayload};

pub const SCRIPTS: &[Script] = &[
    ("a token of a phone that was revoked", AFTER_REVOCATION, "401 device_revoked", &[]),
    ("a token whose owner has signed out", AFTER_SIGN_OUT, "401 signed_out", &[]),
    ("a code for a next phone by a stolen session", CODE_BY_SESSION, "401 ceremony_failed", &[]),
    (
        "the end of the victim's phone by a stolen session",
        END_BY_SESSION,
        "401 ceremony_failed",
        &[],
    ),
    (
        "the end of the victim's phone by the thief's own eID",
        END_BY_OWN_EID,
        "422 bad_signature",
        &["signature.refuse"],
    ),
    ("a code that was photographed, after its owner", CODE_AGAIN, "404 not_found", &[]),
    ("a code that was photographed, after its time", CODE_LATE, "404 not_found", &[]),
    ("a code that was photographed, after the next one", CODE_REPLACED, "404 not_found", &[]),
    ("a copy of the victim's phone without its key", COPIED_PHONE, "409 id_reused device", &[]),
    (
        "an application by a stolen session and the thief's passkey",
        APPLIED_BY_PASSKEY,
        "200 bad_signature",
        &[],
    ),
    (
        "an application by a stolen session and the thief's eID",
        APPLIED_BY_EID,
        "200 bad_signature",
        &[],
    ),
];

const AFTER_REVOCATION: Prepare = |s| {
    Box::pin(async move {
        let lost = s.aida.next(&s.aida.next_device_code().await?).await?;
        let own = format!("/v1/devices/{}", lost.session.device);
        let ended = s.answer(lost.request(DELETE, &own)).await?;
        ensure!(ended.status == 200, "{}", ended.body);
        Ok(lost.request(Method::GET, "/v1/passkeys"))
    })
};

const AFTER_SIGN_OUT: Prepare = |s| {
    Box::pin(async move {
        let left = s.aida.next(&s.aida.next_device_code().await?).await?;
        let ended = s.answer(left.request(DELETE, "/v1/sessions/current")).await?;
        ensure!(ended.status == 204, "{}", ended.body);
        Ok(left.request(Method::POST, "/v1/sync/push").json(&Push { ops: Vec::new() }))
    })
};

const CODE_BY_SESSION: Prepare = |s| {
    Box::pin(async move {
        let challenge: Challenge = s.aida.post("/v1/passkey-codes", &()).await?.json()?;
        let (ceremony, credential) = (challenge.ceremony, s.bek.assert(&challenge)?);
        let answer = FinishConfirmation { ceremony, credential };
        Ok(s.aida.request(Method::POST, "/v1/passkey-codes/finish").json(&answer))
    })
};

const END_BY_SESSION: Prepare = |s| {
    Box::pin(async move {
        let path = format!("/v1/devices/{}/revocation", s.aida.session.device);
        let challenge: Challenge = s.aida.post(&path, &()).await?.json()?;
        let (ceremony, credential) = (challenge.ceremony, s.bek.assert(&challenge)?);
        let answer = json!({ "ceremony": ceremony, "credential": credential });
        Ok(s.aida.request(Method::POST, &format!("{path}/finish")).json(&answer))
    })
};

const END_BY_OWN_EID: Prepare = |s| {
    Box::pin(async move {
        let (person, device) = (s.aida.session.person, s.aida.session.device);
        let payload = RevocationPayload { person, device, end_last_passkey: true };
        let confirmation = beks_seal(s, &payload).await?;
        let path = format!("/v1/devices/{device}/revocation/confirmed");
        let body = ConfirmRevocation { end_last_passkey: true, confirmation };
        Ok(s.aida.request(Method::POST, &path).json(&body))
    })
};

const CODE_AGAIN: Prepare = |s| {
    Box::pin(async move {
        let code = s.aida.next_device_code().await?;
        s.aida.next(&code).await?;
        Ok(s.post("/v1/registrations/by-code", &StartByCode { code }))
    })
};

const CODE_LATE: Prepare = |s| {
    Box::pin(async move {
        let code = s.aida.next_device_code().await?;
        s.stage.clock.advance(TimeSpan::minutes(10));
        Ok(s.post("/v1/registrations/by-code", &StartByCode { code }))
    })
};

const CODE_REPLACED: Prepare = |s| {
    Box::pin(async move {
        let code = s.aida.next_device_code().await?;
        let start = s.post("/v1/registrations/by-code", &StartByCode { code });
        let challenge: Challenge = s.answer(start).await?.json()?;
        s.aida.next_device_code().await?;
        let (_, _, finish) = s.bek.answered(&challenge)?;
        Ok(s.post("/v1/registrations/by-code/finish", &finish))
    })
};

/// The thief signs in with their own passkey, and says that this is the victim's phone.
const COPIED_PHONE: Prepare = |s| {
    Box::pin(async move {
        let challenge: Challenge = s.answer(s.post("/v1/sessions", &json!({}))).await?.json()?;
        let (ceremony, credential) = (challenge.ceremony, s.bek.assert(&challenge)?);
        let own = s.bek.as_device();
        let device = NewDevice { id: s.aida.session.device, ..own };
        let proof = Some(s.bek.proof(&device, ceremony));
        let finish = FinishCeremony { ceremony, credential, device, proof };
        Ok(s.post("/v1/sessions/finish", &finish))
    })
};

const APPLIED_BY_PASSKEY: Prepare = |s| {
    Box::pin(async move {
        let package = s.aidas_package().await?;
        let confirmation = s.bek.confirm(&package)?;
        deliver(s, Operation::SubmitApplication { package, confirmation })
    })
};

const APPLIED_BY_EID: Prepare = |s| {
    Box::pin(async move {
        let package = s.aidas_package().await?;
        let confirmation = beks_seal(s, &package).await?;
        deliver(s, Operation::SubmitApplication { package, confirmation })
    })
};

fn deliver(s: &Scene, operation: Operation) -> anyhow::Result<reqwest::RequestBuilder> {
    let push = Push { ops: vec![s.aida.op(s.aida.take_op_no(), operation)] };
    Ok(s.aida.request(Method::POST, "/v1/sync/push").json(&push))
}

/// What the thief gets from eID for the bytes that the victim would have to confirm.
async fn beks_seal(s: &Scene, package: &impl SignedPayload) -> anyhow::Result<Confirmation> {
    let secret = "s".repeat(43);
    let (digest, secret_hash) = (hex::encode(package.digest()), secret_hash(&secret));
    let start = StartEidConfirmation { digest, secret_hash, language: "ky".to_owned() };
    let start: EidStart = s.bek.post("/v1/confirmations/eid", &start).await?.json()?;
    let fields = s.eid.sign_in(&start.authorization_url, &s.beks_eid())?;
    let (ceremony, state, code) = (start.ceremony, fields.state, fields.code);
    let answer = EidAnswer { ceremony, state, code, iss: fields.iss, secret };
    let sealed: EidConfirmed = s.bek.post("/v1/confirmations/eid/finish", &answer).await?.json()?;
    Ok(Confirmation::Eid { seal: sealed.seal })
}
