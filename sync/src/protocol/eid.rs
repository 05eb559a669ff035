//! Signing in by the state's eID: OpenID Connect between the phone's browser, the state's provider
//! and this server.
//!
//! # Why the phone keeps a secret
//! The provider's answer travels through a browser: other apps, histories and screens may see it.
//! The server takes it only together with the secret whose hash the phone gave at the start, so an
//! answer is of no use to anybody but the phone that asked for it.

use super::identity::NewDevice;
use crate::domain::id::one_form;
use crate::domain::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use uuid::Uuid;

/// Longest code of a provider that is looked at, characters.
pub const EID_CODE_CHARS_MAX: usize = 2_048;
/// Longest `state` that is looked at, characters; the server's own are shorter.
pub const EID_STATE_CHARS_MAX: usize = 1_024;
/// Longest secret of a phone, characters.
pub const EID_SECRET_CHARS_MAX: usize = 128;
/// Shortest secret of a phone, characters: 32 random bytes in base64url.
pub const EID_SECRET_CHARS_MIN: usize = 43;
/// Longest seal of a confirmation that is looked at, characters; the server's own are shorter.
pub const EID_SEAL_CHARS_MAX: usize = 1_024;
/// Time from a confirmation at eID to its arrival with the act: an application may wait for its
/// files, or for a connection, for a day. After that the person confirms again.
pub const EID_CONFIRMATION_LIFE: TimeSpan = TimeSpan::hours(24);
/// The path of the claimed address that leads back to the app. The answer is in its fragment.
pub const EID_APP_PATH: &str = "/eid/app";

/// What an answer of eID is asked for; an answer for one purpose is of no use for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EidPurpose {
    /// The phone signs in; a person who is new here gets an account.
    SignIn,
    /// The phone registers a passkey of an account that exists. The person signs in at the
    /// provider again, also if their browser is signed in there.
    Recovery,
}

/// Asks to be led to eID; the answer is an [`EidStart`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartEid {
    /// The purpose of the answer.
    pub purpose: EidPurpose,
    /// SHA-256 of the phone's secret, lower-case hexadecimal ([`secret_hash`]).
    pub secret_hash: String,
    /// `ky`, `ru` or `en`: the language of the pages on the way.
    pub language: String,
}

/// The way to eID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EidStart {
    /// The ceremony's id; used once.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// The provider's page, for the system's browser.
    pub authorization_url: String,
    /// The deadline for the answer, exclusive.
    pub expires_at: Timestamp,
}

/// The provider's answer, as the app got it in the fragment of [`EID_APP_PATH`], and the phone's
/// secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EidAnswer {
    /// The ceremony's id, from the start.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// `state`, as it came back.
    pub state: String,
    /// `code`, as it came back.
    pub code: String,
    /// `iss` (RFC 9207), if it came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The secret whose hash was in the start.
    pub secret: String,
}

impl fmt::Debug for EidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EidAnswer").field("ceremony", &self.ceremony).finish_non_exhaustive()
    }
}

/// Signs a phone in by an answer of eID; the answer is a [`Session`](super::identity::Session).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishEid {
    /// The provider's answer.
    pub answer: EidAnswer,
    /// The phone that signs in.
    pub device: NewDevice,
    /// The device key's signature over [`DevicePayload`](crate::signing::DevicePayload)'s canonical
    /// bytes, with the answer's ceremony: ECDSA P-256 with SHA-256, fixed-size, base64.
    pub proof: String,
}

/// Asks to be led to eID to confirm one act; the answer is an [`EidStart`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartEidConfirmation {
    /// SHA-256 of the canonical bytes of what is confirmed, lower-case hexadecimal.
    pub digest: String,
    /// As in [`StartEid`].
    pub secret_hash: String,
    /// As in [`StartEid`].
    pub language: String,
}

/// What an answer of eID has confirmed, under the server's seal: for one person, one act, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EidConfirmed {
    /// The seal, for [`Confirmation::Eid`](super::operations::Confirmation::Eid).
    pub seal: String,
    /// The deadline for its arrival with the act, exclusive.
    pub expires_at: Timestamp,
}

/// The hash of a phone's secret as [`StartEid`] gives it.
pub fn secret_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_of_an_answer_is_its_ceremony() {
        let (state, code, secret) = ("the-state".into(), "the-code".into(), "the-secret".into());
        let answer = EidAnswer { ceremony: Uuid::nil(), state, code, iss: None, secret };
        let printed = format!("{answer:?}");
        assert!(printed.contains("00000000"), "{printed}");
        assert!(!printed.contains("the-"), "{printed}");
    }
}
