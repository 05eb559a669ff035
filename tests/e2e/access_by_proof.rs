//! The rows of `access` for the doors that prove who a person is: certificates and eID. Neither is
//! configured there; what they open is in the server's `certificate_door` and `eid`.

use crate::access::Row;
use crate::support::access_bodies::{eid, eid_start, finish, post};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Rows of the doors that a certificate's signature or eID's answer opens.
pub const BY_PROOF: &[Row] = &[
    (
        "POST /v1/sessions/certificate",
        |s| s.ask(Method::POST, "/v1/sessions/certificate"),
        [422; 7],
    ),
    (
        "POST /v1/sessions/certificate/finish",
        |s| {
            let mut body = finish(s);
            let answer = body.as_object_mut().unwrap();
            answer.remove("credential");
            answer.extend([
                ("challenge".to_owned(), json!("AAAA")),
                ("signature".to_owned(), json!("AAAA")),
                ("proof".to_owned(), json!("AAAA")),
            ]);
            post(s, "/v1/sessions/certificate/finish", body)
        },
        [422; 7],
    ),
    (
        "POST /v1/registrations/by-certificate/challenge",
        |s| s.ask(Method::POST, "/v1/registrations/by-certificate/challenge"),
        [422; 7],
    ),
    (
        "POST /v1/registrations/by-certificate",
        |s| {
            let answer = json!({
                "ceremony": Uuid::nil(), "challenge": "AAAA", "signature": "AAAA",
            });
            post(s, "/v1/registrations/by-certificate", answer)
        },
        [422; 7],
    ),
    (
        "POST /v1/registrations/by-certificate/finish",
        |s| post(s, "/v1/registrations/by-certificate/finish", finish(s)),
        [401; 7],
    ),
    ("POST /v1/sessions/eid", |s| post(s, "/v1/sessions/eid", eid_start()), [404; 7]),
    ("POST /v1/sessions/eid/finish", |s| post(s, "/v1/sessions/eid/finish", eid()), [404; 7]),
    (
        "POST /v1/registrations/by-eid",
        |s| post(s, "/v1/registrations/by-eid", eid()["answer"].clone()),
        [404; 7],
    ),
    (
        "POST /v1/registrations/by-eid/finish",
        |s| post(s, "/v1/registrations/by-eid/finish", finish(s)),
        [401; 7],
    ),
    (
        "POST /v1/confirmations/eid",
        |s| {
            let digest = "0a".repeat(32);
            let start = json!({ "digest": digest, "secret_hash": digest, "language": "ky" });
            post(s, "/v1/confirmations/eid", start)
        },
        [401, 401, 401, 401, 404, 404, 404],
    ),
    (
        "POST /v1/confirmations/eid/finish",
        |s| post(s, "/v1/confirmations/eid/finish", eid()["answer"].clone()),
        [401, 401, 401, 401, 404, 404, 404],
    ),
    // Their own phone, which nobody has confirmed; somebody else's is not said to exist.
    (
        "POST /v1/devices/{id}/revocation/confirmed",
        |s| {
            let path = format!("/v1/devices/{}/revocation/confirmed", Uuid::from_u128(7));
            let confirmation = json!({ "eid": { "seal": "AAAA" } });
            post(s, &path, json!({ "end_last_passkey": true, "confirmation": confirmation }))
        },
        [401, 401, 401, 401, 422, 422, 422],
    ),
];
