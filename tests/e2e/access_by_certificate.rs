//! The rows of `access` for the door of certificates. No roots are configured there; what a
//! certificate opens is in the server's `certificate_door`.

use crate::access::{Row, post};
use crate::support::access_bodies::finish;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Rows of the doors that a certificate's signature opens.
pub const BY_CERTIFICATE: &[Row] = &[
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
];
