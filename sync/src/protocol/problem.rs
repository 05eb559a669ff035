//! The server's answer if a request fails (RFC 9457).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The media type of a [`ProblemBody`].
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// Every reason for a failure. Apps translate the code; the title is for engineers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The body is not valid for the route.
    Malformed,
    /// The body is too long.
    TooLarge,
    /// The body arrived too slowly; nothing was done.
    TooSlow,
    /// There is no session, or it has ended.
    SignedOut,
    /// The device was revoked.
    DeviceRevoked,
    /// Signed in, but not allowed.
    Forbidden,
    /// The account was recovered, and its new key places no bid yet; `params.until` is the moment
    /// from which it does, Unix microseconds.
    KeyCooldown,
    /// A conflict of interest; `params.conflict` names it, such as `official_account`.
    ConflictOfInterest,
    /// There is no such thing, or not for this person.
    NotFound,
    /// The passkey's answer is not valid, or came too late.
    CeremonyFailed,
    /// The answer of the state's sign-in (eID) proves nobody; `params.fault` names the reason, such
    /// as `nonce`.
    EidFailed,
    /// The state's sign-in (eID) does not answer.
    EidUnavailable,
    /// Too many devices, files or streams.
    LimitReached,
    /// The auction's, application's or deposit's state does not allow it.
    WrongState,
    /// A second person is needed.
    SecondPersonNeeded,
    /// A deadline has passed.
    DeadlinePassed,
    /// A mandatory value is missing.
    Missing,
    /// A proposal breaks a rule; `params.fault` names it.
    RuleBroken,
    /// The same id was used for another content.
    IdReused,
    /// The upload's offset or checksum differs from the server's.
    UploadMismatch,
    /// The scanner found malware in the file; the server has deleted it.
    Infected,
    /// The body is compressed, which this server does not accept.
    UnsupportedEncoding,
    /// The signature is not valid.
    BadSignature,
    /// The signature by certificate (ЭЦП) is refused; `params.fault` names the reason, such as
    /// `expired`.
    SignatureRefused,
    /// The server does not verify signatures of this kind; `params.oid` names the algorithm's object
    /// identifier.
    SignatureAlgorithmUnsupported,
    /// The confirmation by eID was used, or its time has passed: confirm again.
    ConfirmationExpired,
    /// Nobody says whether the certificate was revoked; try again after `Retry-After`.
    RevocationUnknown,
    /// The payment system does not answer.
    GatewayUnavailable,
    /// The server is overloaded; try again after `Retry-After`.
    Busy,
    /// This address or session asks too much; try again after `Retry-After`.
    TooManyRequests,
    /// The outcome is unknown; ask again with the same id.
    Unknown,
    /// The app is too old for this server.
    UpgradeRequired,
    /// A defect of the server.
    Internal,
}

/// The body of a failed request's answer, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemBody {
    /// The problem's type, `urn:toruk:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short English sentence.
    pub title: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// The reason for the failure.
    pub code: ProblemCode,
    /// Values for the placeholders of the code's translation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// The request's id, for finding it in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}
