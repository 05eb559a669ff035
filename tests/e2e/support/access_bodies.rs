//! Bodies of the operations by which people come in, well formed and of nobody.

use super::access_fixture::AccessFixture;
use serde_json::{Value, json};
use uuid::Uuid;

/// A point of P-256, as a phone's key is sent.
const POINT: &str =
    "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";

/// A new account.
pub fn newcomer() -> Value {
    json!({ "name": "Дастан", "language": "ky" })
}

/// The start of a sign-in by eID.
pub fn eid_start() -> Value {
    json!({ "purpose": "sign_in", "secret_hash": "0a".repeat(32), "language": "ky" })
}

/// An answer of eID to nobody, with the phone that brings it.
pub fn eid() -> Value {
    let device = json!({ "id": Uuid::from_u128(9), "platform": "terminal", "public_key": POINT });
    let answer = json!({ "ceremony": Uuid::nil(), "state": "a", "code": "b", "secret": "c" });
    json!({ "answer": answer, "device": device, "proof": "" })
}

/// An answer to a ceremony that nobody began.
pub fn finish(scene: &AccessFixture) -> Value {
    let device = json!({
        "id": scene.participant.session.device,
        "platform": "terminal",
        "public_key": POINT,
    });
    json!({ "ceremony": Uuid::nil(), "credential": {}, "device": device })
}
