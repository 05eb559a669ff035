//! Which protocol a phone speaks.

use crate::web::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::{PROTOCOL, PROTOCOL_MIN};

/// Where a phone says it; [`PROTOCOL`] when it does not.
const SYNC_PROTOCOL: HeaderName = HeaderName::from_static("sync-protocol");

/// The protocol a phone speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolVersion(u32);

impl ProtocolVersion {
    /// Whether this server still understands all that the phone may say.
    pub fn is_supported(self) -> bool {
        self.0 >= PROTOCOL_MIN
    }

    /// Refuses a phone that must be updated first.
    ///
    /// # Errors
    /// [`ProblemCode::UpgradeRequired`].
    pub fn require_supported(self) -> Result<(), Problem> {
        match self.is_supported() {
            true => Ok(()),
            false => Err(Problem::new(ProblemCode::UpgradeRequired).with("min", PROTOCOL_MIN)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ProtocolVersion {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(said) = parts.headers.get(SYNC_PROTOCOL) else { return Ok(Self(PROTOCOL)) };
        let number = said.to_str().ok().and_then(|said| said.parse().ok());
        let malformed = || Problem::new(ProblemCode::Malformed).with("header", SYNC_PROTOCOL);
        number.map(Self).ok_or_else(malformed)
    }
}
