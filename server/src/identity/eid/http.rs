//! The HTTP client for the provider, with limits of time and length on every answer.

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, redirect};
use std::pin::Pin;
use std::time::Duration;

/// Longest answer that is read. Discovery documents and key sets have a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A failure of one request. Neither form holds an address or a body, which may have secrets.
#[derive(Debug, thiserror::Error)]
pub enum EidHttpError {
    /// No connection, no answer in time, or one that can't be read.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is longer than is read.
    #[error("the answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
}

impl From<reqwest::Error> for EidHttpError {
    fn from(error: reqwest::Error) -> Self {
        Self::NoAnswer(error.without_url().to_string())
    }
}

/// The client. It follows no redirect: the provider's addresses are those that it has published.
pub struct EidHttp(Client);

impl EidHttp {
    /// A client that gives up after `timeout`, the connection included.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(timeout: Duration) -> anyhow::Result<Self> {
        let builder = Client::builder().timeout(timeout);
        Ok(Self(builder.redirect(redirect::Policy::none()).build()?))
    }

    async fn request(&self, request: HttpRequest) -> Result<HttpResponse, EidHttpError> {
        let request = reqwest::Request::try_from(request)?;
        let mut answer = self.0.execute(request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(EidHttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for EidHttp {
    type Error = EidHttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, EidHttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.request(request))
    }
}
