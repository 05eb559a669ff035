//! HTTP over one raw socket that is kept open: what is sent is on the wire when `send` returns,
//! and nothing sends it again.

use anyhow::{Context as _, ensure};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any honest answer takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most lines of an answer's head.
const HEAD_LINES_MAX: usize = 64;

/// A keep-alive HTTP connection over a raw socket.
pub struct RawClient {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

/// What a client does to its connection when it has sent all it wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Closes it.
    Closed,
    /// Resets it, as a phone does whose app is killed.
    Reset,
    /// Closes its own side and listens.
    HalfClosed,
}

/// A request's first line and body.
pub struct Request<'a> {
    /// The HTTP method, `GET` or `POST`.
    pub method: &'a str,
    pub path: &'a str,
    /// The bearer token of the bidder's session.
    pub token: &'a str,
    /// JSON; empty for a request without a body.
    pub body: &'a str,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub body: Vec<u8>,
}

impl RawClient {
    /// Connects to a port of this machine.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(port: u16) -> anyhow::Result<Self> {
        Self::open_at((Ipv4Addr::LOCALHOST, port).into()).await
    }

    /// Connects to an address of this machine or of one of its namespaces.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open_at(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream: BufReader::new(stream) })
    }

    /// Ends the connection; returns it if there is still something to hear.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn end(mut self, ending: Ending) -> anyhow::Result<Option<Self>> {
        match ending {
            Ending::Closed => return Ok(None),
            Ending::Reset => {
                self.stream.get_ref().set_zero_linger()?;
                return Ok(None);
            }
            Ending::HalfClosed => self.stream.get_mut().shutdown().await?,
        }
        Ok(Some(self))
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// When the connection breaks or nothing comes: then nobody knows what became of it.
    pub async fn call(&mut self, request: &Request<'_>) -> anyhow::Result<Response> {
        self.send(request).await?;
        self.receive().await
    }

    /// Writes a request as a whole.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send(&mut self, request: &Request<'_>) -> anyhow::Result<()> {
        let Request { method, path, token, body } = request;
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address.port(),
            body.len()
        );
        timeout(PATIENCE, self.stream.get_mut().write_all(text.as_bytes())).await??;
        Ok(())
    }

    /// Reads the answer to the oldest request that has none.
    ///
    /// # Errors
    /// When the connection breaks or nothing comes.
    pub async fn receive(&mut self) -> anyhow::Result<Response> {
        timeout(PATIENCE, self.read()).await.context("no answer in time")?
    }

    async fn read(&mut self) -> anyhow::Result<Response> {
        let (mut status, mut length, mut line) = (None, 0, String::new());
        for _ in 0..HEAD_LINES_MAX {
            line.clear();
            ensure!(self.stream.read_line(&mut line).await? > 0, "the connection ended");
            let text = line.trim_end();
            if text.is_empty() {
                let mut body = vec![0; length];
                self.stream.read_exact(&mut body).await?;
                return Ok(Response { status: status.context("no status")?, body });
            }
            if status.is_none() {
                let code = text.split(' ').nth(1).context("no status")?;
                status = Some(code.parse()?);
            } else if let Some((name, value)) = text.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
                ensure!(length <= ANSWER_BYTES_MAX, "too long an answer");
            }
        }
        anyhow::bail!("too long a head")
    }
}
