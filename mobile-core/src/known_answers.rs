//! The answers of this build to the vectors of the conformance kit (`tests/conformance`).
//!
//! # Why an app can ask
//! What is signed and hashed must be the same on every processor, with every compiler and flag. A
//! test of the app that goes through the kit shows it for what the person installs, and not for
//! the library on a developer's machine.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use toruk_sync::domain::id::{ApplicationId, AuctionId, PersonId};
use toruk_sync::draft::draft_id;
use toruk_sync::protocol::operations::Op;
use toruk_sync::protocol::pull::Digest;
use toruk_sync::receipt::{
    ApplicationReceipt, GENESIS, Receipt, Record, VerifierKey, commitment, link,
};
use toruk_sync::signing::{
    ApplicationPayload, BidPayload, BidPayloadV1, DevicePayload, ProtocolPayload, SignedPayload,
};
use uuid::Uuid;

/// The answer to a vector, JSON as `sync/README.md` describes it for each kind. None for a kind that
/// is not known, or an input that is none of its kind.
#[uniffi::export]
pub fn known_answer(kind: String, input_json: String) -> Option<String> {
    let input: Value = serde_json::from_str(&input_json).ok()?;
    let text = |name: &str| input[name].as_str();
    let answer = match &*kind {
        "signed_bytes" => signed_bytes(text("type")?, &input["fields"]),
        "ecdsa" => ecdsa(text("public_key")?, text("bytes")?, text("signature")?),
        "receipt" => receipt(text("text")?, text("key")?),
        "receipt_text" => Some(json!({ "text": read::<Receipt>(&input["receipt"])?.to_text() })),
        "receipt_key" => receipt_key(text("key")?),
        "log" => log(&read::<Vec<Record>>(&input["records"])?),
        "op_hash" => op_hash(&input),
        "draft_id" => {
            let (person, auction) = (read::<PersonId>(&input["person"])?, &input["auction"]);
            Some(json!({ "id": draft_id(person, read::<AuctionId>(auction)?) }))
        }
        "commitment" => {
            let salt = hex::decode(text("salt")?).ok()?.try_into().ok()?;
            let application = read::<ApplicationId>(&input["application"])?;
            Some(json!({ "commitment": commitment(&salt, application) }))
        }
        "digest" => digest(&read::<Vec<(String, String, u64)>>(&input["rows"])?),
        _ => None,
    };
    answer.map(|answer| answer.to_string())
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

fn signed_bytes(kind: &str, fields: &Value) -> Option<Value> {
    match kind {
        ApplicationPayload::KIND => canonical::<ApplicationPayload>(fields),
        BidPayload::KIND => canonical::<BidPayload>(fields),
        BidPayloadV1::KIND => canonical::<BidPayloadV1>(fields),
        DevicePayload::KIND => canonical::<DevicePayload>(fields),
        ProtocolPayload::KIND => canonical::<ProtocolPayload>(fields),
        _ => None,
    }
}

fn canonical<T: SignedPayload + DeserializeOwned>(fields: &Value) -> Option<Value> {
    let payload: T = read(fields)?;
    Some(json!({
        "bytes": String::from_utf8(payload.canonical()).ok()?,
        "sha256": hex::encode(payload.digest()),
        "challenge": URL_SAFE_NO_PAD.encode(payload.digest()),
    }))
}

fn ecdsa(key: &str, bytes: &str, signature: &str) -> Option<Value> {
    let key = VerifyingKey::from_sec1_bytes(&STANDARD.decode(key).ok()?).ok()?;
    let signature = Signature::from_slice(&STANDARD.decode(signature).ok()?);
    let valid = signature.is_ok_and(|signature| key.verify(bytes.as_bytes(), &signature).is_ok());
    Some(json!({ "valid": valid }))
}

fn receipt(text: &str, key: &str) -> Option<Value> {
    let key: VerifierKey = key.parse().ok()?;
    let bid = Receipt::from_text(text).and_then(|receipt| receipt.verify(&key));
    let act = ApplicationReceipt::from_text(text).and_then(|receipt| receipt.verify(&key));
    Some(json!({ "valid": bid.is_ok() || act.is_ok() }))
}

fn receipt_key(key: &str) -> Option<Value> {
    let key: VerifierKey = key.parse().ok()?;
    Some(json!({ "name": key.name(), "origin": key.origin(), "id": hex::encode(key.id()) }))
}

fn log(records: &[Record]) -> Option<Value> {
    let head = records.iter().fold(GENESIS, |head, record| link(&head, record));
    Some(json!({ "head": hex::encode(head) }))
}

fn op_hash(input: &Value) -> Option<Value> {
    let (op_no, person) = (1, PersonId(Uuid::nil()));
    let op = Op { op_no, person, operation: read(&input["operation"])? };
    Some(json!({ "hash": op.hash() }))
}

fn digest(rows: &[(String, String, u64)]) -> Option<Value> {
    let mut digest = Digest::default();
    rows.iter().for_each(|(kind, id, seq)| digest.add(kind, id, *seq));
    Some(json!({ "rows": digest.rows, "sum_text": digest.sum.to_string() }))
}
