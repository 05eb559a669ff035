//! A proxy between browsers and the server, of another operator: it restarts, dies without a word,
//! and comes back.

use super::listening::any_port;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Bytes read at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// The beginning of a request for a live stream.
const LIVE: &[u8] = b"GET /v1/live";
/// The answer of a proxy whose server is away.
const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\
    content-length: 24\r\nconnection: close\r\n\r\n<h1>502 Bad Gateway</h1>";

/// The proxy's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It forwards.
    Whole,
    /// It has closed its connections, and answers 502.
    Failing,
    /// Its connections stay open, and nothing comes through, on new ones neither.
    Silent,
}

/// The proxy. Dropped, it takes no further connection.
pub struct Proxy {
    /// The browsers' end: `http://localhost:…`.
    pub origin: String,
    condition: Arc<watch::Sender<Condition>>,
    streams: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

impl Proxy {
    /// A whole proxy before the server at `origin`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(origin: &str) -> anyhow::Result<Self> {
        let listener = any_port().await?;
        let own = format!("http://localhost:{}", listener.local_addr()?.port());
        let server: u16 = origin.rsplit(':').next().unwrap_or_default().parse()?;
        let server = SocketAddr::from(([127, 0, 0, 1], server));
        let condition = Arc::new(watch::Sender::new(Condition::Whole));
        let streams = Arc::<AtomicUsize>::default();
        let (changes, counted) = (Arc::clone(&condition), Arc::clone(&streams));
        let accepting = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (changes, counted) = (changes.subscribe(), Arc::clone(&counted));
                tokio::spawn(carry(browser, server, changes, counted));
            }
        });
        Ok(Self { origin: own, condition, streams, accepting: accepting.abort_handle() })
    }

    /// Changes its condition. Connections that went silent stay so.
    pub fn turn(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }

    /// Connections to the server that carry a live stream now.
    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(
    mut browser: TcpStream,
    server: SocketAddr,
    mut condition: watch::Receiver<Condition>,
    streams: Arc<AtomicUsize>,
) {
    let now = *condition.borrow_and_update();
    match now {
        Condition::Silent => std::future::pending().await,
        Condition::Failing => {
            let mut head = vec![0; PIECE_BYTES];
            if matches!(browser.read(&mut head).await, Ok(1..)) {
                let _ = browser.write_all(BAD_GATEWAY.as_bytes()).await;
            }
        }
        Condition::Whole => {
            let Ok(mut server) = TcpStream::connect(server).await else { return };
            let counted = CountedStream { of: streams, is_live: false };
            let turned = condition.wait_for(|now| *now != Condition::Whole);
            let silent = tokio::select! {
                () = forward(&mut browser, &mut server, counted) => false,
                now = turned => now.is_ok_and(|now| *now == Condition::Silent),
            };
            if silent {
                drop(server);
                std::future::pending().await
            }
        }
    }
}

async fn forward(browser: &mut TcpStream, server: &mut TcpStream, mut counted: CountedStream) {
    let ((mut from_browser, mut to_browser), (mut from_server, mut to_server)) =
        (browser.split(), server.split());
    let up = async {
        let mut piece = vec![0; PIECE_BYTES];
        while let Ok(read @ 1..) = from_browser.read(&mut piece).await {
            if piece.starts_with(LIVE) {
                counted.begin();
            }
            if to_server.write_all(&piece[..read]).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        let mut piece = vec![0; PIECE_BYTES];
        while let Ok(read @ 1..) = from_server.read(&mut piece).await {
            if to_browser.write_all(&piece[..read]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

/// A connection that is counted while it carries a live stream.
struct CountedStream {
    of: Arc<AtomicUsize>,
    is_live: bool,
}

impl CountedStream {
    fn begin(&mut self) {
        if !std::mem::replace(&mut self.is_live, true) {
            self.of.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Drop for CountedStream {
    fn drop(&mut self) {
        if self.is_live {
            self.of.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
