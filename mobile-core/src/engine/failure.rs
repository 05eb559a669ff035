//! A request without a usable answer, and the error that an app gets for it.

use crate::error::CoreError;
use crate::obstacle::Obstacle;
use std::collections::BTreeMap;
use toruk_sync::protocol::problem::ProblemCode;

/// The reason why a request has no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The request did not leave the phone.
    NotSent,
    /// The request was sent, and may or may not have arrived.
    Lost,
    /// Something else than the server answered; the request may or may not have arrived.
    NotReached(Obstacle),
    /// The server refused the request.
    Problem {
        /// The HTTP status of the response.
        status: u16,
        /// The code of the problem.
        code: ProblemCode,
        /// Values for the placeholders of the code's translation.
        params: BTreeMap<String, String>,
        /// The seconds after which the server asks to be tried again.
        retry_after_s: Option<u64>,
    },
    /// The server's response does not follow the protocol.
    Malformed,
}

impl Failure {
    /// The seconds after which the server asks to be tried again. Nobody else is asked.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Problem { retry_after_s, .. } => *retry_after_s,
            _ => None,
        }
    }

    /// Returns `true` if the server refused this very content: it would refuse it again.
    pub fn is_final(&self) -> bool {
        let content = [ProblemCode::Malformed, ProblemCode::TooLarge, ProblemCode::Missing];
        matches!(self, Self::Problem { code, .. } if content.contains(code))
    }

    /// Returns `true` if the server was not reached, or the connection to it broke.
    pub fn is_connection(&self) -> bool {
        matches!(self, Self::NotSent | Self::Lost | Self::NotReached(_))
    }
}

/// The code as apps get it.
pub(super) fn word(code: ProblemCode) -> String {
    let code = serde_json::to_value(code).ok();
    code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<Failure> for CoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent | Failure::Lost | Failure::NotReached(_) => Self::Offline,
            Failure::Malformed => Self::internal("the server's answer is malformed"),
            Failure::Problem { code, params, .. } => match code {
                ProblemCode::SignedOut | ProblemCode::DeviceRevoked => Self::SignedOut,
                ProblemCode::UpgradeRequired => Self::OutOfDate,
                ProblemCode::Internal => Self::internal("the server has a defect"),
                _ => Self::Refused { code: word(code), params: params.into_iter().collect() },
            },
        }
    }
}
