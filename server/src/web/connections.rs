//! Accepts connections and limits their number, their pace and their duration.
//!
//! # Why our own loop
//! `axum::serve` gives hyper no timer, and without one no header ever comes too late: a few
//! thousand sockets that send a byte a minute would hold the server's memory for as long as they
//! like. Here every phase has a limit. A request's head must arrive within
//! [`ClientTimeouts::head`], which is also how long a connection may idle; a body must keep to a
//! pace; the client must read its answer. Who holds connections without asking for anything loses
//! them when others need them (see [`super::open_connections`]).
//!
//! # Why a client that closes its side is answered
//! The end of what a client sends is no sign that it has gone: it may have said all it wanted and
//! wait for the answer, and a bid is decided even if it has gone. Only a stream of events ends
//! there, because it has no other end. Bytes come from [`super::reader`].

use super::body::{BodyEnd, paced};
use super::endless::{self, Endless};
use super::heads::{closing, refused};
use super::open_connections::{OpenConnection, OpenConnections, RequestUnderWay};
use super::reader::{LastBytes, ReadAhead, Reader};
use crate::config::ClientTimeouts;
use crate::lock::lock;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tower::ServiceExt as _;

/// Connections at a time; for a further one the oldest of a stranger is let go, an idle one if there
/// is one. If somebody is signed in on each, it waits unaccepted in the system's queue.
const CONNECTIONS_MAX: usize = 20_000;
/// Connections that the system keeps for us until we accept them; its own limit may be lower
/// (`net.core.somaxconn`). One that finds no room tries again after a second, and later again: when
/// all phones come back at once after an outage, that is a bidder's time.
const UNACCEPTED_MAX: i32 = 16_384;
/// Longest head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// The type of an answer that goes on for as long as the client listens.
const EVENTS: &str = "text/event-stream";
/// Pause before the next attempt after the system had no socket to give (`EMFILE` and the like).
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// What a listener serves, and within which limits.
#[derive(Clone)]
pub struct Served {
    pub router: Router,
    pub timeouts: ClientTimeouts,
    /// All connections of the listener.
    pub open: Arc<OpenConnections>,
    /// Returns `true` if a request may be a bid, by its head.
    pub may_be_bid: fn(&Request<Incoming>) -> bool,
    /// Connections end with the answer under way once it is cancelled.
    pub stop: CancellationToken,
}

/// Serves until [`Served::stop`]. Accepts and reads on the reader's thread; everything else runs
/// where this is called.
///
/// # Errors
/// When the reader can't take over the listener.
pub async fn serve(listener: TcpListener, served: Served, reader: Reader) -> anyhow::Result<()> {
    rustix::net::listen(&listener, UNACCEPTED_MAX)?;
    let (listener, here) = (listener.into_std()?, Handle::current());
    let accepting = reader.clone().run(async move {
        let listener = TcpListener::from_std(listener)?;
        accept(listener, served, &reader, &here).await;
        anyhow::Ok(())
    });
    // Nothing is accepted any more when nobody is left to parse it.
    AbortOnDropHandle::new(accepting).await?
}

async fn accept(listener: TcpListener, served: Served, reader: &Reader, parsing: &Handle) {
    let (places, connections) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), TaskTracker::new());
    loop {
        let accepted = async {
            if places.available_permits() == 0 {
                served.open.make_room();
            }
            // Never closed.
            let place = places.clone().acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = served.stop.cancelled() => break,
        };
        match accepted {
            Ok((socket, peer)) => {
                let known = served.open.enter(peer.ip());
                let connection = connection(socket, known, served.clone(), reader);
                connections.spawn_on(
                    async move {
                        connection.await;
                        drop(place);
                    },
                    parsing,
                );
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

/// Begins to read at once; parses and answers when the returned future runs.
fn connection(
    socket: TcpStream,
    known: OpenConnection,
    served: Served,
    reader: &Reader,
) -> impl Future<Output = ()> + Send + use<> {
    // Answers are small and awaited: none waits for a fuller packet. What has come on a connection
    // that is broken already is read all the same.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "a socket ended before it began");
    }
    let (read_half, socket) = socket.into_split();
    let read = reader.read(read_half);
    async move {
        let Served { router, timeouts, may_be_bid, stop, .. } = served;
        let (caller, last) = (known.clone(), read.last_bytes());
        let taken_over = last.clone();
        let wire = Arc::new(Wire { endless: Mutex::default(), is_flushed: true.into() });
        let answering = wire.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let may_be_bid = may_be_bid(&request);
            let refused = refused(&request, &last);
            let (head, body) = request.into_parts();
            let (body, end) = BodyEnd::watch(body);
            let mut request = Request::from_parts(head, paced(body, timeouts));
            request.extensions_mut().insert(caller.clone());
            request.extensions_mut().insert(last.clone());
            if !may_be_bid {
                last.is_no_bid();
            }
            let (under_way, last) = (caller.request(), last.clone());
            let (router, wire) = (router.clone(), answering.clone());
            let version = request.version();
            async move {
                let answer = match refused {
                    Some(refusal) => refusal,
                    None => answer(router, request, may_be_bid).await,
                };
                let answer = if end.is_read() { answer } else { closing(answer) };
                let answer = AnswerBody::wrap(answer, under_way, last);
                // Chunks come after the head only there.
                if let (Version::HTTP_11, Content::Endless(body)) =
                    (version, &answer.body().content)
                {
                    *lock(&wire.endless) = Some(body.clone());
                }
                Ok::<_, Infallible>(answer)
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(timeouts.head);
        http.max_buf_size(HEAD_BYTES_MAX).half_close(true);
        let within = timeouts.answer;
        let socket = WriteTimeout { read, socket, within, stalled: None, wire: wire.clone() };
        let mut connection = http.serve_connection(TokioIo::new(socket), service);
        let Some(answer) = serve_requests(&mut connection, &wire, &known, &stop).await else {
            return;
        };
        let (answer, _under_way) = (answer.take(), known.request());
        let mut socket = connection.into_parts().io.into_inner();
        // HTTP's end of the answer said that the next request may come. None will.
        taken_over.is_no_bid();
        tokio::select! {
            written = endless::write(&mut socket, answer) => if let Err(error) = written {
                tracing::debug!(%error, "a stream broke");
            },
            () = known.let_go() => {}
        }
    }
}

/// Serves requests until the connection ends, or until an endless answer has begun and waits for
/// its next frame: then returns it, with nothing left to write before that frame.
async fn serve_requests<S>(
    connection: &mut http1::Connection<TokioIo<WriteTimeout>, S>,
    wire: &Wire,
    known: &OpenConnection,
    stop: &CancellationToken,
) -> Option<Endless>
where
    S: HttpService<Incoming, ResBody = AnswerBody, Error = Infallible>,
{
    let mut shuts_down = false;
    loop {
        let served = std::future::poll_fn(|cx| {
            let ended = Pin::new(&mut *connection).poll(cx);
            if ended.is_pending() && wire.is_idle() { Poll::Ready(None) } else { ended.map(Some) }
        });
        tokio::select! {
            ended = served => {
                if let Some(Err(error)) = &ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return if ended.is_none() { lock(&wire.endless).take() } else { None };
            }
            () = known.let_go() => return None,
            () = stop.cancelled(), if !shuts_down => {
                shuts_down = true;
                Pin::new(&mut *connection).graceful_shutdown();
            }
        }
    }
}

/// What is known of what a connection writes.
struct Wire {
    /// The endless answer that has begun.
    endless: Mutex<Option<Endless>>,
    /// `true` if nothing was written since the last flush, at which HTTP has nothing left.
    is_flushed: AtomicBool,
}

impl Wire {
    fn is_idle(&self) -> bool {
        self.is_flushed.load(Ordering::Relaxed)
            && lock(&self.endless).as_ref().is_some_and(Endless::is_idle)
    }
}

/// The router's answer. What may be a bid goes on when the connection ends.
async fn answer(router: Router, request: Request, may_be_bid: bool) -> Response {
    let answered = router.oneshot(request);
    if !may_be_bid {
        return answered.await.unwrap_or_else(|never| match never {});
    }
    match tokio::spawn(answered).await {
        Ok(Ok(answer)) => answer,
        Err(error) => {
            tracing::error!(%error, "a request's work did not end");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The body of an answer; its request is under way until it is sent or given up.
struct AnswerBody {
    content: Content,
    last: LastBytes,
    // Held for its drop.
    _under_way: RequestUnderWay,
}

impl AnswerBody {
    fn wrap(answer: Response, under_way: RequestUnderWay, last: LastBytes) -> Response<Self> {
        let kind = answer.headers().get(header::CONTENT_TYPE);
        let is_endless = kind.is_some_and(|kind| kind == EVENTS);
        answer.map(|body| {
            let content = match is_endless {
                true => Content::Endless(Endless::new(body, last.clone())),
                false => Content::Body(body),
            };
            Self { content, last, _under_way: under_way }
        })
    }
}

enum Content {
    Body(Body),
    /// The client's end is its only end.
    Endless(Endless),
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.last.is_answered();
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.content {
            Content::Body(body) => Pin::new(body).poll_frame(cx),
            Content::Endless(body) => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.content, Content::Body(body) if body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Body(body) => body.size_hint(),
            Content::Endless(_) => SizeHint::default(),
        }
    }
}

/// A socket that fails when its peer does not read what is written to it.
struct WriteTimeout {
    read: ReadAhead,
    socket: OwnedWriteHalf,
    within: Duration,
    /// Runs while the peer reads nothing.
    stalled: Option<Pin<Box<Sleep>>>,
    wire: Arc<Wire>,
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
        Pin::new(&mut self.read).poll_read(cx, buffer)
    }
}

impl AsyncWrite for WriteTimeout {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.wire.is_flushed.store(false, Ordering::Relaxed);
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wire.is_flushed.store(false, Ordering::Relaxed);
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        self.wire.is_flushed.store(flushed.is_ready(), Ordering::Relaxed);
        self.watch(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
