//! JSON that everybody may read: caches may keep it and ask whether it is still current, pages of
//! other origins may read it, such as a verifier of another organisation.

use super::file_answer::is_known;
use super::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tower_http::cors::{Any, CorsLayer};

/// How long caches may keep an answer without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It changes: they ask each time.
    Asked,
    /// It changes only after an accident: a minute.
    Briefly,
    /// It never changes; a year is the longest that caches keep anything.
    Always,
}

impl Kept {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Asked => "public, no-cache",
            Self::Briefly => "public, max-age=60",
            Self::Always => "public, max-age=31536000, immutable",
        })
    }
}

/// How long a browser remembers that another origin's page may ask.
const PREFLIGHT_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// The member that differs in each answer and says nothing about the content.
const SERVER_TIME: &str = "server_time";
/// Bytes of the hash in a tag: 2⁶⁴ contents before two of them are likely to share one.
const TAG_BYTES: usize = 16;

/// The description of 304.
pub const CURRENT: &str = "What the client has is current.";

/// Answers with the content, or with 304 if the client has it. A kept copy's `server_time` is that
/// of its first answer.
///
/// # Errors
/// [`ProblemCode::Internal`](toruk_sync::protocol::problem::ProblemCode::Internal).
pub fn answer(
    asked: &HeaderMap,
    content: &impl Serialize,
    kept: Kept,
) -> Result<Response, Problem> {
    let failed = |error: serde_json::Error| Problem::internal(&error);
    let body = serde_json::to_vec(content).map_err(failed)?;
    let hash = match body.first() {
        Some(b'{') => {
            let mut members: Map<String, Value> = serde_json::from_slice(&body).map_err(failed)?;
            members.remove(SERVER_TIME);
            Sha256::digest(serde_json::to_vec(&members).map_err(failed)?)
        }
        // Of a list, which may be a megabyte of log, all members count.
        _ => Sha256::digest(&body),
    };
    // Weak: the same content may be sent compressed.
    let tag = format!("W/\"{}\"", hex::encode(&hash[..TAG_BYTES]));
    let mut response = match is_known(asked, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            let json = HeaderValue::from_static("application/json");
            ([(header::CONTENT_TYPE, json)], body).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, kept.header());
    headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    Ok(response)
}

/// Lets pages of all origins read, without a session.
pub fn readable_everywhere() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers([header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::LINK, header::RETRY_AFTER])
        .max_age(PREFLIGHT_KEPT)
}
