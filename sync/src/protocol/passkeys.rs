//! A person's passkeys: listed, named, ended, and added on another device.

use crate::domain::id::DeviceId;
use crate::domain::id::one_form;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A passkey that signs the caller in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyView {
    /// WebAuthn's credential id, base64url.
    pub id: String,
    /// The name that its owner gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The moment when it was added.
    pub created_at: Timestamp,
    /// The last sign-in or confirmation with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
    /// The phone on which it was made, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

/// The passkeys of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Passkeys {
    /// The passkeys in the order in which they were added.
    pub items: Vec<PasskeyView>,
}

/// A new name of a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NamePasskey {
    /// 1 to 60 characters.
    pub name: String,
}

/// The answer of a passkey that confirms an act of its owner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishConfirmation {
    /// The ceremony's id, from the challenge.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// WebAuthn's `PublicKeyCredential`, as JSON.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub credential: Value,
}

/// A code that adds one passkey of the caller's on another device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextDeviceCode {
    /// Sixteen characters in groups of four. It counts once.
    pub code: String,
    /// The end of its validity, exclusive; a newer code ends it before.
    pub expires_at: Timestamp,
}

/// Asks to add a passkey by a code; the answer is a challenge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartByCode {
    /// The code, as it was typed or scanned.
    pub code: String,
}
