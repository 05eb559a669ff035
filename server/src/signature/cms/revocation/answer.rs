//! An issuer's answer, as evidence keeps it.

use std::sync::Arc;
use toruk_sync::domain::time::Timestamp;

/// The kind of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    Crl,
    Ocsp,
}

/// A verified answer of an issuer, for evidence.
#[derive(Clone)]
pub struct RevocationAnswer {
    pub kind: AnswerKind,
    /// The answer in DER.
    pub der: Arc<[u8]>,
    /// SHA-256 of it, hex, made where it was read: a list has megabytes.
    pub sha256: String,
    /// The moment from which it counts.
    pub this_update: Timestamp,
    /// The moment until which its issuer stands by it.
    pub next_update: Timestamp,
}
