//! Signing in with a passkey, and the phone as a device.

use crate::domain::id::one_form;
use crate::domain::id::{DeviceId, PersonId};
use crate::domain::time::Timestamp;
use crate::draft::Actor;
use crate::signing::DevicePayload;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::VerifyingKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Asks for a new account; the answer is a [`Challenge`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartRegistration {
    /// The person's full name, 1 to 200 characters.
    pub name: String,
    /// `ky`, `ru` or `en`.
    pub language: String,
}

/// Asks to sign in; the answer is a [`Challenge`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartSignIn {
    /// The passkey to use, base64url; absent if the platform should offer those it has.
    pub credential_id: Option<String>,
}

/// The challenge for the passkey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Challenge {
    /// The ceremony's id; used once.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// WebAuthn's options, as the platform takes them (`{"publicKey": …}`).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub options: Value,
}

/// The purpose of a challenge: its first bytes name it, so that nobody who signs in signs anything
/// else. A signed document's challenge is its SHA-256, 32 bytes, and never begins like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengePurpose {
    /// A new account of a bidder.
    Registration,
    /// A new account of an official.
    Enrolment,
    /// A phone signs in.
    SignIn,
    /// A browser signs in to the console.
    ConsoleSignIn,
    /// A person who is signed in ends a part of their access.
    EndAccess,
    /// A person who is signed in asks for a code for their next device.
    NextDevice,
    /// A new passkey of an account, by such a code.
    AddPasskey,
    /// A new passkey of an account whose owner was proven otherwise.
    Recovery,
    /// A phone signs in by a certificate's signature.
    CertificateSignIn,
    /// Somebody is proven by a certificate's signature, to get a new passkey.
    CertificateRecovery,
    /// An official who is signed in will prove their eID, which then signs them in, too.
    LinkEid,
}

impl ChallengePurpose {
    /// The first bytes of such a challenge, which are longer than any digest is without them.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Registration => "toruk/registration/v1\n",
            Self::Enrolment => "toruk/enrolment/v1\n",
            Self::SignIn => "toruk/sign-in/v1\n",
            Self::ConsoleSignIn => "toruk/console-sign-in/v1\n",
            Self::EndAccess => "toruk/end-access/v1\n",
            Self::NextDevice => "toruk/next-device/v1\n",
            Self::AddPasskey => "toruk/add-passkey/v1\n",
            Self::Recovery => "toruk/recovery/v1\n",
            Self::CertificateSignIn => "toruk/certificate-sign-in/v1\n",
            Self::CertificateRecovery => "toruk/certificate-recovery/v1\n",
            Self::LinkEid => "toruk/link-eid/v1\n",
        }
    }

    /// Returns `true` if the challenge in WebAuthn's options (`{"publicKey": …}`) is for this
    /// purpose. A phone signs no other: a server that asks it to sign in could otherwise get a
    /// signed application.
    pub fn is_of(self, options: &Value) -> bool {
        let challenge = options.pointer("/publicKey/challenge").and_then(Value::as_str);
        let bytes = challenge.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        bytes.is_some_and(|bytes| self.begins(&bytes))
    }

    /// Returns `true` if a challenge of these bytes is for this purpose.
    pub fn begins(self, challenge: &[u8]) -> bool {
        challenge.len() > 32 && challenge.starts_with(self.prefix().as_bytes())
    }
}

/// A phone that registers with the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// The id, made by the phone at installation.
    pub id: DeviceId,
    /// `android`, `ios`, `terminal` or `web`.
    pub platform: String,
    /// P-256 public key, SEC 1 uncompressed, base64; it signs every bid.
    pub public_key: String,
}

impl NewDevice {
    /// Longest `public_key` that is looked at: 65 bytes in base64.
    const PUBLIC_KEY_CHARS_MAX: usize = 88;

    /// The payload that the device key signs to be registered by this ceremony.
    pub fn package(&self, ceremony: Uuid) -> DevicePayload {
        DevicePayload { ceremony, device: self.id, public_key: self.public_key.clone() }
    }

    /// The key's bytes (SEC 1, uncompressed); `None` if it is not a point of the curve.
    pub fn public_key_bytes(&self) -> Option<Vec<u8>> {
        if self.public_key.len() > Self::PUBLIC_KEY_CHARS_MAX {
            return None;
        }
        let bytes = STANDARD.decode(&self.public_key).ok()?;
        let is_uncompressed = bytes.len() == 65 && bytes.first() == Some(&4);
        (is_uncompressed && VerifyingKey::from_sec1_bytes(&bytes).is_ok()).then_some(bytes)
    }
}

/// The passkey's answer, to a registration or a sign-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishCeremony {
    /// The ceremony's id, from the challenge.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// WebAuthn's `PublicKeyCredential`, as JSON.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
    /// The phone that signs in.
    pub device: NewDevice,
    /// The device key's signature over [`DevicePayload`]'s canonical bytes: ECDSA P-256 with
    /// SHA-256, fixed-size, base64. Only a phone that was registered without one, and comes with
    /// the same key again, may do without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// The passkey's answer to the challenge of a revocation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishRevocation {
    /// The ceremony's id, from the challenge.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// WebAuthn's `PublicKeyCredential`, as JSON.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

/// The session of a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The bearer token; the server keeps only its hash.
    pub token: String,
    /// The person who signed in.
    pub person: PersonId,
    /// The person's full name.
    pub name: String,
    /// The device of the session.
    pub device: DeviceId,
    /// The phone's number in the account, for drafts.
    pub actor: Actor,
    /// The end of the session, unless it is used before.
    pub expires_at: Timestamp,
    /// The relying party's id, for signing without a connection.
    pub rp_id: String,
    /// The origin a passkey's answer must name.
    pub origin: String,
    /// The passkey's id, base64url, for signing without a connection; absent, and here empty, if the
    /// phone was signed in without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub credential_id: String,
    /// The key that signs receipts, in C2SP's form (`receipt::VerifierKey`):
    /// `<origin>/receipt/<key>+<key id>+<base64>`.
    pub receipt_key: String,
    /// The keys that signed receipts before, the newest first, at most sixteen: receipts that were
    /// kept are verified with them, new ones never.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_receipt_keys: Vec<String>,
}

/// The address for a phone's push messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PushToken {
    /// FCM's registration token; `None` ends pushes.
    pub token: Option<String>,
}

/// Four-stamp clock exchange: the phone adds its own two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerTime {
    /// The server's time when the request had arrived.
    pub received_at: Timestamp,
    /// The server's time when the answer left.
    pub sent_at: Timestamp,
}

/// One of a person's phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceView {
    /// The device's id.
    pub id: DeviceId,
    /// `android`, `ios`, `terminal` or `web`.
    pub platform: String,
    /// The name that its owner gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The moment when it was added, or got another key.
    pub created_at: Timestamp,
    /// The last use, to the hour; absent if it is not signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// `true` for the phone that asks.
    pub is_this: bool,
    /// `true` if it was revoked.
    pub is_revoked: bool,
}

/// A new name of a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameDevice {
    /// 1 to 60 characters.
    pub name: String,
}

/// The phones of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Devices {
    /// The phones in order of registration.
    pub items: Vec<DeviceView>,
}

/// The passkey of a revoked phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RevokedPasskey {
    /// It was made on that phone, and has ended with it.
    Ended,
    /// It was made on that phone, but the account has no other: it still signs in. Revoke again
    /// with `end_last_passkey=true` to end it, too; then only signed-in phones open the account.
    KeptAsLast,
    /// No passkey is known to be made on that phone.
    NoneKnown,
}

/// The answer to the revocation of a phone. Its key, session and push address have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRevoked {
    /// The passkey that was made on that phone.
    pub passkey: RevokedPasskey,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{BidPayload, SignedPayload as _};
    use serde_json::json;

    #[test]
    fn a_documents_digest_is_no_challenge_to_sign_in() {
        let options = |challenge: &[u8]| json!({ "publicKey": { "challenge": URL_SAFE_NO_PAD.encode(challenge) } });
        let purpose = ChallengePurpose::SignIn;
        let honest = [purpose.prefix().as_bytes(), &[7; 32]].concat();
        assert!(purpose.is_of(&options(&honest)));
        assert!(!ChallengePurpose::Registration.is_of(&options(&honest)));
        let prefix = BidPayload::KIND.as_bytes();
        for other in [&[7; 32][..], prefix, purpose.prefix().as_bytes(), b""] {
            assert!(!purpose.is_of(&options(other)), "{other:?}");
        }
        assert!(!purpose.is_of(&json!({ "publicKey": {} })));
    }
}
