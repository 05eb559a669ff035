//! A paper that is made when it is asked for, over HTTP.
//!
//! # Why a few are made at a time
//! A paper takes some ten milliseconds of a core, and everybody may ask for one. Bids are decided
//! on the same machine: one paper is made at a time, and who would wait behind many is told to come
//! back.

use super::file_answer::{POLICY, disposition, is_known};
use super::problem::Problem;
use crate::pdf::{PaperError, PaperLanguage};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use toruk_sync::domain::text::file_name;
use toruk_sync::protocol::problem::ProblemCode;
use utoipa::IntoParams;

const MIME: &str = "application/pdf";
/// Most requests that wait for their paper, the one being made included.
const WAITING_MAX: usize = 16;
/// Papers made at a time.
const MADE_AT_ONCE: usize = 1;
/// Raised with each change of how papers look: a kept copy is an old one then.
const LOOKS: u8 = 1;

static WAITING: Semaphore = Semaphore::const_new(WAITING_MAX);
static MAKING: Semaphore = Semaphore::const_new(MADE_AT_ONCE);

/// The language of a paper.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PaperQuery {
    /// `ky`, `ru` or `en`; `ky` if it is absent.
    language: Option<String>,
}

impl PaperQuery {
    /// The language.
    ///
    /// # Errors
    /// [`ProblemCode::Malformed`] if there are no papers in it.
    pub fn language(&self) -> Result<PaperLanguage, Problem> {
        let Some(tag) = &self.language else { return Ok(PaperLanguage::default()) };
        let unknown = || Problem::new(ProblemCode::Malformed).with("field", "language");
        PaperLanguage::parse(tag).ok_or_else(unknown)
    }
}

/// How a paper is kept.
#[derive(Debug)]
pub struct PaperAnswer<'a> {
    /// The name under which it is saved, without its ending.
    pub name: &'a str,
    /// All that the paper says.
    pub content: &'a str,
    pub language: PaperLanguage,
    /// Set if everybody may read it.
    pub is_public: bool,
}

impl PaperAnswer<'_> {
    /// Answers a request with these headers: with what `make` gives, or that what the client has is
    /// current, for which nothing is made.
    ///
    /// # Errors
    /// [`ProblemCode::Busy`], [`ProblemCode::Internal`].
    pub async fn answer(
        &self,
        asked: &HeaderMap,
        make: impl FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static,
    ) -> Result<Response, Problem> {
        let tag = self.language.tag();
        let hash = Sha256::digest(format!("{LOOKS} {tag} {}", self.content));
        let etag = format!("\"{}\"", hex::encode(hash));
        let mut response = match is_known(asked, &etag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => made(make).await?.into_response(),
        };
        let headers = response.headers_mut();
        let kept = if self.is_public { "public, no-cache" } else { "private, no-cache" };
        let name = file_name(&format!("{}-{tag}.pdf", self.name), MIME);
        for (key, value) in [
            (header::CONTENT_TYPE, MIME),
            (header::ETAG, &etag),
            (header::CACHE_CONTROL, kept),
            (header::CONTENT_LANGUAGE, tag),
            (header::CONTENT_DISPOSITION, &disposition("inline", &name)),
        ] {
            let value = HeaderValue::try_from(value).map_err(|error| Problem::internal(&error))?;
            headers.insert(key, value);
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
        Ok(response)
    }
}

async fn made(
    make: impl FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static,
) -> Result<Vec<u8>, Problem> {
    let busy = |_| Problem::new(ProblemCode::Busy);
    let waiting = WAITING.try_acquire().map_err(busy)?;
    let making = MAKING.acquire().await.map_err(|error| Problem::internal(&error))?;
    // The places are given back when it is made, even if nobody waits for it any more.
    let work = move || {
        let made = make();
        drop((waiting, making));
        made
    };
    let made = spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?;
    made.map_err(|error| Problem::internal(&error))
}
