//! A request without a usable answer, and the error that an app gets for it.

use crate::error::CoreError;
use std::collections::BTreeMap;

/// The reason why a request has no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The request did not leave the phone.
    NotSent,
    /// The request was sent, and may or may not have arrived.
    Lost,
    /// The server refused the request.
    Problem {
        /// The HTTP status of the response.
        status: u16,
        /// The code of the problem, such as `busy`.
        code: String,
        /// Values for the placeholders of the code's translation.
        params: BTreeMap<String, String>,
        /// The seconds after which the server asks to be tried again.
        retry_after_s: Option<u64>,
    },
    /// The response does not follow the protocol.
    Malformed,
}

impl Failure {
    /// The seconds after which the server asks to be tried again.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Problem { retry_after_s, .. } => *retry_after_s,
            _ => None,
        }
    }

    /// Returns `true` if there was no connection, or it broke.
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
