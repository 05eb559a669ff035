//! The form that all responses share: the request's id, strict headers, and a [`Problem`] for
//! errors that the framework made.

use crate::context::Context;
use crate::web::problem::{Problem, problem_json};
use crate::web::protocol_version::SYNC_PROTOCOL;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::protocol::pull::PROTOCOL;

/// Names a request in the log, in the answer and in a problem's `trace_id`.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that is taken from a proxy in front of us.
const REQUEST_ID_CHARS_MAX: usize = 64;
/// What a browser may do with an answer that is not a page: nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Refusals that who attacks meets and who uses an app rarely does: each is a line by itself.
const SECURITY_EVENTS: [ProblemCode; 8] = [
    ProblemCode::BadSignature,
    ProblemCode::CeremonyFailed,
    ProblemCode::ConflictOfInterest,
    ProblemCode::DeviceRevoked,
    ProblemCode::EidFailed,
    ProblemCode::Forbidden,
    ProblemCode::Infected,
    ProblemCode::SignatureRefused,
];

/// The outermost layer: adds the request's id and the headers, and turns bare errors into problems.
pub async fn finalize(
    State(context): State<Arc<Context>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| {
        let id = context.ports.ids.uuid().to_string();
        HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("unnamed"))
    });
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let mut response = into_problem(next.run(request).await);
    if let Some(mut body) = response.extensions_mut().remove::<ProblemBody>() {
        body.trace_id = id.to_str().ok().map(str::to_owned);
        if SECURITY_EVENTS.contains(&body.code) {
            tracing::warn!(id = body.trace_id, code = ?body.code, "security event");
        }
        *response.body_mut() = problem_json(&body);
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    // Tells a phone who answers: a hotel's sign-in page or a proxy does not send it.
    headers.insert(SYNC_PROTOCOL, HeaderValue::from(PROTOCOL));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let subdomains = if context.config.hsts_subdomains { "; includeSubDomains" } else { "" };
    if let Some(seconds) = context.config.hsts_seconds
        && let Ok(promise) = HeaderValue::try_from(format!("max-age={seconds}{subdomains}"))
    {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, promise);
    }
    // A page of the console has its own policy; nothing else may be shown as a page or in one.
    let policy = HeaderValue::from_static(POLICY);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    // No cache keeps a response unless its handler allows it.
    let unkept = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(unkept);
    response
}

/// The id that a proxy gave, if it is well formed: no stranger's text goes to the log.
fn given(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let bytes = id.as_bytes();
    let named = (1..=REQUEST_ID_CHARS_MAX).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    named.then(|| id.clone())
}

/// Turns an error that is only a status, as the framework makes them, into its [`Problem`].
fn into_problem(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_bare = kind.is_none_or(|kind| kind.starts_with(b"text/plain"));
    if !is_error || !is_bare {
        return response;
    }
    let (mut old, _) = response.into_parts();
    let mut problem = of_status(status).into_response();
    old.headers.remove(header::CONTENT_TYPE);
    old.headers.remove(header::CONTENT_LENGTH);
    problem.headers_mut().extend(old.headers);
    problem
}

fn of_status(status: StatusCode) -> Problem {
    let code = match status {
        StatusCode::NOT_FOUND => ProblemCode::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
        // The request took longer than its time limit.
        StatusCode::SERVICE_UNAVAILABLE => ProblemCode::Unknown,
        _ if status.is_server_error() => ProblemCode::Internal,
        _ => ProblemCode::Malformed,
    };
    Problem::new(code).at(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_plain_word_is_taken_as_a_requests_id() {
        for (id, expected) in [
            ("0b7f5f0a-8d1c", true),
            ("A1", true),
            ("", false),
            ("a b", false),
            ("{\"level\":\"ERROR\"}", false),
            (&"a".repeat(REQUEST_ID_CHARS_MAX), true),
            (&"a".repeat(REQUEST_ID_CHARS_MAX + 1), false),
        ] {
            let headers = HeaderMap::from_iter([(REQUEST_ID, id.parse().unwrap())]);
            assert_eq!(given(&headers).is_some(), expected, "{id}");
        }
    }

    #[test]
    fn a_bare_status_becomes_a_problem_and_a_page_stays_a_page() {
        for (status, expected) in [
            (StatusCode::NOT_FOUND, ProblemCode::NotFound),
            (StatusCode::METHOD_NOT_ALLOWED, ProblemCode::Malformed),
            (StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::TooLarge),
            (StatusCode::SERVICE_UNAVAILABLE, ProblemCode::Unknown),
            (StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal),
        ] {
            let plain = into_problem((status, "words of the framework").into_response());
            assert_eq!(plain.status(), status);
            assert_eq!(plain.extensions().get::<ProblemBody>().unwrap().code, expected);
            let page = into_problem((status, axum::response::Html("<p>")).into_response());
            assert!(page.extensions().get::<ProblemBody>().is_none());
        }
    }
}
