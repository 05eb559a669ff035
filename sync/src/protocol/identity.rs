//! Signing in with a passkey, and the phone as a device.

use crate::domain::id::{DeviceId, PersonId};
use crate::domain::time::Timestamp;
use crate::draft::Actor;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
    pub ceremony: Uuid,
    /// WebAuthn's options, as the platform takes them (`{"publicKey": …}`).
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub options: Value,
}

/// A phone that registers with the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// The id, made by the phone at installation.
    pub id: DeviceId,
    /// `android`, `ios` or `terminal`.
    pub platform: String,
    /// P-256 public key, SEC 1 uncompressed, base64; it signs every bid.
    pub public_key: String,
}

impl NewDevice {
    /// Longest `public_key` that is looked at: 65 bytes in base64.
    const PUBLIC_KEY_CHARS_MAX: usize = 88;

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
    pub ceremony: Uuid,
    /// WebAuthn's `PublicKeyCredential`, as JSON.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
    /// The phone that signs in.
    pub device: NewDevice,
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
    /// The passkey's id, base64url, for signing without a connection.
    pub credential_id: String,
    /// The key that signs receipts, in C2SP's form (`receipt::VerifierKey`):
    /// `<origin>/receipt/<key>+<key id>+<base64>`.
    pub receipt_key: String,
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
    /// `android`, `ios` or `terminal`.
    pub platform: String,
    /// `true` for the phone that asks.
    pub is_this: bool,
    /// `true` if it was revoked.
    pub is_revoked: bool,
}

/// The phones of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Devices {
    /// The phones in order of registration.
    pub items: Vec<DeviceView>,
}
