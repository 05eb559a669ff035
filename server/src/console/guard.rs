//! Protects the console: strict headers, forms only from this site, limits of an address.

use crate::AppState;
use crate::console::refusal::Refusal;
use crate::rate_limits::Exceeded;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Only this site's files may run, draw or be connected to, and the operator's local signer if there
/// is one; `data:` is for Pico's small icons. A page that `frames` shows this site's papers in it.
pub fn policy(local_signer: Option<&str>, frames: bool) -> String {
    let frames = if frames { " frame-src 'self';" } else { "" };
    let signer = local_signer.map(|url| format!(" {url}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'{signer};{frames} form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Adds the headers that keep a browser strict.
pub async fn strict_headers(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let policy = policy(state.context.config.local_signer.as_deref(), false);
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    let headers = response.headers_mut();
    let always: [(HeaderName, &'static str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        // A file has a policy of its own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let unkept = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(unkept);
    response
}

/// Rejects a change that was not requested by this site's pages.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let config = &state.context.config;
    if reading || is_ours(request.headers(), &config.public_origin, &config.app_origins) {
        return next.run(request).await;
    }
    tracing::warn!(code = "ForeignForm", "security event");
    Refusal::foreign_form().into_response()
}

/// Rejects what exceeds a limit of its address or session, as the router has counted.
pub async fn within_limits(request: Request, next: Next) -> Response {
    if request.extensions().get::<Exceeded>().is_some() {
        return Refusal::too_many_requests().into_response();
    }
    next.run(request).await
}

/// A present `Origin` decides. Without one, as some browsers send for a plain form, the browser's
/// `Sec-Fetch-Site` counts. Without both the request counts as foreign. A page at a further origin
/// of the operator reaches the console under that origin's own host only.
fn is_ours(headers: &HeaderMap, public_origin: &str, further: &[String]) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = value("origin") else {
        return value("sec-fetch-site") == Some("same-origin");
    };
    let is = |known: &str| origin.eq_ignore_ascii_case(known.trim().trim_end_matches('/'));
    let is_asked = |known: &str| {
        let host = known.split_once("://").map(|(_, host)| host.trim_end_matches('/'));
        host.zip(value("host")).is_some_and(|(known, asked)| known.eq_ignore_ascii_case(asked))
    };
    is(public_origin) || further.iter().any(|known| is(known) && is_asked(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_only_from_our_own_pages() {
        let ours = "https://auction.example.kg";
        for (origin, site, expected) in [
            (Some(ours), None, true),
            (Some("https://evil.example"), Some("same-origin"), false),
            (Some("null"), None, false),
            (None, Some("same-origin"), true),
            (None, Some("same-site"), false),
            (None, Some("cross-site"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if let Some(value) = value {
                    // A file has a policy of its own.
                    headers.entry(name).or_insert(HeaderValue::from_static(value));
                }
            }
            assert_eq!(is_ours(&headers, ours, &[]), expected, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn a_further_origin_is_ours_under_its_own_host() {
        let (ours, further) = ("https://auction.example.kg", "https://www.auction.example.kg/");
        let known = [further.to_owned(), "android:apk-key-hash:abc".to_owned()];
        for (origin, host, expected) in [
            ("https://www.auction.example.kg", "www.auction.example.kg", true),
            ("https://www.auction.example.kg", "auction.example.kg", false),
            ("https://auction.example.kg", "anything.behind.a.proxy", true),
            ("https://other.example.kg", "other.example.kg", false),
            ("android:apk-key-hash:abc", "auction.example.kg", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("origin", HeaderValue::from_static(origin));
            headers.insert("host", HeaderValue::from_static(host));
            assert_eq!(is_ours(&headers, ours, &known), expected, "{origin} at {host}");
        }
    }
}
