//! Accepts connections and limits their number, their pace and their duration.
//!
//! # Why our own loop
//! `axum::serve` gives hyper no timer, and without one no header ever comes too late: a few
//! thousand sockets that send a byte a minute would hold the server's memory for as long as they
//! like. Here every phase has a limit. A request's head must arrive within
//! [`ClientTimeouts::head`], which is also how long a connection may idle; a body must keep to a
//! pace; the client must read its answer. Who holds connections without asking for anything loses
//! them when others need them (see [`super::open_connections`]).

use super::open_connections::{OpenConnection, OpenConnections, RequestUnderWay};
use crate::config::ClientTimeouts;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// Connections at a time; for a further one the oldest of a stranger is let go, an idle one if there
/// is one. If somebody is signed in on each, it waits unaccepted in the system's queue.
const CONNECTIONS_MAX: usize = 20_000;
/// Longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Pause before the next attempt after the system had no socket to give (`EMFILE` and the like).
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// The body stayed below the required pace.
#[derive(Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub struct TooSlow;

/// Serves `router` until `stop`; connections then end with the answer under way.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    timeouts: ClientTimeouts,
    open: Arc<OpenConnections>,
    stop: CancellationToken,
) {
    let (places, connections) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), TaskTracker::new());
    loop {
        let accepted = async {
            if places.available_permits() == 0 {
                open.make_room();
            }
            // Never closed.
            let place = places.clone().acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((socket, peer)) => {
                let known = open.enter(peer.ip());
                let connection = connection(socket, known, router.clone(), timeouts, stop.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn connection(
    socket: TcpStream,
    known: OpenConnection,
    router: Router,
    timeouts: ClientTimeouts,
    stop: CancellationToken,
) {
    // Answers are small and awaited: none waits for a fuller packet.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a socket ended before it began");
        return;
    }
    let caller = known.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let under_way = caller.request();
        let mut request = request.map(|body| paced(body, timeouts));
        request.extensions_mut().insert(caller.clone());
        let answered = router.clone().oneshot(request);
        answered.map(|answer| {
            answer.map(|answer| answer.map(|body| AnswerBody { body, _under_way: under_way }))
        })
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeouts.head).max_buf_size(HEAD_BYTES_MAX);
    let io = TokioIo::new(WriteTimeout { socket, within: timeouts.answer, stalled: None });
    let mut connection = std::pin::pin!(http.serve_connection(io, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = known.let_go() => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

/// The body of an answer; its request is under way until it is sent or given up.
struct AnswerBody {
    body: Body,
    // Held for its drop.
    _under_way: RequestUnderWay,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Wraps a body so that it fails with [`TooSlow`] when it falls below its pace.
fn paced(body: Incoming, timeouts: ClientTimeouts) -> Body {
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

/// A socket that fails when its peer does not read what is written to it.
struct WriteTimeout {
    socket: TcpStream,
    within: Duration,
    /// Runs while the peer reads nothing.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl WriteTimeout {
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let within = self.within;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(within)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for WriteTimeout {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for WriteTimeout {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
