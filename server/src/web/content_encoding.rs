//! Rejects compressed bodies before they are read.
//!
//! # Why
//! Phones send little (an application's answers, at most 64 kB) or what compression does not shrink
//! (pictures, PDF). Compression would gain nothing here, and would need a defence against bodies
//! that unpack to a thousand times their length. Responses may be compressed: the server knows
//! their size.

use crate::web::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use toruk_sync::protocol::problem::ProblemCode;

/// Passes requests on that have no `Content-Encoding` or `identity`; answers 415 to others.
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
