//! A request that has arrived completely counts, even if its sender does not wait for the answer.
//!
//! # Why
//! A client that disconnects cancels its handler at any `await`: looking up the session is enough.
//! So the body is read first, and everything that follows runs in a task of its own. The moment of
//! arrival is when its last byte was read, see [`super::reader`]: looking at the clock here would
//! count the time that others' requests took.

use crate::arrivals::ArrivedBytes;
use crate::context::Context;
use crate::web::problem::{Body, Problem, came_too_slowly};
use crate::web::reader::LastBytes;
use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::problem::ProblemCode;
use tracing::Instrument as _;

/// A request whose last byte has been read, and that may be a bid.
pub struct CompleteRequest {
    arrived: ArrivedBytes,
    request: StampedRequest,
}

impl CompleteRequest {
    /// Its arrival, and the request.
    pub fn arrived(self) -> (ArrivedBytes, StampedRequest) {
        (self.arrived, self.request)
    }
}

impl<S> FromRequest<S> for CompleteRequest
where
    S: Send + Sync,
    Arc<Context>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = complete(request, state).await?;
        let arrived = parts.extensions.get().and_then(LastBytes::take);
        let arrived = arrived.unwrap_or_else(|| Arc::<Context>::from_ref(state).arrivals.arrived());
        let request = StampedRequest { at: arrived.at, parts, body };
        Ok(Self { arrived, request })
    }
}

async fn complete<S: Send + Sync>(request: Request, state: &S) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let readable = Request::from_parts(parts.clone(), body);
    let body = Bytes::from_request(readable, state).await.map_err(|rejection| {
        Problem::new(match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
            _ if came_too_slowly(&rejection) => ProblemCode::TooSlow,
            _ => ProblemCode::Malformed,
        })
    })?;
    Ok((parts, body))
}

/// A request that has arrived completely and has its receive stamp; its content is not parsed yet.
pub struct StampedRequest {
    /// The moment its last byte was read.
    pub at: Timestamp,
    parts: Parts,
    body: Bytes,
}

impl StampedRequest {
    /// The request's headers, with the caller's token.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The body, for a caller who is known already.
    ///
    /// # Errors
    /// As [`Body`].
    pub async fn body<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let request = Request::from_parts(self.parts, self.body.into());
        let Body(body) = Body::from_request(request, &()).await?;
        Ok(body)
    }

    /// The caller, by their extractor, and the body.
    ///
    /// # Errors
    /// As the extractor of the caller and [`Body`].
    pub async fn caller_and_body<C, T, S>(self, state: &S) -> Result<(C, T), Problem>
    where
        C: FromRequestParts<S, Rejection = Problem>,
        T: DeserializeOwned,
        S: Send + Sync,
    {
        let Self { mut parts, body, .. } = self;
        let caller = C::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body.into());
        let Body(body) = Body::from_request(request, state).await?;
        Ok((caller, body))
    }
}

impl<S> FromRequest<S> for StampedRequest
where
    S: Send + Sync,
    Arc<Context>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = complete(request, state).await?;
        let at = parts.extensions.get().and_then(LastBytes::at);
        let at = at.unwrap_or_else(|| Arc::<Context>::from_ref(state).ports.clock.now());
        Ok(Self { at, parts, body })
    }
}

/// Runs `work` to its end, even if the handler that waits for it is dropped.
///
/// # Errors
/// The work's; [`ProblemCode::Unknown`] when it panicked, for it may have committed before.
pub async fn run_to_completion<T: Send + 'static>(
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
