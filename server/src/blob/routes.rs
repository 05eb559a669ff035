//! Uploads over tus 1.0 (core and creation): <https://tus.io/protocols/resumable-upload>.

use super::service::{Error, Service};
use crate::AppState;
use crate::identity::Bidder;
use crate::problem::{Id, Problem};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toruk_sync::protocol::problem::ProblemCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const TUS_RESUMABLE: &str = "tus-resumable";
const TUS_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const UPLOAD_LENGTH: &str = "upload-length";
const UPLOAD_OFFSET: &str = "upload-offset";
const UPLOAD_METADATA: &str = "upload-metadata";
const OFFSET_STREAM: &str = "application/offset+octet-stream";

/// The routes of files.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(announce)).routes(routes!(progress, append))
}

/// Announces a file by its hash and length.
#[utoipa::path(post, path = "/v1/blobs", tag = "files",
    params(
        ("Upload-Length" = u64, Header, description = "Length in bytes."),
        ("Upload-Metadata" = String, Header,
            description = "`sha256 <base64 of the hex>,mime <base64>`."),
    ),
    responses(
        (status = 201, description = "Announced; send the bytes from `Upload-Offset` on."),
        (status = 200, description = "This account has the whole file already."),
    ))]
async fn announce(
    State(blobs): State<Service>,
    bidder: Bidder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    resumable(&headers)?;
    let size_bytes = number(&headers, UPLOAD_LENGTH)?;
    let metadata = headers.get(UPLOAD_METADATA).and_then(|value| value.to_str().ok());
    let metadata = metadata.ok_or_else(|| malformed("Upload-Metadata"))?;
    let sha256 = entry(metadata, "sha256").ok_or_else(|| malformed("Upload-Metadata"))?;
    let mime = entry(metadata, "mime").ok_or_else(|| malformed("Upload-Metadata"))?;
    let view = blobs.announce(bidder.person, &sha256, size_bytes, &mime).await?;
    let status = if view.stored { StatusCode::OK } else { StatusCode::CREATED };
    let location = [(header::LOCATION, format!("/v1/blobs/{sha256}"))];
    Ok((status, location, at(view.offset)).into_response())
}

/// How much of a file the server has.
#[utoipa::path(head, path = "/v1/blobs/{sha256}", tag = "files",
    params(("sha256" = String, Path, description = "The file's hash, hex.")),
    responses((status = 200, description = "`Upload-Offset` and `Upload-Length`.")))]
async fn progress(
    State(blobs): State<Service>,
    bidder: Bidder,
    Id(sha256): Id<String>,
) -> Result<Response, Problem> {
    let view = blobs.view(bidder.person, &sha256).await?;
    let length = [(UPLOAD_LENGTH, HeaderValue::from(view.size_bytes))];
    let fresh = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::OK, length, fresh, at(view.offset)).into_response())
}

/// Appends bytes.
#[utoipa::path(patch, path = "/v1/blobs/{sha256}", tag = "files",
    params(
        ("sha256" = String, Path, description = "The file's hash, hex."),
        ("Upload-Offset" = u64, Header, description = "Where the bytes begin."),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "`Upload-Offset` says how much the server has now."),
        (status = 409, description = "The bytes do not begin where the server's end."),
        (status = 422, description = "Whole, and not what its hash says; begin anew."),
    ))]
async fn append(
    State(blobs): State<Service>,
    bidder: Bidder,
    Id(sha256): Id<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    resumable(&headers)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind != Some(OFFSET_STREAM) {
        return Err(malformed("Content-Type"));
    }
    let offset = number(&headers, UPLOAD_OFFSET)?;
    // A task of its own: a lost connection drops this handler, and what arrived must count.
    let arrived = tokio::spawn(async move {
        blobs.append(bidder.person, &sha256, offset, body.into_data_stream()).await
    });
    match arrived.await.map_err(|error| Problem::internal(&error))? {
        Ok(view) => Ok((StatusCode::NO_CONTENT, at(view.offset)).into_response()),
        Err(Error::Mismatch { offset }) => {
            let problem = Problem::from(Error::Mismatch { offset });
            Ok((at(offset), problem).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::TooLarge => Self::new(ProblemCode::TooLarge),
            Error::Mismatch { offset } => {
                Self::new(ProblemCode::UploadMismatch).with("offset", offset)
            }
            Error::WrongContent => Self::new(ProblemCode::UploadMismatch)
                .at(StatusCode::UNPROCESSABLE_ENTITY)
                .with("offset", 0),
            Error::Malformed(detail) => Self::new(ProblemCode::Malformed).with("detail", detail),
            Error::LimitReached => Self::new(ProblemCode::LimitReached),
            Error::Disk(_) => Self::internal(&error),
            Error::Store(error) => error.into(),
        }
    }
}

fn at(offset: u64) -> [(&'static str, HeaderValue); 2] {
    [(TUS_RESUMABLE, TUS_VERSION), (UPLOAD_OFFSET, HeaderValue::from(offset))]
}

fn resumable(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(TUS_RESUMABLE) == Some(&TUS_VERSION) {
        return Ok(());
    }
    Err(malformed("Tus-Resumable").at(StatusCode::PRECONDITION_FAILED))
}

fn number(headers: &HeaderMap, name: &'static str) -> Result<u64, Problem> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.parse().ok()).ok_or_else(|| malformed(name))
}

/// One value of `Upload-Metadata`: pairs parted by commas, key and base64 parted by a space.
fn entry(metadata: &str, key: &str) -> Option<String> {
    let pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let (_, value) = pairs.into_iter().find(|(name, _)| *name == key)?;
    String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
}

fn malformed(what: &'static str) -> Problem {
    Problem::new(ProblemCode::Malformed).with("detail", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_pairs_of_a_key_and_base64() {
        let metadata = "sha256 YWJj, mime aW1hZ2UvcG5n,empty";
        assert_eq!(entry(metadata, "sha256").as_deref(), Some("abc"));
        assert_eq!(entry(metadata, "mime").as_deref(), Some("image/png"));
        assert_eq!(entry(metadata, "empty"), None);
        assert_eq!(entry("sha256 /w==", "sha256"), None);
    }
}
