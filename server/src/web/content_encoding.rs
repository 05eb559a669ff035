//! Compressed bodies are refused before anyone reads them.
//!
//! # Why
//! What phones send is small (an application's answers, at most 64 kB) or does not get smaller
//! (pictures, PDF). So there is nothing to gain for which a body that unpacks to a thousand times
//! its length would be worth a defence. Answers are another matter: whoever sends them knows them.

use crate::web::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use toruk_sync::protocol::problem::ProblemCode;

/// Passes on requests whose bodies are what they look like; 415 to others.
pub async fn reject_compressed(request: Request, next: Next) -> Response {
    if is_plain(request.headers()) {
        return next.run(request).await;
    }
    let mut response = Problem::new(ProblemCode::UnsupportedEncoding).into_response();
    let takes = HeaderValue::from_static("identity");
    response.headers_mut().insert(header::ACCEPT_ENCODING, takes);
    response
}

fn is_plain(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).into_iter();
    encodings.all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}
