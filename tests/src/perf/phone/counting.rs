//! Counts the bytes that leave a phone and come back, on their way to the built-in transport.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use toruk_mobile_core::transport::{
    Builtin, HttpBody, HttpHeader, HttpRequest, HttpResponse, ResponseBody, Transport,
    TransportError,
};

/// Requests and bytes so far. Bytes are those of HTTP/1.1 in clear: lines, headers and bodies as the
/// core sees them, without TLS, TCP and `Host`.
#[derive(Debug, Default)]
pub struct Traffic {
    requests: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

/// Requests, bytes sent, bytes received.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// Number of requests that left.
    pub requests: u64,
    /// Bytes sent, bodies and headers.
    pub sent: u64,
    /// Bytes received, bodies and headers.
    pub received: u64,
}

impl Traffic {
    /// The counts since the last call.
    pub fn take(&self) -> Counted {
        Counted {
            requests: self.requests.swap(0, Ordering::Relaxed),
            sent: self.sent.swap(0, Ordering::Relaxed),
            received: self.received.swap(0, Ordering::Relaxed),
        }
    }
}

/// The built-in transport, with a counter.
pub struct Counting {
    inner: Builtin,
    traffic: Arc<Traffic>,
}

impl Counting {
    /// A transport that counts into `traffic`.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(traffic: Arc<Traffic>) -> anyhow::Result<Self> {
        Ok(Self { inner: Builtin::new()?, traffic })
    }
}

#[async_trait::async_trait]
impl Transport for Counting {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let body = match &request.body {
            HttpBody::Empty => 0,
            HttpBody::Bytes { bytes } => bytes.len() as u64,
            HttpBody::Stream { length, .. } => *length,
        };
        let line = request.method.len() + request.url.len() + "  HTTP/1.1\r\n\r\n".len();
        let sent = line as u64 + length(&request.headers) + body;
        self.traffic.requests.fetch_add(1, Ordering::Relaxed);
        self.traffic.sent.fetch_add(sent, Ordering::Relaxed);
        let response = self.inner.send(request).await?;
        let head = "HTTP/1.1 200 OK\r\n\r\n".len() as u64 + length(&response.headers);
        self.traffic.received.fetch_add(head, Ordering::Relaxed);
        let (inner, traffic) = (response.body, Arc::clone(&self.traffic));
        Ok(HttpResponse { body: Arc::new(CountedBody { inner, traffic }), ..response })
    }
}

fn length(headers: &[HttpHeader]) -> u64 {
    headers.iter().map(|header| (header.name.len() + header.value.len() + 4) as u64).sum()
}

struct CountedBody {
    inner: Arc<dyn ResponseBody>,
    traffic: Arc<Traffic>,
}

#[async_trait::async_trait]
impl ResponseBody for CountedBody {
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError> {
        let piece = self.inner.next().await?;
        let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        self.traffic.received.fetch_add(length, Ordering::Relaxed);
        Ok(piece)
    }

    fn close(&self) {
        self.inner.close();
    }
}
