//! Where an authority publishes its lists and answers OCSP, over HTTP, as it is told to.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The answer to each request of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// These bytes.
    Bytes(Vec<u8>),
    /// This many bytes without meaning.
    Huge(usize),
    /// `503`.
    Away,
}

struct Published {
    list: Mutex<Reply>,
    ocsp: Mutex<Reply>,
    asked: AtomicUsize,
}

/// A running responder. Dropped, it stops.
pub struct Responder {
    address: SocketAddr,
    published: Arc<Published>,
    task: JoinHandle<()>,
}

impl Responder {
    /// One that answers nothing yet.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> std::io::Result<Self> {
        let published = Arc::new(Published {
            list: Mutex::new(Reply::Away),
            ocsp: Mutex::new(Reply::Away),
            asked: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/ca.crl", get(list))
            .route("/ocsp", post(ocsp))
            .with_state(published.clone());
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { address, published, task })
    }

    /// The address of the list.
    pub fn list_url(&self) -> String {
        format!("http://{}/ca.crl", self.address)
    }

    /// The address for OCSP.
    pub fn ocsp_url(&self) -> String {
        format!("http://{}/ocsp", self.address)
    }

    pub fn publish_list(&self, reply: Reply) {
        *lock(&self.published.list) = reply;
    }

    pub fn answer_ocsp(&self, reply: Reply) {
        *lock(&self.published.ocsp) = reply;
    }

    /// Requests so far.
    pub fn asked(&self) -> usize {
        self.published.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn list(State(published): State<Arc<Published>>) -> impl IntoResponse {
    published.asked.fetch_add(1, Ordering::SeqCst);
    sent(&lock(&published.list))
}

async fn ocsp(State(published): State<Arc<Published>>, _request: Bytes) -> impl IntoResponse {
    published.asked.fetch_add(1, Ordering::SeqCst);
    sent(&lock(&published.ocsp))
}

fn sent(reply: &Reply) -> (StatusCode, Vec<u8>) {
    match reply {
        Reply::Bytes(bytes) => (StatusCode::OK, bytes.clone()),
        Reply::Huge(length) => (StatusCode::OK, vec![0x30; *length]),
        Reply::Away => (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
    }
}

fn lock(reply: &Mutex<Reply>) -> MutexGuard<'_, Reply> {
    reply.lock().unwrap_or_else(PoisonError::into_inner)
}
