//! Which protocol a phone speaks.

use crate::AppState;
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
pub struct Speaks(u32);

impl Speaks {
    /// Whether this server still understands all that the phone may say.
    pub fn is_understood(self) -> bool {
        self.0 >= PROTOCOL_MIN
    }

    /// Refuses a phone that must be updated first.
    ///
    /// # Errors
    /// [`ProblemCode::UpgradeRequired`].
    pub fn understood(self) -> Result<(), Problem> {
        match self.is_understood() {
            true => Ok(()),
            false => Err(Problem::new(ProblemCode::UpgradeRequired).with("min", PROTOCOL_MIN)),
        }
    }
}

impl FromRequestParts<AppState> for Speaks {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let Some(said) = parts.headers.get(SYNC_PROTOCOL) else { return Ok(Self(PROTOCOL)) };
        let number = said.to_str().ok().and_then(|said| said.parse().ok());
        let malformed = || Problem::new(ProblemCode::Malformed).with("header", SYNC_PROTOCOL);
        number.map(Self).ok_or_else(malformed)
    }
}
