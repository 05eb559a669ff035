//! A page that everybody may read: caches keep it, and ask each time whether it is still current.

use super::file_answer::is_known;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

/// Bytes of the hash in a tag: 2⁶⁴ contents before two of them are likely to share one.
const TAG_BYTES: usize = 16;
const KEPT: HeaderValue = HeaderValue::from_static("public, no-cache");
/// A page whose address names no language differs by what the browser asks for.
const VARIES: HeaderValue = HeaderValue::from_static("accept-language, cookie");

/// Answers with the page, or with 304 if the client has it. `negotiated` says that the page's
/// language was taken from the request's headers.
pub fn answer(asked: &HeaderMap, html: String, negotiated: bool) -> Response {
    let hash = Sha256::digest(html.as_bytes());
    // Weak: the same content may be sent compressed.
    let tag = format!("W/\"{}\"", hex::encode(&hash[..TAG_BYTES]));
    let mut response = match is_known(asked, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Html(html).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, KEPT);
    headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    if negotiated {
        headers.insert(header::VARY, VARIES);
    }
    response
}
