//! Requests of the tables of permissions, and the bodies of the operations by which people come in,
//! well formed and of nobody.

use super::access_fixture::{AccessFixture, UNFINISHED};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use toruk_tests::world::api_client::hash;
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

/// About the open auction.
pub fn auction(scene: &AccessFixture, method: Method, rest: &str) -> RequestBuilder {
    scene.ask(method, &format!("/v1/auctions/{}{rest}", scene.open))
}

/// Sends this body.
pub fn post(scene: &AccessFixture, path: &str, body: Value) -> RequestBuilder {
    scene.ask(Method::POST, path).json(&body)
}

/// About the participant's unfinished file.
pub fn blob(scene: &AccessFixture, method: Method) -> RequestBuilder {
    let path = format!("/v1/blobs/{}", hash(UNFINISHED));
    scene.ask(method, &path).header("tus-resumable", "1.0.0")
}

/// The participant's next operation: they withdraw.
pub fn withdrawal(scene: &AccessFixture) -> Value {
    let operation = json!({ "withdraw_application": { "application": scene.application } });
    let (op_no, person) = (scene.participant.next_op_no(), scene.participant.session.person);
    json!({ "ops": [{ "op_no": op_no, "person": person, "operation": operation }] })
}

/// The day before the fixture's.
pub const COMPARED_DAY: &str = "2026-11-23";

/// A form with one part of this name.
pub fn multipart(request: RequestBuilder, name: &str, text: &str) -> RequestBuilder {
    let head = format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"");
    request
        .header("Content-Type", "multipart/form-data; boundary=part")
        .body(format!("{head}\r\n\r\n{text}\r\n--part--\r\n"))
}
