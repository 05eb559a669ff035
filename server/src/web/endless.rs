//! Answers that go on for as long as the client listens.
//!
//! # Why HTTP's own machinery is left behind
//! It holds buffers of 16 kB for each connection, for heads that a stream's client does not send any
//! more: for ten thousand observers that is 160 MB, and each frame passes through them. So when the
//! head of such an answer is on the wire and nothing else is to be written, the connection is taken
//! over: what follows are chunks, one for what is ready, in the coding that the head has announced
//! (RFC 9112, section 7.1).

use super::reader::LastBytes;
use crate::lock::lock;
use axum::body::{Body, Bytes, HttpBody as _};
use bytes::Buf as _;
use hyper::body::Frame;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// Most bytes that are gathered for one chunk, if that many are ready.
const CHUNK_BYTES_MAX: usize = 16 * 1024;
/// The end of an answer in chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The body of such an answer, which moves from HTTP's machinery to [`write()`].
#[derive(Clone)]
pub struct Endless(Arc<EndlessState>);

struct EndlessState {
    body: Mutex<Option<Body>>,
    last: LastBytes,
    /// `true` while the last look found nothing to write.
    is_idle: AtomicBool,
}

impl Endless {
    /// Of this answer, on the connection of `last`.
    pub fn new(body: Body, last: LastBytes) -> Self {
        let (body, is_idle) = (Mutex::new(Some(body)), AtomicBool::new(false));
        Self(Arc::new(EndlessState { body, last, is_idle }))
    }

    /// The next frame. The client's end is the answer's: it has no other.
    pub fn poll_frame(
        &self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = lock(&self.0.body);
        let frame = match body.as_mut() {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        };
        self.0.is_idle.store(frame.is_pending(), Ordering::Relaxed);
        if frame.is_pending() && self.0.last.poll_end(cx).is_ready() {
            return Poll::Ready(None);
        }
        frame
    }

    /// Returns `true` if the last look found nothing to write.
    pub fn is_idle(&self) -> bool {
        self.0.is_idle.load(Ordering::Relaxed)
    }

    /// Ends it for everybody who still holds it.
    pub fn take(&self) -> Self {
        let body = Mutex::new(lock(&self.0.body).take());
        let (last, is_idle) = (self.0.last.clone(), AtomicBool::new(true));
        Self(Arc::new(EndlessState { body, last, is_idle }))
    }

    /// What is ready, as the content of one chunk; `None` at the end.
    fn poll_chunk(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut gathered = Vec::new();
        let mut first: Option<Bytes> = None;
        loop {
            let size = gathered.len() + first.as_ref().map_or(0, Bytes::len);
            let frame = match size < CHUNK_BYTES_MAX {
                true => self.poll_frame(cx),
                false => Poll::Pending,
            };
            let data = match frame {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => data,
                    _ => continue,
                },
                // What is ready comes first; the end shows again.
                _ if size > 0 && gathered.is_empty() => return Poll::Ready(first),
                _ if size > 0 => return Poll::Ready(Some(gathered.into())),
                Poll::Ready(_) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            };
            match first.take() {
                None if gathered.is_empty() => first = Some(data),
                before => {
                    gathered.extend_from_slice(before.as_deref().unwrap_or_default());
                    gathered.extend_from_slice(&data);
                }
            }
        }
    }
}

/// Writes the rest of an answer, until its end.
///
/// # Errors
/// When the client does not take it.
pub async fn write(socket: &mut (impl AsyncWrite + Unpin), answer: Endless) -> io::Result<()> {
    while let Some(chunk) = std::future::poll_fn(|cx| answer.poll_chunk(cx)).await {
        let size = format!("{:x}\r\n", chunk.len());
        let mut whole = size.as_bytes().chain(chunk).chain(&b"\r\n"[..]);
        socket.write_all_buf(&mut whole).await?;
    }
    socket.write_all(LAST_CHUNK).await?;
    socket.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;
    use crate::arrivals::Arrivals;
    use crate::arrivals::tests::TickingClock;
    use futures_util::stream;
    use std::convert::Infallible;
    use std::sync::atomic::AtomicI64;
    use tokio::net::{TcpListener, TcpStream};

    #[tokio::test]
    async fn what_is_ready_is_one_chunk_and_the_end_is_written() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
        let _client = client.unwrap();
        let arrivals = Arrivals::new(Arc::new(TickingClock(AtomicI64::new(1))));
        let read = Reader::start(arrivals).unwrap().read(server.unwrap().0.into_split().0);
        let of = |frames: Vec<String>| {
            let frames = stream::iter(frames.into_iter().map(Ok::<_, Infallible>));
            Endless::new(Body::from_stream(frames), read.last_bytes())
        };
        let long = "x".repeat(CHUNK_BYTES_MAX);
        for (frames, expected) in [
            (vec![], "0\r\n\r\n".to_owned()),
            (vec!["ab".to_owned()], "2\r\nab\r\n0\r\n\r\n".to_owned()),
            (
                vec!["ab".to_owned(), String::new(), "c".to_owned()],
                "3\r\nabc\r\n0\r\n\r\n".to_owned(),
            ),
            (vec![long.clone(), "c".to_owned()], format!("4000\r\n{long}\r\n1\r\nc\r\n0\r\n\r\n")),
        ] {
            let mut written = Vec::new();
            write(&mut written, of(frames)).await.unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn who_held_it_before_it_was_taken_sees_its_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
        let _client = client.unwrap();
        let arrivals = Arrivals::new(Arc::new(TickingClock(AtomicI64::new(1))));
        let read = Reader::start(arrivals).unwrap().read(server.unwrap().0.into_split().0);
        let waiting = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let before = Endless::new(waiting, read.last_bytes());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(!before.is_idle() && before.poll_frame(&mut cx).is_pending() && before.is_idle());
        let after = before.take();
        assert!(matches!(before.poll_frame(&mut cx), Poll::Ready(None)));
        assert!(after.poll_frame(&mut cx).is_pending());
    }
}
