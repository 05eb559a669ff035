//! ClamAV's daemon, `clamd`, over TCP or a Unix socket.
//!
//! A file is sent over the connection (`INSTREAM`), so that the daemon needs no access to this
//! server's folder and may run on another machine. Every wait and every response has a limit: a
//! daemon that hangs costs one attempt.

use crate::ports::{ScanError, Scanned, Scanner};
use async_trait::async_trait;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// Time limit for connecting.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Time limit for one whole file, including the verdict.
pub const SCAN_MAX: Duration = Duration::from_secs(120);
/// Time limit for the response to a PING.
const PING_MAX: Duration = Duration::from_secs(5);
/// Length of the pieces in which a file is sent.
const PIECE_BYTES: usize = 64 * 1024;
/// Largest response that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// The address of a `clamd`: `tcp://HOST:PORT` or `unix:///PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A TCP address: host and port.
    Tcp(String),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// The text is no [`Address`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("clamd's address is tcp://HOST:PORT or unix:///PATH")]
pub struct NoAddress;

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host) => write!(f, "tcp://{host}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        match text.split_once("://") {
            Some(("tcp", host))
                if host.rsplit_once(':').is_some_and(|(host, port)| {
                    !host.is_empty() && port.parse::<u16>().is_ok()
                }) =>
            {
                Ok(Self::Tcp(host.to_owned()))
            }
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            _ => Err(NoAddress),
        }
    }
}

/// A `clamd`. Each file gets a connection of its own.
#[derive(Debug, Clone)]
pub struct Clamd {
    address: Address,
    scan_max: Duration,
}

/// A connection of either kind.
trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

impl Clamd {
    /// The daemon at this address.
    pub fn new(address: Address) -> Self {
        Self { address, scan_max: SCAN_MAX }
    }

    /// Aborts the scan of a file after `scan_max` instead of [`SCAN_MAX`].
    #[must_use]
    pub fn with_patience(self, scan_max: Duration) -> Self {
        Self { scan_max, ..self }
    }

    /// Logs how files are scanned; a scanner that does not answer yet is tried again later.
    pub async fn greet(address: Option<&Address>) {
        let Some(address) = address else {
            tracing::warn!("no scanner is configured (--clamav): files are accepted unscanned");
            return;
        };
        match Self::new(address.clone()).ping().await {
            Ok(()) => tracing::info!("files are scanned by clamd"),
            Err(error) => tracing::error!(%error, "clamd: files wait until it answers"),
        }
    }

    /// Checks that the daemon answers.
    ///
    /// # Errors
    /// [`ScanError::Unavailable`].
    pub async fn ping(&self) -> Result<(), ScanError> {
        let asked = async {
            let mut connection = self.connect().await?;
            connection.write_all(b"zPING\0").await?;
            answer(&mut connection).await
        };
        match timeout(PING_MAX, asked).await {
            Ok(Ok(pong)) if pong == "PONG" => Ok(()),
            Ok(Ok(_)) => Err(unavailable("it answered PING with something else")),
            Ok(Err(error)) => Err(unavailable(error)),
            Err(_) => Err(unavailable("it did not answer PING in time")),
        }
    }

    async fn connect(&self) -> io::Result<Box<dyn Connection>> {
        let connecting = async {
            Ok(match &self.address {
                Address::Tcp(host) => Box::new(TcpStream::connect(host).await?),
                Address::Unix(path) => {
                    Box::new(UnixStream::connect(path).await?) as Box<dyn Connection>
                }
            })
        };
        timeout(CONNECT_MAX, connecting).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
    }

    async fn exchange(
        &self,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<String, ScanError> {
        let mut connection = self.connect().await.map_err(unavailable)?;
        if let Err(error) = connection.write_all(b"zINSTREAM\0").await {
            return Err(unavailable(error));
        }
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let count = content.read(&mut piece).await.map_err(ScanError::Unreadable)?;
            // The length of a piece, four bytes; a piece of no length ends the file.
            let length = u32::try_from(count).map_err(unavailable)?.to_be_bytes();
            let sent = async {
                connection.write_all(&length).await?;
                connection.write_all(&piece[..count]).await
            };
            if let Err(error) = sent.await {
                // The daemon may have sent the reason before it closed the connection.
                return match answer(&mut connection).await {
                    Ok(said) if !said.is_empty() => Ok(said),
                    _ => Err(unavailable(error)),
                };
            }
            if count == 0 {
                break;
            }
        }
        connection.flush().await.map_err(unavailable)?;
        answer(&mut connection).await.map_err(unavailable)
    }
}

#[async_trait]
impl Scanner for Clamd {
    async fn scan(
        &self,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<Scanned, ScanError> {
        match timeout(self.scan_max, self.exchange(content)).await {
            Ok(said) => verdict(&said?),
            Err(_) => Err(unavailable("no verdict in time")),
        }
    }
}

/// One response, up to its NUL or the connection's end.
async fn answer(connection: &mut (dyn Connection + '_)) -> io::Result<String> {
    let mut said = Vec::new();
    connection.take(ANSWER_BYTES_MAX).read_to_end(&mut said).await?;
    let said = said.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(said).trim().to_owned())
}

/// Parses the response to `INSTREAM`. Only the exact words count: a truncated response is no
/// verdict.
fn verdict(said: &str) -> Result<Scanned, ScanError> {
    let about_stream = said.strip_prefix("stream: ");
    if about_stream == Some("OK") {
        return Ok(Scanned::Clean);
    }
    if let Some(name) = about_stream.and_then(|rest| rest.strip_suffix(" FOUND")) {
        return Ok(Scanned::Infected(name.to_owned()));
    }
    if said.ends_with("ERROR") {
        return Err(ScanError::Refused(said.to_owned()));
    }
    Err(unavailable("it answered with something else"))
}

fn unavailable(reason: impl ToString) -> ScanError {
    ScanError::Unavailable(reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_answer_is_a_verdict() {
        for (said, expected) in [
            ("stream: OK", "clean"),
            ("stream: Eicar-Signature FOUND", "infected Eicar-Signature"),
            ("INSTREAM size limit exceeded. ERROR", "refused"),
            ("stream: Can't allocate memory ERROR", "refused"),
            ("stream: O", "unavailable"),
            ("stream: Eicar-Signature FOU", "unavailable"),
            ("OK", "unavailable"),
            ("PONG", "unavailable"),
            ("", "unavailable"),
        ] {
            let found = match verdict(said) {
                Ok(Scanned::Clean) => "clean".to_owned(),
                Ok(Scanned::Infected(name)) => format!("infected {name}"),
                Err(ScanError::Refused(_)) => "refused".to_owned(),
                Err(_) => "unavailable".to_owned(),
            };
            assert_eq!(found, expected, "{said:?}");
        }
    }

    #[test]
    fn an_address_says_how_and_where() {
        let tcp = Ok(Address::Tcp("clamav:3310".to_owned()));
        assert_eq!("tcp://clamav:3310".parse(), tcp);
        let unix = Ok(Address::Unix("/run/clamav/clamd.ctl".into()));
        assert_eq!("unix:///run/clamav/clamd.ctl".parse(), unix);
        for wrong in ["", "clamav:3310", "tcp://clamav", "tcp://:3310", "unix://x", "http://x:1"] {
            assert_eq!(wrong.parse::<Address>(), Err(NoAddress), "{wrong}");
        }
    }
}
