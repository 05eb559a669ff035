//! A server's answer, read to its end.

use anyhow::{Context as _, ensure};
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};

/// An HTTP answer with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The value of the header `Content-Type`; empty without one.
    pub content_type: String,
    pub body: String,
}

impl Answer {
    /// Reads an answer to its end.
    ///
    /// # Errors
    /// When the connection breaks before.
    pub async fn read(response: Response) -> anyhow::Result<Self> {
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        Ok(Self { status, content_type, body: response.text().await? })
    }

    /// The answer as what it must be.
    ///
    /// # Errors
    /// When it is a problem or something else.
    pub fn json<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        ensure!(self.status < 300, "refused: {self:?}");
        serde_json::from_str(&self.body).with_context(|| format!("another answer: {self:?}"))
    }

    /// The refusal's status and code.
    ///
    /// # Errors
    /// When it is no problem as RFC 9457 has it.
    pub fn problem(&self) -> anyhow::Result<(u16, ProblemCode)> {
        ensure!(self.content_type == "application/problem+json", "no problem: {self:?}");
        let problem: ProblemBody = serde_json::from_str(&self.body)?;
        ensure!(problem.status == self.status, "two statuses: {self:?}");
        Ok((self.status, problem.code))
    }

    /// The receipt's bytes as they were sent.
    pub fn receipt_bytes(&self) -> Option<&str> {
        let (receipt, _) = self.body.split_once(",\"server_time\"")?;
        receipt.strip_prefix("{\"receipt\":")
    }
}

/// Sends a request whose answer must be a success.
///
/// # Errors
/// When it is not, with what the server said.
pub async fn read<T: DeserializeOwned>(request: RequestBuilder) -> anyhow::Result<T> {
    Answer::read(request.send().await?).await?.json()
}
