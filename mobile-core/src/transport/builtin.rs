//! The built-in transport, reqwest with rustls and ring, for platforms without an HTTP client.

use super::pins::{Pin, PinnedVerifier};
use super::{HttpBody, HttpHeader, HttpRequest, HttpResponse, ResponseBody, TransportError};
use futures_util::stream;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, Client, ClientBuilder, Method, Response, redirect};
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls_platform_verifier::Verifier;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The built-in transport.
pub struct Builtin {
    client: Client,
}

impl Builtin {
    /// Creates a client; fails if there is no TLS on this machine.
    ///
    /// # Errors
    /// [`TransportError::NotSent`].
    pub fn new() -> Result<Self, TransportError> {
        provider();
        Self::of(Client::builder())
    }

    /// As [`Self::new`], but the server's certificate must also have one of these keys.
    ///
    /// # Errors
    /// [`TransportError::NotSent`].
    pub fn pinned(pins: Vec<Pin>) -> Result<Self, TransportError> {
        let system = Verifier::new(provider()).map_err(not_sent)?;
        Self::verified_by(Arc::new(PinnedVerifier { inner: Arc::new(system), pins }))
    }

    pub(super) fn verified_by(
        verifier: Arc<dyn ServerCertVerifier>,
    ) -> Result<Self, TransportError> {
        let tls = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(not_sent)?;
        // Not dangerous here: the verifier asks the system's first.
        let tls = tls.dangerous().with_custom_certificate_verifier(verifier);
        let mut tls = tls.with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self::of(Client::builder().tls_backend_preconfigured(tls))
    }

    fn of(builder: ClientBuilder) -> Result<Self, TransportError> {
        let builder = builder.connect_timeout(CONNECT_TIMEOUT);
        let client = builder.redirect(redirect::Policy::none()).build().map_err(not_sent)?;
        Ok(Self { client })
    }
}

/// The process's cryptography; ring, unless somebody has chosen already.
pub(super) fn provider() -> Arc<CryptoProvider> {
    if CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, with any provider: that is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let known = CryptoProvider::get_default().map(Arc::clone);
    known.unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

#[async_trait::async_trait]
impl super::Transport for Builtin {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(not_sent)?;
        let mut builder = self.client.request(method, &request.url);
        for header in request.headers {
            builder = builder.header(header.name, header.value);
        }
        let builder = match request.body {
            HttpBody::Empty => builder,
            HttpBody::Bytes { bytes } => builder.body(bytes),
            HttpBody::Stream { length, source } => {
                let pieces = stream::unfold(source, |source| async {
                    let piece = source.next().transpose()?;
                    Some((piece, source))
                });
                builder.header(CONTENT_LENGTH, length).body(Body::wrap_stream(pieces))
            }
        };
        let response = builder.send().await.map_err(|error| match () {
            () if is_untrusted(&error) => TransportError::Untrusted { reason: error.to_string() },
            () if error.is_connect() || error.is_builder() => not_sent(error),
            () => lost(error),
        })?;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            let (name, value) = (name.as_str().to_owned(), value.to_str().ok()?.to_owned());
            Some(HttpHeader { name, value })
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let body = Arc::new(BuiltinBody(Mutex::new(Some(response))));
        Ok(HttpResponse { status, headers, body })
    }
}

struct BuiltinBody(Mutex<Option<Response>>);

#[async_trait::async_trait]
impl ResponseBody for BuiltinBody {
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut response = self.0.lock().await;
        let Some(open) = response.as_mut() else { return Ok(None) };
        Ok(open.chunk().await.map_err(lost)?.map(Vec::from))
    }

    fn close(&self) {
        // The lock is held only during a read; the reader closes the response by dropping it.
        if let Ok(mut response) = self.0.try_lock() {
            *response = None;
        }
    }
}

/// Returns `true` if the connection failed for the other side's certificate.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref() {
            return matches!(tls, rustls::Error::InvalidCertificate(_));
        }
        // What an I/O error wraps is not its source.
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    false
}

fn not_sent(error: impl ToString) -> TransportError {
    TransportError::NotSent { reason: error.to_string() }
}

fn lost(error: impl ToString) -> TransportError {
    TransportError::Lost { reason: error.to_string() }
}
