//! Reads what clients send, on a thread that does nothing else, and notes when it arrived.
//!
//! # Why a thread of its own
//! Who was first and who was late is decided by when a bid's last byte was read. Read where
//! signatures are checked and pages are rendered, a bid waits for those: bids that had arrived
//! within two milliseconds got stamps spread over forty, in another order. Here a socket is read as
//! soon as the system says that it has something, the clock is read right behind it, and the bytes
//! go to the connection's own task, where HTTP is parsed and answers are written. The thread
//! accepts the connections too, because a bid may be the first thing on one.
//!
//! # Why one thread
//! Two would race each other between reading and looking at the clock. One takes the sockets in the
//! order in which they became readable.
//!
//! # Why it does not parse
//! A request's end is known to HTTP, which pulls the bytes from here and stops pulling when it has
//! the last one. So the moment of what it pulled last is the moment of the request's last byte, and
//! nobody parses twice; and when it pulls in vain, what it had was not the end. Who sends more right
//! behind a bid, before it was looked at, has sent its last byte then; a second bid on a connection
//! that came before the first one was answered is stamped in its turn.
//!
//! # Why it reads on
//! A client may close its side, or reset the connection, right behind the last byte. What came
//! before is read and decided all the same; the end is only the end of what can be read.

use super::head_lines::HeadLines;
use crate::arrivals::{Arrivals, ArrivedBytes};
use crate::lock::lock;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::OwnedReadHalf;
use tokio::runtime::{self, Handle};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::AbortOnDropHandle;
use toruk_sync::domain::time::Timestamp;

/// Most bytes that are read at a time.
const PIECE_BYTES: usize = 8 * 1024;
/// Unparsed bytes from which a connection is not read any further. A bid is far shorter, so that
/// its last byte does not wait for its first one to be parsed.
const UNPARSED_BYTES_MAX: usize = 8 * 1024;

/// The thread that reads. It ends with the last clone.
#[derive(Clone)]
pub struct Reader {
    runtime: Handle,
    arrivals: Arc<Arrivals>,
    _ends: Arc<DropGuard>,
}

impl Reader {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(arrivals: Arc<Arrivals>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (handle, ends) = (runtime.handle().clone(), CancellationToken::new());
        let ended = ends.clone().cancelled_owned();
        let work = move || runtime.block_on(ended);
        std::thread::Builder::new().name("reader".to_owned()).spawn(work)?;
        Ok(Self { runtime: handle, arrivals, _ends: Arc::new(ends.drop_guard()) })
    }

    /// Runs `work` on the thread.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }

    /// Reads a connection until its end, or until what is returned is dropped.
    pub fn read(&self, mut half: OwnedReadHalf) -> ReadAhead {
        let inbox = Arc::new(Mutex::new(Inbox { is_held: true, ..Inbox::default() }));
        let (filled, arrivals) = (inbox.clone(), self.arrivals.clone());
        let reading = self.runtime.spawn(async move {
            while std::future::poll_fn(|cx| fill(&filled, &mut half, &arrivals, cx)).await {}
        });
        ReadAhead { inbox, _reading: AbortOnDropHandle::new(reading) }
    }
}

/// What a client has sent, from the thread that reads to the task that parses.
pub struct ReadAhead {
    inbox: Arc<Mutex<Inbox>>,
    _reading: AbortOnDropHandle<()>,
}

/// When the last byte of a connection's request under way was read.
#[derive(Clone)]
pub struct LastBytes(Arc<Mutex<Inbox>>);

#[derive(Default)]
struct Inbox {
    unparsed: Vec<u8>,
    /// The arrival of the last of the unparsed bytes, while they may be the end of a bid.
    arrived: Option<ArrivedBytes>,
    arrived_at: Option<Timestamp>,
    /// The arrival of the bytes that were pulled last, while they may be the end of a bid.
    pulled: Option<ArrivedBytes>,
    pulled_at: Option<Timestamp>,
    /// `true` while the bytes that come may be those of a bid.
    is_held: bool,
    /// The lines of the head that is being pulled.
    head: HeadLines,
    end: Option<End>,
    /// Waits for bytes, or for the end.
    parser: Option<Waker>,
    /// Waits for the end of a connection whose answer goes on.
    answer: Option<Waker>,
    /// Waits for room.
    reader: Option<Waker>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Closed,
    Broken(io::ErrorKind),
}

/// Reads once. Returns `false` at the connection's end.
fn fill(
    inbox: &Mutex<Inbox>,
    half: &mut OwnedReadHalf,
    arrivals: &Arc<Arrivals>,
    cx: &mut Context<'_>,
) -> Poll<bool> {
    {
        let mut inbox = lock(inbox);
        if inbox.unparsed.len() >= UNPARSED_BYTES_MAX {
            inbox.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
    }
    let mut piece = [const { MaybeUninit::uninit() }; PIECE_BYTES];
    let mut piece = ReadBuf::uninit(&mut piece);
    let read = ready!(Pin::new(half).poll_read(cx, &mut piece));
    let end = match read {
        Ok(()) if !piece.filled().is_empty() => None,
        Ok(()) => Some(End::Closed),
        Err(error) => Some(End::Broken(error.kind())),
    };
    // Right behind the read, before anything that could wait.
    let arrived = end.is_none().then(|| arrivals.arrived());
    let mut inbox = lock(inbox);
    inbox.unparsed.extend_from_slice(piece.filled());
    inbox.end = end;
    inbox.arrived_at = arrived.as_ref().map_or(inbox.arrived_at, |arrived| Some(arrived.at));
    let dropped = match arrived.is_some() && inbox.is_held {
        true => std::mem::replace(&mut inbox.arrived, arrived),
        false => arrived,
    };
    let waiting = [inbox.parser.take(), end.and_then(|_| inbox.answer.take())];
    drop(inbox);
    drop(dropped);
    waiting.into_iter().flatten().for_each(Waker::wake);
    Poll::Ready(end.is_none())
}

impl ReadAhead {
    /// What is known of the last bytes that were pulled from here.
    pub fn last_bytes(&self) -> LastBytes {
        LastBytes(self.inbox.clone())
    }
}

impl LastBytes {
    /// Their arrival, once the whole request was pulled. `None` if they came with the bytes of an
    /// earlier one, or it is known to be no bid.
    pub fn take(&self) -> Option<ArrivedBytes> {
        let mut inbox = lock(&self.0);
        inbox.is_held = false;
        let (pulled, next) = (inbox.pulled.take(), inbox.arrived.take());
        drop(inbox);
        drop(next);
        pulled
    }

    /// The moment at which they were read.
    pub fn at(&self) -> Option<Timestamp> {
        lock(&self.0).pulled_at
    }

    /// `true` if a line of the head that was pulled last, of a request by `method`, ended in a line
    /// feed alone.
    pub fn has_bare_feed(&self, method: &str) -> bool {
        lock(&self.0).head.has_bare_feed(method)
    }

    /// Lets nothing wait for the request under way: it is no bid.
    pub fn is_no_bid(&self) {
        self.hold(false);
    }

    /// Expects the next request.
    pub fn is_answered(&self) {
        lock(&self.0).head = HeadLines::default();
        self.hold(true);
    }

    /// Completes when the client has closed its side, or the connection is broken.
    pub fn poll_end(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut inbox = lock(&self.0);
        if inbox.end.is_some() {
            return Poll::Ready(());
        }
        inbox.answer = Some(cx.waker().clone());
        Poll::Pending
    }

    fn hold(&self, is_held: bool) {
        let mut inbox = lock(&self.0);
        inbox.is_held = is_held;
        let dropped = (inbox.pulled.take(), inbox.arrived.take());
        drop(inbox);
        drop(dropped);
    }
}

impl AsyncRead for ReadAhead {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inbox = lock(&self.inbox);
        if inbox.unparsed.is_empty() {
            return match inbox.end {
                Some(End::Closed) => Poll::Ready(Ok(())),
                Some(End::Broken(kind)) => Poll::Ready(Err(kind.into())),
                None => {
                    inbox.parser = Some(cx.waker().clone());
                    // The request goes on, so what was pulled was not its end.
                    let pulled = inbox.pulled.take();
                    drop(inbox);
                    drop(pulled);
                    Poll::Pending
                }
            };
        }
        let pulled = inbox.unparsed.len().min(buffer.remaining());
        let Inbox { unparsed, head, .. } = &mut *inbox;
        buffer.put_slice(&unparsed[..pulled]);
        head.read(&unparsed[..pulled]);
        unparsed.drain(..pulled);
        let mut earlier = None;
        if inbox.unparsed.is_empty() {
            // No memory for a connection that is idle.
            inbox.unparsed = Vec::new();
            inbox.pulled_at = inbox.arrived_at;
            let arrived = inbox.arrived.take();
            earlier = std::mem::replace(&mut inbox.pulled, arrived);
        }
        let reader = inbox.reader.take();
        drop(inbox);
        drop(earlier);
        reader.into_iter().for_each(Waker::wake);
        Poll::Ready(Ok(()))
    }
}
