//! A phone's connection: HTTP/1.1 by hand, so that every byte that crosses it is counted.

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use toruk_sync::protocol::pull::PROTOCOL;

/// Longer than any page.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The bytes that end an HTTP head.
const END: &[u8] = b"\r\n\r\n";

/// One open connection of one phone.
pub struct Connection {
    socket: TcpStream,
    token: String,
    read: Vec<u8>,
    /// Bytes that came, heads included.
    pub down: u64,
    /// Bytes sent to the server so far.
    pub up: u64,
}

impl Connection {
    /// Connects, to be this session's.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(port: u16, token: &str) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, token: token.to_owned(), read: Vec::new(), down: 0, up: 0 })
    }

    /// Posts JSON, and reads the answer's body.
    ///
    /// # Errors
    /// When it is refused or cut off.
    pub async fn post(&mut self, path: &str, body: &[u8]) -> anyhow::Result<&[u8]> {
        self.ask(path, body).await?.context("the server is busy")
    }

    /// As [`Self::post`]; none when the server is too busy and asks to be asked again.
    ///
    /// # Errors
    /// When it is refused or cut off.
    pub async fn ask(&mut self, path: &str, body: &[u8]) -> anyhow::Result<Option<&[u8]>> {
        let (token, length) = (&self.token, body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\nsync-protocol: {PROTOCOL}\r\n\
             content-length: {length}\r\n\r\n"
        );
        let request = [head.as_bytes(), body].concat();
        self.socket.write_all(&request).await?;
        self.up += request.len() as u64;
        self.read.clear();
        let head = loop {
            if let Some(at) = self.read.windows(END.len()).position(|piece| piece == END) {
                break at + END.len();
            }
            self.more().await?;
        };
        let text = std::str::from_utf8(&self.read[..head])?.to_ascii_lowercase();
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("an answer without a length")?.trim().parse()?;
        while self.read.len() < head + length {
            self.more().await?;
        }
        self.down += self.read.len() as u64;
        let body = &self.read[head..];
        if text.starts_with("http/1.1 503") {
            return Ok(None);
        }
        let said = || String::from_utf8_lossy(body).into_owned();
        ensure!(text.starts_with("http/1.1 200"), "{path}: {text}{}", said());
        Ok(Some(body))
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.read.len() < ANSWER_BYTES_MAX, "an answer without an end");
        self.read.reserve(64 * 1024);
        ensure!(self.socket.read_buf(&mut self.read).await? > 0, "cut off");
        Ok(())
    }
}
