//! JSON that everybody may read: caches may keep it and ask whether it is still current, pages of
//! other origins may read it, such as a verifier of another organisation.

use super::file_answer::is_known;
use super::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
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
/// The member of the server's time, up to its value.
const SERVER_TIME: &[u8] = b",\"server_time\":";
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
    let hash = Sha256::digest(timeless(&body));
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

/// The content without the server's time, which differs in each answer and says nothing about it. It
/// is the last member of whatever has it, so that nothing has to be read again.
fn timeless(body: &[u8]) -> &[u8] {
    let end = body.strip_suffix(b"}").unwrap_or_default();
    let digits = end.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    end[..end.len() - digits].strip_suffix(SERVER_TIME).unwrap_or(body)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use toruk_sync::domain::time::Timestamp;
    use toruk_sync::protocol::catalogue::AuctionPage;

    #[test]
    fn the_servers_time_is_no_part_of_a_tag() {
        for (body, kept) in [
            (r#"{"a":1,"server_time":17}"#, r#"{"a":1"#),
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (r#"{"server_time":17,"a":1}"#, r#"{"server_time":17,"a":1}"#),
            (r#"[{"a":1,"server_time":17}]"#, r#"[{"a":1,"server_time":17}]"#),
            ("{}", "{}"),
            ("[]", "[]"),
            ("17}", "17}"),
        ] {
            assert_eq!(timeless(body.as_bytes()), kept.as_bytes(), "{body}");
        }
        let page = |at| AuctionPage { items: Vec::new(), next: None, server_time: Timestamp(at) };
        let tag = |page: &AuctionPage| {
            let answer = answer(&HeaderMap::new(), page, Kept::Asked).unwrap();
            answer.headers()[header::ETAG].clone()
        };
        assert_eq!(tag(&page(1)), tag(&page(2_000_000)));
        let other = AuctionPage { next: Some("x".to_owned()), ..page(1) };
        assert_ne!(tag(&page(1)), tag(&other));
        assert_ne!(tag(&page(1)), answer_tag(&json!([])));
    }

    fn answer_tag(content: &serde_json::Value) -> HeaderValue {
        answer(&HeaderMap::new(), content, Kept::Asked).unwrap().headers()[header::ETAG].clone()
    }
}
