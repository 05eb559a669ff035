//! The transport to the server, provided by the phone's platform: OkHttp, `URLSession`.
//!
//! One trait, two implementations: an app's own, and `Builtin` for terminals, tests and desktops,
//! behind the feature `http`. Timeouts, retries, tokens and the meaning of responses belong to the
//! core with both.
//!
//! # Why the platform's
//! It brings the system's proxies, pinned certificates, HTTP/3 and battery rules, and saves the
//! library a second TLS stack.

mod address;
#[cfg(feature = "http")]
mod builtin;
#[cfg(feature = "http")]
mod pins;
#[cfg(all(test, feature = "http"))]
mod tests;

pub use address::is_safe;
#[cfg(feature = "http")]
pub use builtin::Builtin;
#[cfg(feature = "http")]
pub use pins::{BadPin, PINS_MAX, Pin};

use crate::mutex::lock;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// The reason why there is no response, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TransportError {
    /// No byte of the request can have reached the server: no route, no name, no TLS.
    #[error("not sent: {reason}")]
    NotSent {
        /// Details for engineers.
        reason: String,
    },
    /// The other side could not prove to be the server: its certificate is another's, is signed
    /// by an authority that this phone does not trust, or is not valid on this phone's date. No
    /// byte of the request was sent.
    #[error("untrusted: {reason}")]
    Untrusted {
        /// Details for engineers.
        reason: String,
    },
    /// The request may have reached the server. Choose this one in any doubt.
    #[error("lost: {reason}")]
    Lost {
        /// Details for engineers.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // It may have thrown at any point.
        Self::Lost { reason: error.reason }
    }
}

/// A header of a request or a response.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpHeader {
    /// In any case; the core's own are in lower case.
    pub name: String,
    /// Without line breaks. `authorization` carries the session's token: never log it.
    pub value: String,
}

/// The body of a request.
#[derive(Clone, uniffi::Enum)]
pub enum HttpBody {
    /// There is no body.
    Empty,
    /// A body in memory.
    Bytes {
        /// The whole body.
        bytes: Vec<u8>,
    },
    /// A body too large for memory: read it from the source as the connection takes it.
    Stream {
        /// The value for `Content-Length`, bytes.
        length: u64,
        /// The source of the bytes.
        source: Arc<RequestBody>,
    },
}

/// One HTTP request.
#[derive(Clone, uniffi::Record)]
pub struct HttpRequest {
    /// The method: `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`.
    pub method: String,
    /// The absolute URL, `https://…`.
    pub url: String,
    /// The headers that the core sets; the transport adds `Host` and the length.
    pub headers: Vec<HttpHeader>,
    /// The request's body.
    pub body: HttpBody,
}

/// A response whose head has arrived.
#[derive(Clone, uniffi::Record)]
pub struct HttpResponse {
    /// The HTTP status. Redirects are responses as well: they are not followed.
    pub status: u16,
    /// The headers of the response.
    pub headers: Vec<HttpHeader>,
    /// The body, read as it arrives.
    pub body: Arc<dyn ResponseBody>,
}

/// Sends HTTP requests for the core.
///
/// When the core cancels a call (Kotlin's coroutine, Swift's task), close the connection. Set no
/// read timeout: the live stream may be silent for half a minute, and the core has its own
/// timeouts. Follow no redirects, keep no cookies, cache nothing, and undo `Content-Encoding` if
/// you asked for one.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the response's head. Called concurrently.
    ///
    /// # Errors
    /// [`TransportError`]; every HTTP status is a response, not an error.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// The body of a response, read piece by piece.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait ResponseBody: Send + Sync {
    /// The next piece as soon as there is one, at most a few hundred KiB; `None` at the end.
    ///
    /// # Errors
    /// [`TransportError::Lost`] if the connection breaks.
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError>;

    /// Frees the connection: the rest is not needed. Called once, possibly after the end.
    fn close(&self);
}

type Pieces = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

/// The bytes of a request, in pieces whose total length is known.
#[derive(uniffi::Object)]
pub struct RequestBody {
    /// The pieces and the sender that reports them; `None` after the last piece.
    rest: Mutex<Option<(Pieces, watch::Sender<()>)>>,
}

impl RequestBody {
    /// Wraps the pieces; the receiver sees each one leave, and closes after the last.
    pub fn new(
        pieces: impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static,
    ) -> (Arc<Self>, watch::Receiver<()>) {
        let (takes, taken) = watch::channel(());
        (Arc::new(Self { rest: Mutex::new(Some((Box::new(pieces), takes))) }), taken)
    }
}

#[uniffi::export]
impl RequestBody {
    /// The next piece, at most 256 KiB; `None` at the end. Reads the disk: do not call it on the
    /// main thread.
    ///
    /// # Errors
    /// [`TransportError::Lost`] if the file is lost: cancel the request.
    pub fn next(&self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut rest = lock(&self.rest);
        let Some((pieces, takes)) = rest.as_mut() else { return Ok(None) };
        let piece = pieces.next().transpose();
        match &piece {
            Ok(Some(_)) => {
                takes.send_replace(());
            }
            _ => *rest = None,
        }
        piece.map_err(|error| TransportError::Lost { reason: error.to_string() })
    }
}
