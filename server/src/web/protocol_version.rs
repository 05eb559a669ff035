//! The version of the protocol that a phone speaks.

use crate::web::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::{PROTOCOL, PROTOCOL_HEADER, PROTOCOL_MIN, PROTOCOL_WITH_FILES};

/// Header that carries the version; [`PROTOCOL`] when it is absent.
pub const SYNC_PROTOCOL: HeaderName = HeaderName::from_static(PROTOCOL_HEADER);

/// A phone's protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProtocolVersion(u32);

impl ProtocolVersion {
    /// Returns `true` if this server still understands everything this version can say.
    pub fn is_supported(self) -> bool {
        self.0 >= PROTOCOL_MIN
    }

    /// Returns `true` if its winners sign the files of the protocol.
    pub fn signs_files(self) -> bool {
        self.0 >= PROTOCOL_WITH_FILES
    }

    /// Rejects a phone that must be updated first.
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
