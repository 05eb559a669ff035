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
use futures_util::FutureExt as _;
use serde::de::DeserializeOwned;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::problem::ProblemCode;
use tracing::Instrument as _;

/// A request whose last byte has been read, and that may be a bid.
pub struct CompleteRequest {
    arrived: ArrivedBytes,
    request: ReadRequest,
}

/// The headers and the body of a request; its content is not parsed yet.
pub struct ReadRequest {
    headers: HeaderMap,
    body: Bytes,
}

impl CompleteRequest {
    /// Its arrival, and the request.
    pub fn arrived(self) -> (ArrivedBytes, ReadRequest) {
        (self.arrived, self.request)
    }
}

impl ReadRequest {
    /// The request's headers, with the caller's token.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, for a caller who is known already.
    ///
    /// # Errors
    /// As [`Body`].
    pub async fn body<T: DeserializeOwned>(self) -> Result<T, Problem> {
        let mut request = Request::new(self.body.into());
        *request.headers_mut() = self.headers;
        let Body(body) = Body::from_request(request, &()).await?;
        Ok(body)
    }
}

impl<S> FromRequest<S> for CompleteRequest
where
    S: Send + Sync,
    Arc<Context>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        // Only these are needed of the head, and a bid is no place for copies.
        let last = parts.extensions.remove::<LastBytes>();
        let headers = std::mem::take(&mut parts.headers);
        let body = read(Request::from_parts(parts, body), state).await?;
        let arrived = last.as_ref().and_then(LastBytes::take);
        let arrived = arrived.unwrap_or_else(|| Arc::<Context>::from_ref(state).arrivals.arrived());
        Ok(Self { arrived, request: ReadRequest { headers, body } })
    }
}

async fn complete<S: Send + Sync>(request: Request, state: &S) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let readable = Request::from_parts(parts.clone(), body);
    let body = read(readable, state).await?;
    Ok((parts, body))
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        Problem::new(match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
            _ if came_too_slowly(&rejection) => ProblemCode::TooSlow,
            _ => ProblemCode::Malformed,
        })
    })
}

/// A request that has arrived completely and has its receive stamp; its content is not parsed yet.
pub struct StampedRequest {
    /// The moment its last byte was read.
    pub at: Timestamp,
    parts: Parts,
    body: Bytes,
}

impl StampedRequest {
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

/// Runs the work of what may be a bid. Its handler is a task already, which goes on whatever its
/// connection does (see [`super::connections`]): another one would only cost a bid its time.
///
/// # Errors
/// As [`run_to_completion`].
pub async fn run_as_bid<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done,
        Err(_) => {
            tracing::error!("a bid's work did not end");
            Err(Problem::new(ProblemCode::Unknown))
        }
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
