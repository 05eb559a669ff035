//! A phone's connection: HTTP/1.1 by hand, so that every byte that crosses it is counted. It takes
//! answers compressed, as phones do.

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
    /// The last answer's body.
    body: Vec<u8>,
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
        let (token, (read, body)) = (token.to_owned(), Default::default());
        Ok(Self { socket, token, read, body, down: 0, up: 0 })
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
             accept-encoding: zstd\r\ncontent-length: {length}\r\n\r\n"
        );
        let request = [head.as_bytes(), body].concat();
        self.socket.write_all(&request).await?;
        self.up += request.len() as u64;
        self.read.clear();
        let head = self.through(0, END).await?;
        let text = std::str::from_utf8(&self.read[..head])?.to_ascii_lowercase();
        let member = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        self.body.clear();
        match member("content-length:") {
            Some(length) => {
                let end = head + length.trim().parse::<usize>()?;
                self.up_to(end).await?;
                self.body.extend_from_slice(&self.read[head..end]);
            }
            None => self.chunks(head).await?,
        }
        self.down += self.read.len() as u64;
        if text.starts_with("http/1.1 503") {
            return Ok(None);
        }
        if member("content-encoding:").is_some_and(|encoding| encoding.trim() == "zstd") {
            self.body = zstd::decode_all(&self.body[..])?;
        }
        let body = &self.body[..];
        let said = || String::from_utf8_lossy(body).into_owned();
        ensure!(text.starts_with("http/1.1 200"), "{path}: {text}{}", said());
        Ok(Some(body))
    }

    /// Reads a body in chunks, from `at` on.
    async fn chunks(&mut self, mut at: usize) -> anyhow::Result<()> {
        loop {
            let line = self.through(at, b"\r\n").await?;
            let digits = std::str::from_utf8(&self.read[at..line - 2])?;
            let size = usize::from_str_radix(digits, 16).context("no chunk")?;
            // Behind each chunk, and at the end of all, is the end of a line.
            self.up_to(line + size + 2).await?;
            if size == 0 {
                return Ok(());
            }
            self.body.extend_from_slice(&self.read[line..line + size]);
            at = line + size + 2;
        }
    }

    /// Reads through the next `end` after `from`; returns where it ends.
    async fn through(&mut self, from: usize, end: &[u8]) -> anyhow::Result<usize> {
        loop {
            let found = self.read[from..].windows(end.len()).position(|piece| piece == end);
            match found {
                Some(at) => return Ok(from + at + end.len()),
                None => self.more().await?,
            }
        }
    }

    async fn up_to(&mut self, end: usize) -> anyhow::Result<()> {
        while self.read.len() < end {
            self.more().await?;
        }
        Ok(())
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.read.len() < ANSWER_BYTES_MAX, "an answer without an end");
        self.read.reserve(64 * 1024);
        ensure!(self.socket.read_buf(&mut self.read).await? > 0, "cut off");
        Ok(())
    }
}
