//! A paper that is made when it is asked for, over HTTP.
//!
//! # Why a few are made at a time
//! A paper takes some ten milliseconds of a core, and everybody may ask for one. Bids are decided
//! on the same machine: one paper is made at a time, and who would wait behind many is told to come
//! back. Papers that everybody may read have a queue of their own, so that strangers keep no payer
//! from their slip and no official from their copy; the latest of them are kept as they were made.

use super::file_answer::{POLICY, disposition, is_known};
use super::problem::Problem;
use crate::pdf::{PaperError, PaperLanguage};
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use toruk_sync::domain::text::file_name;
use toruk_sync::protocol::problem::ProblemCode;
use utoipa::IntoParams;

const MIME: &str = "application/pdf";
/// Most requests that wait for their paper in a queue, the one being made included.
const WAITING_MAX: usize = 16;
/// Papers of a queue made at a time.
const MADE_AT_ONCE: usize = 1;
/// Most papers that are kept as they were made.
const KEPT_MAX: usize = 64;
/// Most bytes of them.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Raised with each change of how papers look: a kept copy is an old one then.
const LOOKS: u8 = 2;

/// For papers that everybody may read.
static PUBLIC: Queue = Queue::new();
/// For papers of one person.
static PRIVATE: Queue = Queue::new();
/// The latest public papers, by tag, which names the language too; the last asked for is the last.
static KEPT: Mutex<VecDeque<(String, Bytes)>> = Mutex::new(VecDeque::new());

/// The requests that wait for their papers.
struct Queue {
    waiting: Semaphore,
    making: Semaphore,
}

impl Queue {
    const fn new() -> Self {
        Self {
            waiting: Semaphore::const_new(WAITING_MAX),
            making: Semaphore::const_new(MADE_AT_ONCE),
        }
    }
}

/// Makes a paper.
pub trait Make: FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static {}

impl<F: FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static> Make for F {}

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
    pub async fn answer(&self, asked: &HeaderMap, make: impl Make) -> Result<Response, Problem> {
        let tag = self.language.tag();
        let hash = Sha256::digest(format!("{LOOKS} {tag} {}", self.content));
        let etag = format!("\"{}\"", hex::encode(hash));
        let mut response = match is_known(asked, &etag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false if self.is_public => made_once(&etag, make).await?.into_response(),
            false => made(&PRIVATE, || None, make).await?.into_response(),
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

/// A public paper: the kept one of this tag, or a new one, which is kept.
async fn made_once(etag: &str, make: impl Make) -> Result<Bytes, Problem> {
    if let Some(paper) = kept(etag) {
        return Ok(paper);
    }
    // Those who waited for the same paper find it made.
    let paper = made(&PUBLIC, || kept(etag), make).await?;
    keep(etag, &paper);
    Ok(paper)
}

async fn made(
    queue: &'static Queue,
    known: impl FnOnce() -> Option<Bytes>,
    make: impl Make,
) -> Result<Bytes, Problem> {
    let busy = |_| Problem::new(ProblemCode::Busy);
    let waiting = queue.waiting.try_acquire().map_err(busy)?;
    let making = queue.making.acquire().await.map_err(|error| Problem::internal(&error))?;
    if let Some(paper) = known() {
        return Ok(paper);
    }
    // The places are given back when it is made, even if nobody waits for it any more.
    let work = move || {
        let made = make();
        drop((waiting, making));
        made
    };
    let made = spawn_blocking(work).await.map_err(|error| Problem::internal(&error))?;
    made.map(Bytes::from).map_err(|error| Problem::internal(&error))
}

fn kept(etag: &str) -> Option<Bytes> {
    let mut papers = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let place = papers.iter().position(|(tag, _)| tag == etag)?;
    let found = papers.remove(place)?;
    let paper = found.1.clone();
    papers.push_back(found);
    Some(paper)
}

fn keep(etag: &str, paper: &Bytes) {
    let mut papers = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    papers.retain(|(tag, _)| tag != etag);
    papers.push_back((etag.to_owned(), paper.clone()));
    let mut bytes: usize = papers.iter().map(|(_, paper)| paper.len()).sum();
    while papers.len() > KEPT_MAX || bytes > KEPT_BYTES_MAX {
        let Some((_, oldest)) = papers.pop_front() else { return };
        bytes = bytes.saturating_sub(oldest.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    async fn asked(
        content: impl Into<String>,
        is_public: bool,
        make: impl Make,
    ) -> Result<(), StatusCode> {
        let content = &content.into();
        let answer = PaperAnswer { name: "a", content, language: PaperLanguage::Ky, is_public };
        answer
            .answer(&HeaderMap::new(), make)
            .await
            .map(drop)
            .map_err(|problem| problem.into_response().status())
    }

    /// One test, because all share the queues.
    #[tokio::test]
    async fn strangers_keep_nobody_from_a_paper_of_their_own_and_a_public_one_is_made_once() {
        let made = Arc::new(AtomicUsize::new(0));
        let paper = |size: usize| {
            let made = made.clone();
            move || {
                made.fetch_add(1, Ordering::SeqCst);
                Ok(vec![b'a'; size])
            }
        };
        for (content, is_public, expected) in [
            ("one", true, 1),
            ("one", true, 1),
            ("two", true, 2),
            ("one", false, 3),
            ("one", false, 4),
        ] {
            asked(content, is_public, paper(9)).await.unwrap();
            assert_eq!(made.load(Ordering::SeqCst), expected, "{content} {is_public}");
        }
        // What is kept is bounded: by number, and by size.
        for number in 0..KEPT_MAX {
            asked(format!("of many {number}"), true, paper(9)).await.unwrap();
        }
        made.store(0, Ordering::SeqCst);
        asked("one", true, paper(9)).await.unwrap();
        asked("long", true, paper(KEPT_BYTES_MAX)).await.unwrap();
        asked("one", true, paper(9)).await.unwrap();
        asked("too long", true, paper(KEPT_BYTES_MAX + 1)).await.unwrap();
        asked("too long", true, paper(9)).await.unwrap();
        assert_eq!(made.load(Ordering::SeqCst), 5);

        // The first stands still until the end, the others wait behind it.
        let (release, held) = mpsc::channel::<()>();
        let still = move || {
            // Also ends when the sender is gone.
            let _ = held.recv();
            Ok(Vec::new())
        };
        let mut strangers = vec![tokio::spawn(asked("still", true, still))];
        while PUBLIC.making.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        for _ in 1..WAITING_MAX {
            strangers.push(tokio::spawn(asked("behind", true, || Ok(Vec::new()))));
        }
        while PUBLIC.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let refused = asked("one too many", true, || Ok(Vec::new())).await;
        assert_eq!(refused, Err(StatusCode::SERVICE_UNAVAILABLE));
        asked("a slip", false, || Ok(Vec::new())).await.unwrap();
        release.send(()).unwrap();
        for stranger in strangers {
            stranger.await.unwrap().unwrap();
        }
    }
}
