//! What a server answers when it does not do what was asked (RFC 9457).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every reason there is. Apps translate the code; the title is for engineers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The body is not what the route takes.
    Malformed,
    /// The body is too long.
    TooLarge,
    /// The body came too slowly; nothing was done.
    TooSlow,
    /// No session, or one that has ended.
    SignedOut,
    /// The device was revoked.
    DeviceRevoked,
    /// Signed in, but not allowed.
    Forbidden,
    /// There is no such thing, or not for this person.
    NotFound,
    /// The passkey's answer does not hold, or its time passed.
    CeremonyFailed,
    /// Too many devices, files or streams.
    LimitReached,
    /// The auction's, application's or deposit's state does not allow it.
    WrongState,
    /// A second person has to do this.
    SecondPersonNeeded,
    /// Too late.
    DeadlinePassed,
    /// Something was not given that must be.
    Missing,
    /// A proposal breaks a rule; `params.fault` names it.
    RuleBroken,
    /// The same id was used for another content.
    IdReused,
    /// The upload's offset or checksum is not what the server has.
    UploadMismatch,
    /// The scanner found malware in the file; the server has deleted it.
    Infected,
    /// The body is compressed, which this server does not take.
    UnsupportedEncoding,
    /// The signature does not hold.
    BadSignature,
    /// The payment system does not answer.
    GatewayUnavailable,
    /// The server has too much to do; try again after `Retry-After`.
    Busy,
    /// The outcome is not known; ask again with the same id.
    Unknown,
    /// The app is too old for this server.
    UpgradeRequired,
    /// A defect of the server.
    Internal,
}

/// The answer's body, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemBody {
    /// `urn:toruk:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short English sentence.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// The reason.
    pub code: ProblemCode,
    /// What the reason's translation needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// The request's id, for whoever reads the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}
