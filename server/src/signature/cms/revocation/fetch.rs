//! Fetches lists and OCSP answers, bounded in time and length.

use super::usable::Unusable;
use anyhow::Context as _;
use http::header;
use reqwest::{Client, Response, Url, redirect};
use std::time::Duration;

/// Real time allowed for one request, the connection included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest list, in bytes: some hundred thousand revoked certificates.
pub const LIST_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest OCSP answer, in bytes.
pub const OCSP_BYTES_MAX: usize = 64 * 1024;
/// Longest address that is asked.
const URL_CHARS_MAX: usize = 1_024;

pub struct Fetcher(Client);

impl Fetcher {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new() -> anyhow::Result<Self> {
        let builder = Client::builder().timeout(REQUEST_TIMEOUT);
        let client = builder.redirect(redirect::Policy::none()).build();
        Ok(Self(client.context("no HTTP client for revocation")?))
    }

    /// The list at an address.
    pub async fn list(&self, url: &str) -> Result<Vec<u8>, Unusable> {
        let response = self.0.get(checked(url)?).send().await.map_err(unreachable)?;
        body(response, LIST_BYTES_MAX).await
    }

    /// The answer to an OCSP request (RFC 6960, A.1).
    pub async fn ask(&self, url: &str, request: Vec<u8>) -> Result<Vec<u8>, Unusable> {
        let posted = self.0.post(checked(url)?).body(request);
        let posted = posted.header(header::CONTENT_TYPE, "application/ocsp-request");
        body(posted.send().await.map_err(unreachable)?, OCSP_BYTES_MAX).await
    }
}

fn checked(url: &str) -> Result<Url, Unusable> {
    let parsed = (url.len() <= URL_CHARS_MAX).then(|| Url::parse(url).ok()).flatten();
    let plain = parsed.filter(|url| matches!(url.scheme(), "http" | "https"));
    plain.ok_or(Unusable::Malformed("address"))
}

fn unreachable(error: reqwest::Error) -> Unusable {
    Unusable::Unreachable(error.without_url().to_string())
}

async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, Unusable> {
    if !response.status().is_success() {
        return Err(Unusable::Unreachable(response.status().to_string()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > bytes_max {
            return Err(Unusable::Malformed("too long"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
