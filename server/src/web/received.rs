//! A request that has wholly arrived counts, whether or not its sender waits for the answer.
//!
//! # Why
//! A client that hangs up cancels its handler at whatever it is waiting for: looking up the
//! session is enough. So the body is read first, that is the moment of arrival, and all that
//! follows runs in a task of its own.

use crate::AppState;
use crate::identity::Bidder;
use crate::web::problem::{Body, Problem, came_too_slowly};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::problem::ProblemCode;
use tracing::Instrument as _;

/// A request that has wholly arrived; nobody has looked at it yet.
pub struct Arrived {
    /// When its last byte had been read.
    pub at: Timestamp,
    parts: Parts,
    body: Bytes,
}

impl Arrived {
    /// Who sent it, and what it says.
    ///
    /// # Errors
    /// As the extractors [`Bidder`] and [`Body`].
    pub async fn from_bidder<T: DeserializeOwned>(
        self,
        state: &AppState,
    ) -> Result<(Bidder, T), Problem> {
        let Self { mut parts, body, .. } = self;
        let bidder = Bidder::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body.into());
        let Body(body) = Body::from_request(request, state).await?;
        Ok((bidder, body))
    }
}

/// A request whose last byte has been read, and which nobody has stamped yet.
pub struct InFull {
    parts: Parts,
    body: Bytes,
}

impl InFull {
    /// It arrived now.
    pub fn stamp(self, state: &AppState) -> Arrived {
        let Self { parts, body } = self;
        Arrived { at: state.shared.ports.clock.now(), parts, body }
    }
}

impl FromRequest<AppState> for InFull {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let readable = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(readable, state).await.map_err(|rejection| {
            Problem::new(match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
                _ if came_too_slowly(&rejection) => ProblemCode::TooSlow,
                _ => ProblemCode::Malformed,
            })
        })?;
        Ok(Self { parts, body })
    }
}

impl FromRequest<AppState> for Arrived {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        Ok(InFull::from_request(request, state).await?.stamp(state))
    }
}

/// Carries `work` out to its end, even if the handler that waits for it is dropped.
///
/// # Errors
/// The work's; [`ProblemCode::Unknown`] when it panicked, for it may have committed before.
pub async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Problem>> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::spawn(work.in_current_span()).await {
        Ok(done) => done,
        Err(error) => {
            tracing::error!(%error, "a request's work did not end");
            Err(Problem::new(ProblemCode::Unknown))
        }
    }
}
