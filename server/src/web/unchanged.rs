//! "Not modified", answered again as long as nothing was written since it was found out.
//!
//! # Why by what was written anywhere
//! A tag is a hash of the content, so that to make it is as much work as to answer. That nothing at
//! all was written is known without it. A finer rule, of what each answer depends on, would be wrong
//! as soon as somebody forgets a dependency; in the minutes in which many write, few ask in vain.

use crate::context::Context;
use crate::db::WriteMark;
use crate::lock::lock;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Most answers that are kept; one more, and all are forgotten.
const KEPT_MAX: usize = 4_096;
/// Longest address and tag of one that is kept, in bytes.
const ASKED_BYTES_MAX: usize = 512;

/// The answers so far.
#[derive(Clone)]
pub struct Unchanged {
    context: Arc<Context>,
    kept: Arc<Mutex<HashMap<Asked, Known>>>,
}

/// An address with its query, and the tag that the client has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked(String, HeaderValue);

/// The headers of an answer, and when it was true.
struct Known {
    mark: WriteMark,
    headers: HeaderMap,
}

impl Unchanged {
    /// Knows no answer yet.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone(), kept: Arc::default() }
    }

    fn get(&self, asked: &Asked, mark: &WriteMark) -> Option<HeaderMap> {
        let kept = lock(&self.kept);
        kept.get(asked).filter(|known| known.mark == *mark).map(|known| known.headers.clone())
    }

    fn put(&self, asked: Asked, known: Known) {
        let mut kept = lock(&self.kept);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(asked, known);
    }
}

/// Answers what was answered before, or asks the handler. It is for public addresses, whose answers
/// are the same for everybody.
pub async fn answer(request: Request, next: Next) -> Response {
    let unchanged = request.extensions().get::<Unchanged>().cloned();
    let Some((unchanged, asked)) = unchanged.zip(asked(&request)) else {
        return next.run(request).await;
    };
    // Before the content is read: what is written meanwhile makes the mark another one.
    let Ok(mark) = unchanged.context.db.write_mark().await else {
        return next.run(request).await;
    };
    if let Some(headers) = unchanged.get(&asked, &mark) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::NOT_MODIFIED {
        unchanged.put(asked, Known { mark, headers: response.headers().clone() });
    }
    response
}

fn asked(request: &Request) -> Option<Asked> {
    let mut tags = request.headers().get_all(header::IF_NONE_MATCH).iter();
    let (tag, more) = (tags.next()?, tags.next());
    let address = request.uri().path_and_query()?.as_str();
    let is_short = address.len() + tag.len() <= ASKED_BYTES_MAX;
    let is_plain = request.method() == Method::GET && more.is_none();
    (is_short && is_plain).then(|| Asked(address.to_owned(), tag.clone()))
}
