//! A request that gave no answer that counts, and the error an app gets of it.

use crate::error::CoreError;
use std::collections::BTreeMap;

/// Why a request gave no answer that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It never left the phone.
    NotSent,
    /// It left, and nobody knows.
    Lost,
    /// The server said why not.
    Problem {
        /// HTTP's status.
        status: u16,
        /// The problem's code.
        code: String,
        /// What its translation needs.
        params: BTreeMap<String, String>,
        /// When to come back.
        retry_after_s: Option<u64>,
    },
    /// The answer is not what the protocol says.
    Malformed,
}

impl Failure {
    /// When the server wants us back.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Problem { retry_after_s, .. } => *retry_after_s,
            _ => None,
        }
    }

    /// Whether there was no connection, or it broke.
    pub fn is_connection(&self) -> bool {
        matches!(self, Self::NotSent | Self::Lost)
    }
}

impl From<Failure> for CoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent | Failure::Lost => Self::Offline,
            Failure::Malformed => Self::internal("the server's answer is malformed"),
            Failure::Problem { code, params, .. } => match code.as_str() {
                "signed_out" | "device_revoked" => Self::SignedOut,
                "upgrade_required" => Self::OutOfDate,
                "internal" => Self::internal("the server has a defect"),
                _ => Self::Refused { code, params: params.into_iter().collect() },
            },
        }
    }
}
