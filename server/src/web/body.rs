//! The body of a request: its pace, and whether anybody has read it.

use crate::config::ClientTimeouts;
use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The body stayed below the required pace.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub struct TooSlow;

/// Wraps a body so that it fails with [`TooSlow`] when it falls below its pace.
pub fn paced(body: WatchedBody, timeouts: ClientTimeouts) -> Body {
    let body = Body::new(body);
    if body.is_end_stream() {
        return body;
    }
    let chunks = (body.into_data_stream(), Instant::now(), 0_u64);
    Body::from_stream(stream::try_unfold(chunks, move |(mut chunks, since, received)| async move {
        let deadline = since + timeouts.body + Duration::from_secs(received / timeouts.pace.max(1));
        match timeout_at(deadline, chunks.next()).await {
            Err(_) => Err(axum::Error::new(TooSlow)),
            Ok(None) => Ok(None),
            Ok(Some(chunk)) => {
                let chunk = chunk?;
                let received = received + u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                Ok(Some((chunk, (chunks, since, received))))
            }
        }
    }))
}

/// Tells whether a body was read to its end. Where it was not, what is left of it stands before the
/// next request, and the answer has to say that the connection ends.
#[derive(Clone)]
pub struct BodyEnd(Arc<AtomicBool>);

impl BodyEnd {
    /// Watches a body.
    pub fn watch(body: Incoming) -> (WatchedBody, Self) {
        let end = Self(Arc::new(AtomicBool::new(body.is_end_stream())));
        (WatchedBody { body, end: end.clone() }, end)
    }

    /// `true` once its end was read.
    pub fn is_read(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A body that tells of its end.
pub struct WatchedBody {
    body: Incoming,
    end: BodyEnd,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.end.0.store(true, Ordering::Release);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
