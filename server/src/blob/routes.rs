//! Uploads over tus 1.0 (core, creation, checksum, expiration, termination):
//! <https://tus.io/protocols/resumable-upload>.

use super::receiving::Checksum;
use super::service::{Error, Service};
use super::upload::{Scan, View};
use crate::address::ClientAddress;
use crate::identity::{self, Bidder};
use crate::web::problem::{Id, Problem};
use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toruk_sync::domain::file::picture::{PIXELS_MAX, PictureFault};
use toruk_sync::protocol::limits::FILE_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const TUS_RESUMABLE: &str = "tus-resumable";
const TUS_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const UPLOAD_LENGTH: &str = "upload-length";
const UPLOAD_OFFSET: &str = "upload-offset";
const UPLOAD_METADATA: &str = "upload-metadata";
const UPLOAD_CHECKSUM: &str = "upload-checksum";
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// Header of this server, not of tus: `arriving`, `scanning` or `stored`.
const UPLOAD_STATE: HeaderName = HeaderName::from_static("upload-state");
const TUS_EXTENSIONS: &str = "creation,checksum,expiration,termination";
const OFFSET_STREAM: &str = "application/offset+octet-stream";
/// Status of tus for bytes that do not match their checksum.
const CHECKSUM_MISMATCH: u16 = 460;

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    identity::Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(announce, capabilities))
        .routes(routes!(progress, append, withdraw))
        .layer(map_response(versioned))
}

/// Adds the version of tus to every response.
async fn versioned(mut response: Response) -> Response {
    response.headers_mut().insert(TUS_RESUMABLE, TUS_VERSION);
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert("tus-version", TUS_VERSION);
    }
    response
}

/// The versions, extensions and limits of uploads.
#[utoipa::path(options, path = "/v1/blobs", tag = "files",
    operation_id = "get_upload_options", security(()),
    responses((status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`, \
        `Tus-Checksum-Algorithm`.")))]
async fn capabilities() -> Response {
    let says = [
        ("tus-version", TUS_VERSION),
        ("tus-extension", HeaderValue::from_static(TUS_EXTENSIONS)),
        ("tus-max-size", HeaderValue::from(FILE_BYTES_MAX)),
        ("tus-checksum-algorithm", HeaderValue::from_static("sha256")),
    ];
    (StatusCode::NO_CONTENT, says).into_response()
}

/// Announces a file by its hash and length.
#[utoipa::path(post, path = "/v1/blobs", tag = "files",
    operation_id = "announce_file",
    params(
        ("Tus-Resumable" = String, Header, description = "The version of tus: `1.0.0`."),
        ("Upload-Length" = u64, Header, description = "Length in bytes."),
        ("Upload-Metadata" = String, Header,
            description = "`sha256 <base64 of the hex>,mime <base64>`."),
    ),
    responses(
        (status = 201, description = "Announced; send the bytes from `Upload-Offset` on.",
            headers(("Location" = String, description = "Where the bytes are sent."))),
        (status = 200, description = "This account has the complete file already."),
        (status = 409, description = "No auction takes applications, or there is no draft of one \
            for so many bytes."),
        (status = 410, description = "Malware was found in this content."),
        (status = 429, description = "Too many files of this address wait for their application."),
    ))]
async fn announce(
    State(blobs): State<Service>,
    bidder: Bidder,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    resumable(&headers)?;
    let address = address.map_or(ClientAddress::UNKNOWN, |Extension(address)| address);
    let size_bytes = number(&headers, UPLOAD_LENGTH)?;
    let metadata = headers.get(UPLOAD_METADATA).and_then(|value| value.to_str().ok());
    let metadata = metadata.ok_or_else(|| malformed("Upload-Metadata"))?;
    let sha256 = entry(metadata, "sha256").ok_or_else(|| malformed("Upload-Metadata"))?;
    let mime = entry(metadata, "mime").ok_or_else(|| malformed("Upload-Metadata"))?;
    let view = blobs.announce(bidder.person, address, &sha256, size_bytes, &mime).await?;
    let status = if view.stored { StatusCode::OK } else { StatusCode::CREATED };
    let location = [(header::LOCATION, format!("/v1/blobs/{sha256}"))];
    Ok((status, location, standing(&view)).into_response())
}

/// The part of a file that the server has.
#[utoipa::path(head, path = "/v1/blobs/{sha256}", tag = "files",
    operation_id = "get_upload_progress",
    params(
        ("sha256" = String, Path, description = "The file's hash, hex."),
        ("Tus-Resumable" = String, Header, description = "The version of tus: `1.0.0`."),
    ),
    responses(
        (status = 200, description = "`Upload-Offset`, `Upload-Length`, `Upload-Expires`, and \
            `Upload-State`: `arriving`, `scanning` (whole, and not yet found harmless), `stored`."),
        (status = 410, description = "Malware was found in it; it was deleted."),
    ))]
async fn progress(
    State(blobs): State<Service>,
    bidder: Bidder,
    Id(sha256): Id<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    resumable(&headers)?;
    let view = blobs.view(bidder.person, &sha256).await?;
    let length = [(UPLOAD_LENGTH, HeaderValue::from(view.size_bytes))];
    let fresh = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::OK, length, fresh, standing(&view)).into_response())
}

/// Appends bytes to an upload.
#[utoipa::path(patch, path = "/v1/blobs/{sha256}", tag = "files",
    operation_id = "append_bytes",
    params(
        ("sha256" = String, Path, description = "The file's hash, hex."),
        ("Tus-Resumable" = String, Header, description = "The version of tus: `1.0.0`."),
        ("Upload-Offset" = u64, Header, description = "Offset of the first byte."),
        ("Upload-Checksum" = Option<String>, Header,
            description = "`sha256 <base64>` of these bytes; all are kept or none."),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "`Upload-Offset` is the server's new offset."),
        (status = 409, description = "The bytes do not begin at the server's offset."),
        (status = 422, description = "Complete, but the hash differs; start again."),
        (status = 460, description = "`Upload-Checksum` differs; nothing was kept."),
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
    let checksum = headers.get(UPLOAD_CHECKSUM).map(checksum).transpose()?;
    // A task of its own: a lost connection drops this handler, and the bytes that arrived must
    // count.
    let arrived = tokio::spawn(async move {
        blobs.append(bidder.person, &sha256, offset, checksum, body.into_data_stream()).await
    });
    match arrived.await.map_err(|error| Problem::internal(&error))? {
        Ok(view) => Ok((StatusCode::NO_CONTENT, standing(&view)).into_response()),
        Err(error @ (Error::Mismatch { offset } | Error::WrongChecksum { offset })) => {
            Ok((at(offset), Problem::from(error)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes a file of the caller, complete or partial, that no application refers to.
#[utoipa::path(delete, path = "/v1/blobs/{sha256}", tag = "files",
    operation_id = "withdraw_file",
    params(
        ("sha256" = String, Path, description = "The file's hash, hex."),
        ("Tus-Resumable" = String, Header, description = "The version of tus: `1.0.0`."),
    ),
    responses(
        (status = 204, description = "Removed."),
        (status = 409, description = "An application refers to it, or it is being uploaded."),
    ))]
async fn withdraw(
    State(blobs): State<Service>,
    bidder: Bidder,
    Id(sha256): Id<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    resumable(&headers)?;
    blobs.withdraw(bidder.person, &sha256).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::TooLarge => Self::new(ProblemCode::TooLarge),
            Error::Mismatch { offset } => {
                Self::new(ProblemCode::UploadMismatch).with("offset", offset)
            }
            Error::WrongChecksum { offset } => {
                let status = StatusCode::from_u16(CHECKSUM_MISMATCH);
                let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
                Self::new(ProblemCode::UploadMismatch).at(status).with("offset", offset)
            }
            Error::Infected => Self::new(ProblemCode::Infected),
            Error::Referenced => Self::new(ProblemCode::WrongState),
            Error::WrongContent => Self::new(ProblemCode::UploadMismatch)
                .at(StatusCode::UNPROCESSABLE_ENTITY)
                .with("offset", 0),
            Error::Malformed(detail) => Self::new(ProblemCode::Malformed).with("detail", detail),
            // Phones of every version know this code and say that the file is too large.
            Error::Picture(PictureFault::TooManyPixels { .. }) => {
                Self::new(ProblemCode::TooLarge).with("pixels_max", PIXELS_MAX)
            }
            Error::Picture(_) => {
                Self::new(ProblemCode::Malformed).with("detail", "the picture is damaged")
            }
            Error::LimitReached => Self::new(ProblemCode::LimitReached),
            Error::NoAuction => Self::new(ProblemCode::WrongState).with("reason", "no_auction"),
            Error::NoDraft => Self::new(ProblemCode::WrongState).with("reason", "no_draft"),
            Error::AddressLimit(exceeded) => exceeded.into(),
            Error::Disk(_) => Self::internal(&error),
            Error::Store(error) => error.into(),
        }
    }
}

fn at(offset: u64) -> [(&'static str, HeaderValue); 1] {
    [(UPLOAD_OFFSET, HeaderValue::from(offset))]
}

/// The state of a file that a client needs to continue.
fn standing(view: &View) -> HeaderMap {
    let state = match view.scan {
        Scan::Arriving => "arriving",
        Scan::Waiting => "scanning",
        Scan::Clean | Scan::Unscanned | Scan::Infected => "stored",
    };
    let mut says = HeaderMap::new();
    says.insert(UPLOAD_OFFSET, HeaderValue::from(view.offset));
    says.insert(UPLOAD_STATE, HeaderValue::from_static(state));
    let date = view.expires_at.map(|at| HeaderValue::try_from(at.http_date()));
    if let Some(Ok(date)) = date {
        says.insert(UPLOAD_EXPIRES, date);
    }
    says
}

/// Parses `sha256 <base64>`; no other algorithm is accepted.
fn checksum(value: &HeaderValue) -> Result<Checksum, Problem> {
    let digest = value.to_str().ok().and_then(|text| text.strip_prefix("sha256 "));
    let digest = digest.and_then(|digest| STANDARD.decode(digest.trim()).ok());
    digest.and_then(|digest| digest.try_into().ok()).ok_or_else(|| malformed("Upload-Checksum"))
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

/// One value of `Upload-Metadata`: pairs separated by commas, key and base64 by a space.
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
