//! A file that never changes, over HTTP: whole or in parts, by its hash.

use super::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::path::PathBuf;
use toruk_sync::domain::text::file_name;
use toruk_sync::protocol::problem::ProblemCode;
use tower_http::services::ServeFile;

/// The content at such an address is named by its hash; a year is the longest that caches keep
/// anything.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For what only officials may read: the browser asks each time whether they still may.
const KEPT_PRIVATELY: HeaderValue = HeaderValue::from_static("private, no-cache");
/// For an address that may have another file later.
const CURRENT: HeaderValue = HeaderValue::from_static("public, no-cache");
/// What a browser may do with a file: show it, without scripts, forms or an origin of its own.
pub(super) const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; \
     frame-ancestors 'none'",
);

/// The same for a frame on a page of this site.
const FRAMED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; \
     frame-ancestors 'self'",
);

/// A file whose address names its content.
#[derive(Debug, Clone)]
pub struct HashedFile {
    pub path: PathBuf,
    /// The media type, by the bytes.
    pub mime: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// The name under which it is saved; it gets the ending of its type.
    pub name: String,
    /// Set if everybody may read it.
    pub is_public: bool,
}

impl HashedFile {
    /// Answers a request with these headers: the whole file, a part (`Range`), or that what the
    /// client has is current (`If-None-Match`).
    ///
    /// # Errors
    /// [`ProblemCode::NotFound`] if the file is not there; [`ProblemCode::Internal`].
    pub async fn answer(&self, asked: &HeaderMap) -> Result<Response, Problem> {
        let etag = format!("\"{}\"", self.sha256);
        let mut response = match is_known(asked, &etag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => self.content(asked).await?,
        };
        match response.status() {
            StatusCode::NOT_FOUND => return Err(Problem::new(ProblemCode::NotFound)),
            StatusCode::RANGE_NOT_SATISFIABLE => {
                // Not an error of the framework's, which would lose the file's length.
                response.headers_mut().insert(header::CONTENT_TYPE, value(&self.mime)?);
            }
            _ => {}
        }
        let headers = response.headers_mut();
        // The time of a file means nothing where its name says what is in it.
        headers.remove(header::LAST_MODIFIED);
        headers.insert(header::ETAG, value(&etag)?);
        headers.insert(header::CACHE_CONTROL, if self.is_public { KEPT } else { KEPT_PRIVATELY });
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
        let disposition = disposition("inline", &file_name(&self.name, &self.mime));
        headers.insert(header::CONTENT_DISPOSITION, value(&disposition)?);
        Ok(response)
    }

    /// As [`Self::answer`], at an address that may have another file later, of one in this language.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub async fn answer_current(
        &self,
        asked: &HeaderMap,
        language: &str,
    ) -> Result<Response, Problem> {
        let mut response = self.answer(asked).await?;
        let kept = if self.is_public { CURRENT } else { KEPT_PRIVATELY };
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
        response.headers_mut().insert(header::CONTENT_LANGUAGE, value(language)?);
        Ok(response)
    }

    /// As [`Self::answer`], for a frame on a page of this site.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub async fn answer_framed(&self, asked: &HeaderMap) -> Result<Response, Problem> {
        let mut response = self.answer(asked).await?;
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, FRAMED);
        Ok(response)
    }

    async fn content(&self, asked: &HeaderMap) -> Result<Response, Problem> {
        let mut request = Request::new(Body::empty());
        // A part of what never changes is current, whatever the client's condition (`If-Range`) is.
        if let Some(range) = asked.get(header::RANGE).filter(|range| is_one_part(range)) {
            request.headers_mut().insert(header::RANGE, range.clone());
        }
        let mime = self.mime.parse().map_err(|error| Problem::internal(&error))?;
        let mut file = ServeFile::new_with_mime(&self.path, &mime);
        let served = file.try_call(request).await.map_err(|error| Problem::internal(&error))?;
        Ok(served.map(Body::new))
    }
}

/// `Content-Disposition` of a file with this name (RFC 6266); `kind` is `inline` or `attachment`.
pub fn disposition(kind: &str, name: &str) -> String {
    let name: String = name.bytes().map(percent_encoded).collect();
    format!("{kind}; filename*=UTF-8''{name}")
}

/// RFC 8187: characters that are not plain are written in hex.
fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Weak comparison, as RFC 9110 §13.1.2 has it for reading.
pub(super) fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let mut tags = tags.flat_map(|tags| tags.split(',').map(str::trim));
    tags.any(|tag| tag == "*" || opaque(tag) == opaque(etag))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Several parts at once, and units other than bytes, are answered by the whole file, as
/// RFC 9110 §14.2 lets a server do and has it do.
fn is_one_part(range: &HeaderValue) -> bool {
    range.to_str().is_ok_and(|range| range.starts_with("bytes=") && !range.contains(','))
}

fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(text).map_err(|error| Problem::internal(&error))
}
