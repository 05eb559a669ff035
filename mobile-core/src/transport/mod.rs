//! The way to the server, as a phone's platform gives it: OkHttp, `URLSession`.
//!
//! One trait, two sides: an app's own, and [`builtin`] for terminals, tests and desktops, which the
//! feature `http` brings. Timeouts, retries, tokens and what an answer means are the core's, on
//! both sides alike.
//!
//! # Why the platform's
//! Its proxies, pinned certificates, HTTP/3 and battery rules come with it, and the library loses a
//! second TLS stack.

#[cfg(feature = "http")]
mod builtin;

#[cfg(feature = "http")]
pub use builtin::Builtin;

use crate::mutex::lock;
use std::io;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Why there is no answer, or no more of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TransportError {
    /// Not a byte of the request can have reached the server: no route, no name, no TLS.
    #[error("not sent: {reason}")]
    NotSent {
        /// For engineers.
        reason: String,
    },
    /// It may have reached the server. Right in every doubt.
    #[error("lost: {reason}")]
    Lost {
        /// For engineers.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        // It threw in the middle of anything.
        Self::Lost { reason: error.reason }
    }
}

/// A header of a request or an answer.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct HttpHeader {
    /// In any case; the core's are in lower case.
    pub name: String,
    /// Without line breaks. `authorization` carries the session's token: never log it.
    pub value: String,
}

/// What goes with a request.
#[derive(Clone, uniffi::Enum)]
pub enum HttpBody {
    /// Nothing.
    Empty,
    /// All of it.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Too much to hold: read from the source as the connection takes it.
    Stream {
        /// `Content-Length`, bytes.
        length: u64,
        /// Where they come from.
        source: Arc<RequestBody>,
    },
}

/// One request.
#[derive(Clone, uniffi::Record)]
pub struct HttpRequest {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD`.
    pub method: String,
    /// Whole, with `https://`.
    pub url: String,
    /// All that the core knows of; the transport adds `Host` and the length.
    pub headers: Vec<HttpHeader>,
    /// What goes with it.
    pub body: HttpBody,
}

/// An answer whose head has come.
#[derive(Clone, uniffi::Record)]
pub struct HttpResponse {
    /// HTTP's status. Redirects are answers as well: they are not followed.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<HttpHeader>,
    /// The rest, as it comes.
    pub body: Arc<dyn ResponseBody>,
}

/// Sends requests.
///
/// A call that the core gives up is cancelled (Kotlin's coroutine, Swift's task): close the
/// connection then. Set no read timeout: the live stream is silent for half a minute at a time,
/// and the core gives up by itself. Follow no redirects, keep no cookies, cache nothing, and undo
/// `Content-Encoding` when you asked for one.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait Transport: Send + Sync {
    /// Sends it and waits for the answer's head. Called many times at once.
    ///
    /// # Errors
    /// [`TransportError`]; any status is an answer, not an error.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// The rest of an answer.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait ResponseBody: Send + Sync {
    /// The next piece as soon as there is one, at most a few hundred KiB; `None` at the end.
    ///
    /// # Errors
    /// [`TransportError::Lost`].
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError>;

    /// Nothing more of it is wanted: frees the connection. Called once, perhaps after the end.
    fn close(&self);
}

type Pieces = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

/// A file's bytes on their way out, in pieces of a known sum.
#[derive(uniffi::Object)]
pub struct RequestBody {
    /// With who watches them leave; none after the last one, whoever still holds this.
    rest: Mutex<Option<(Pieces, watch::Sender<()>)>>,
}

impl RequestBody {
    /// Of these pieces, with an eye on them: it sees each one leave, and closes after the last.
    pub fn new(
        pieces: impl Iterator<Item = io::Result<Vec<u8>>> + Send + 'static,
    ) -> (Arc<Self>, watch::Receiver<()>) {
        let (takes, taken) = watch::channel(());
        (Arc::new(Self { rest: Mutex::new(Some((Box::new(pieces), takes))) }), taken)
    }
}

#[uniffi::export]
impl RequestBody {
    /// The next piece, at most 256 KiB; `None` at the end. Reads the disk: not for a main thread.
    ///
    /// # Errors
    /// [`TransportError::Lost`] when the file is not here any more: give the request up.
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
