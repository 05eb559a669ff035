//! The platform of an app that dies: every call into it is counted, and one of them is the last.

use crate::sim::SimServer;
use crate::world::passkey::SoftPasskeys;
use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt as _;
use http::Request;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;
use toruk_mobile_core::platform::{Clock, Passkeys, PlatformError, SecureStore};
use toruk_mobile_core::transport::{
    HttpBody, HttpHeader, HttpRequest, HttpResponse, ResponseBody, Transport, TransportError,
};
use tower::ServiceExt as _;

/// One process. After its last call nothing of it is heard or done any more.
pub struct CrashingPlatform {
    calls: AtomicU64,
    requests: AtomicU64,
    last: u64,
    dead: watch::Sender<bool>,
}

impl CrashingPlatform {
    /// Dies at its call of this number, from 0.
    pub fn new(last: u64) -> Arc<Self> {
        let (calls, requests) = (AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { calls, requests, last, dead: watch::Sender::new(false) })
    }

    pub fn is_dead(&self) -> bool {
        *self.dead.borrow()
    }

    pub fn calls(&self) -> u64 {
        self.calls.load(SeqCst)
    }

    pub fn requests(&self) -> u64 {
        self.requests.load(SeqCst)
    }

    /// Waits until the process is to die.
    pub async fn death(&self) {
        // The sender is this object's.
        let _ = self.dead.subscribe().wait_for(|dead| *dead).await;
    }

    /// A place where it may die. Answers whether it lives on.
    fn live(&self) -> bool {
        if self.calls.fetch_add(1, SeqCst) == self.last {
            self.dead.send_replace(true);
        }
        !self.is_dead()
    }

    /// As [`Self::live`], for who can wait for ever.
    async fn live_on(&self) {
        if !self.live() {
            std::future::pending::<()>().await;
        }
    }
}

/// The secure store's content, which outlives processes.
#[derive(Default)]
pub struct Keep(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Keep {
    /// As this process sees it.
    pub fn held_by(&self, mortal: &Arc<CrashingPlatform>) -> impl SecureStore + use<> {
        CrashingSecrets { keep: Arc::clone(&self.0), mortal: Arc::clone(mortal) }
    }
}

struct CrashingSecrets {
    keep: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    mortal: Arc<CrashingPlatform>,
}

impl SecureStore for CrashingSecrets {
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        alive(&self.mortal)?;
        Ok(lock(&self.keep).get(&name).cloned())
    }

    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PlatformError> {
        alive(&self.mortal)?;
        lock(&self.keep).insert(name, value);
        alive(&self.mortal)
    }
}

fn alive(mortal: &CrashingPlatform) -> Result<(), PlatformError> {
    let dead = || PlatformError::Failed { reason: "this process is dead".to_owned() };
    mortal.live().then_some(()).ok_or_else(dead)
}

/// The person's passkeys, which outlive processes.
pub struct CrashingPasskey {
    passkeys: Arc<SoftPasskeys>,
    mortal: Arc<CrashingPlatform>,
}

impl CrashingPasskey {
    pub fn new(passkeys: &Arc<SoftPasskeys>, mortal: &Arc<CrashingPlatform>) -> Self {
        Self { passkeys: Arc::clone(passkeys), mortal: Arc::clone(mortal) }
    }
}

fn failed(error: anyhow::Error) -> PlatformError {
    PlatformError::Failed { reason: format!("{error:#}") }
}

#[async_trait]
impl Passkeys for CrashingPasskey {
    async fn register(&self, options_json: String) -> Result<String, PlatformError> {
        self.mortal.live_on().await;
        let made = self.passkeys.register(&options_json).map_err(failed);
        self.mortal.live_on().await;
        made
    }

    async fn assert(&self, options_json: String) -> Result<String, PlatformError> {
        self.mortal.live_on().await;
        let signed = self.passkeys.assert(&options_json).map_err(failed);
        self.mortal.live_on().await;
        signed
    }
}

/// Real time since the process began.
pub struct Ticks(Instant);

impl Ticks {
    #[allow(clippy::disallowed_methods)] // Plays the platform, whose clock is real.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Ticks {
    fn monotonic_us(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// A day wrong, and without effect.
    fn wall_us(&self) -> i64 {
        86_400_000_000
    }
}

/// The way to the server, without a socket.
pub struct Line {
    router: Router,
    mortal: Arc<CrashingPlatform>,
}

impl Line {
    pub fn new(yard: &SimServer, mortal: &Arc<CrashingPlatform>) -> Self {
        Self { router: yard.router(), mortal: Arc::clone(mortal) }
    }
}

#[async_trait]
impl Transport for Line {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.mortal.live_on().await;
        let request = request_of(request)?;
        self.mortal.requests.fetch_add(1, SeqCst);
        let Ok(response) = self.router.clone().oneshot(request).await;
        self.mortal.live_on().await;
        let headers = response.headers().iter().map(|(name, value)| HttpHeader {
            name: name.to_string(),
            value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        let rest = tokio::sync::Mutex::new(Some(response.into_body().into_data_stream()));
        let body = Arc::new(Rest { rest, mortal: Arc::clone(&self.mortal) });
        Ok(HttpResponse { status, headers, body })
    }
}

struct Rest {
    rest: tokio::sync::Mutex<Option<BodyDataStream>>,
    mortal: Arc<CrashingPlatform>,
}

#[async_trait]
impl ResponseBody for Rest {
    async fn next(&self) -> Result<Option<Vec<u8>>, TransportError> {
        self.mortal.live_on().await;
        let mut rest = self.rest.lock().await;
        let Some(open) = rest.as_mut() else { return Ok(None) };
        match open.next().await {
            None => Ok(None),
            Some(Ok(piece)) => Ok(Some(piece.to_vec())),
            Some(Err(error)) => Err(TransportError::Lost { reason: error.to_string() }),
        }
    }

    fn close(&self) {
        if let Ok(mut rest) = self.rest.try_lock() {
            *rest = None;
        }
    }
}

fn request_of(request: HttpRequest) -> Result<Request<Body>, TransportError> {
    let not_sent = |reason: String| TransportError::NotSent { reason };
    let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
    let mut builder = Request::builder().method(request.method.as_str()).uri(format!("/{path}"));
    for header in request.headers {
        builder = builder.header(header.name, header.value);
    }
    let body = match request.body {
        HttpBody::Empty => Vec::new(),
        HttpBody::Bytes { bytes } => bytes,
        HttpBody::Stream { length, source } => {
            builder = builder.header("content-length", length);
            let mut bytes = Vec::new();
            while let Some(piece) = source.next()? {
                bytes.extend_from_slice(&piece);
            }
            bytes
        }
    };
    builder.body(Body::from(body)).map_err(|error| not_sent(error.to_string()))
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
