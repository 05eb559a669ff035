//! A client of the live stream on a bare socket: it reads when it is told to, and not before.

use anyhow::{Context as _, bail, ensure};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::live::{Follow, LiveFrame};

/// Longest wait for a frame, machines under load included.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest head of an answer.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Parameters of a stream's request.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Auctions to follow, each from a record on.
    pub follow: Vec<Follow>,
    /// The bearer token of a session, if any.
    pub token: Option<String>,
    /// The header `Last-Event-ID`: the last event seen.
    pub last_event_id: Option<String>,
    /// The socket's receive buffer, for a reader with little room.
    pub buffer_bytes: Option<u32>,
}

impl Watch {
    /// Everything of one auction, from its first record or from a snapshot.
    pub fn auction(auction: AuctionId, after: Option<u64>) -> Self {
        Self { follow: vec![Follow { auction, after }], ..Self::default() }
    }

    /// In the name of a session.
    #[must_use]
    pub fn by(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// The request, to be sent as it stands.
    pub fn request(&self, port: u16) -> String {
        let follow: Vec<String> =
            self.follow.iter().map(|follow| format!("follow={follow}")).collect();
        let mut head = format!("GET /v1/live?{} HTTP/1.1\r\n", follow.join("&"));
        head += &format!("host: localhost:{port}\r\naccept: text/event-stream\r\n");
        for (name, value) in [
            ("authorization", self.token.as_ref().map(|token| format!("Bearer {token}"))),
            ("last-event-id", self.last_event_id.clone()),
        ] {
            if let Some(value) = value {
                head += &format!("{name}: {value}\r\n");
            }
        }
        head + "\r\n"
    }
}

/// A stream that was opened.
pub struct Watcher {
    pub status: u16,
    /// The head of the HTTP answer.
    pub head: String,
    socket: TcpStream,
    /// Bytes received and not yet taken out of their chunks.
    wire: Vec<u8>,
    /// Without the chunks' edges.
    text: Vec<u8>,
    is_over: bool,
}

/// A frame with the id it came under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The event's id, `<auction>:<seq>`.
    pub id: Option<String>,
    pub frame: LiveFrame,
}

impl Watcher {
    /// Opens a stream and reads the answer's head.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn open(origin: &str, watch: &Watch) -> anyhow::Result<Self> {
        let port: u16 = origin.rsplit(':').next().context("no port")?.parse()?;
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = watch.buffer_bytes {
            socket.set_recv_buffer_size(bytes)?;
        }
        let mut socket = socket.connect(([127, 0, 0, 1], port).into()).await?;
        socket.write_all(watch.request(port).as_bytes()).await?;
        let mut wire = Vec::new();
        let end = loop {
            if let Some(end) = wire.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            ensure!(wire.len() < HEAD_BYTES_MAX, "no end of the head");
            ensure!(read(&mut socket, &mut wire).await? > 0, "closed before its answer");
        };
        let head = String::from_utf8(wire[..end].to_vec())?.to_ascii_lowercase();
        wire.drain(..end + 4);
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok(Self { status, head, socket, wire, text: Vec::new(), is_over: false })
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.split_once(": ").is_some_and(|(left, _)| left == name);
        self.head.lines().find(named).and_then(|line| Some(line.split_once(": ")?.1))
    }

    /// The next frame; none when the stream has ended.
    ///
    /// # Errors
    /// When none comes in time, or what comes is no frame.
    pub async fn next(&mut self) -> anyhow::Result<Option<Seen>> {
        loop {
            if let Some(end) = self.text.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.text.drain(..end + 2).collect();
                return seen(std::str::from_utf8(&event)?).map(Some);
            }
            if self.is_over || read(&mut self.socket, &mut self.wire).await? == 0 {
                return Ok(None);
            }
            self.unwrap_chunks()?;
        }
    }

    /// The next frame that is no heartbeat.
    ///
    /// # Errors
    /// When the stream ends instead.
    pub async fn news(&mut self) -> anyhow::Result<Seen> {
        while let Some(seen) = self.next().await? {
            if !matches!(seen.frame, LiveFrame::Heartbeat(_) | LiveFrame::Poke) {
                return Ok(seen);
            }
        }
        bail!("the stream ended")
    }

    fn unwrap_chunks(&mut self) -> anyhow::Result<()> {
        while let Some(line) = self.wire.windows(2).position(|two| two == b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&self.wire[..line])?.trim(), 16)?;
            let (from, to) = (line + 2, line + 2 + size);
            if self.wire.len() < to + 2 {
                return Ok(());
            }
            self.text.extend_from_slice(&self.wire[from..to]);
            self.wire.drain(..to + 2);
            self.is_over |= size == 0;
        }
        Ok(())
    }
}

async fn read(socket: &mut TcpStream, into: &mut Vec<u8>) -> anyhow::Result<usize> {
    let read = tokio::time::timeout(PATIENCE, socket.read_buf(into));
    Ok(read.await.context("nothing came")??)
}

fn seen(event: &str) -> anyhow::Result<Seen> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
    let frame = serde_json::from_str(field("data: ").context("an event without data")?)?;
    Ok(Seen { id: field("id: ").map(str::to_owned), frame })
}
