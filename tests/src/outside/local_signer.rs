//! A program on an official's computer that signs by certificate, as `server/SIGNER.md` has it: on
//! loopback, for one origin, and it declines, fails or talks nonsense on demand.

use super::listening::{Listening, any_port};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A signature over bytes: detached CMS, DER.
pub type SignBytes = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// The answer to each request.
#[derive(Clone)]
pub enum SignerMood {
    /// The person confirms, and this signs.
    Signs(SignBytes),
    /// The person declines.
    Declines,
    /// The token is missing.
    Fails,
    /// A success without a signature in it.
    Babbles,
}

struct Desk {
    origin: String,
    mood: SignerMood,
    asked: Vec<String>,
}

/// The program. Dropped, it stops.
pub struct LocalSigner {
    desk: Arc<Mutex<Desk>>,
    listening: Listening,
}

impl LocalSigner {
    /// Starts it; it declines all, until it is told otherwise.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> anyhow::Result<Self> {
        let desk = Desk { origin: String::new(), mood: SignerMood::Declines, asked: Vec::new() };
        let desk = Arc::new(Mutex::new(desk));
        let router = Router::new()
            .route("/sign", post(sign).options(preflight))
            .with_state(Arc::clone(&desk));
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let listening = Listening::serve(any_port().await?, router, stopping, tasks)?;
        Ok(Self { desk, listening })
    }

    /// The address of its one service.
    pub fn url(&self) -> String {
        format!("{}/sign", self.listening.base())
    }

    /// Serves the pages of this origin from now on, in this mood.
    pub fn serve(&self, origin: &str, mood: SignerMood) {
        let mut desk = lock(&self.desk);
        desk.origin = origin.to_owned();
        desk.mood = mood;
    }

    /// The purposes of all requests that were fit to be signed.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.desk).asked.clone()
    }
}

async fn preflight(State(desk): State<Arc<Mutex<Desk>>>) -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, lock(&desk).origin.clone()),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST".to_owned()),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type".to_owned()),
        (
            header::HeaderName::from_static("access-control-allow-private-network"),
            "true".to_owned(),
        ),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn sign(State(desk): State<Arc<Mutex<Desk>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut desk = lock(&desk);
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if origin != Some(&*desk.origin) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let answer = match (content(&body), desk.mood.clone()) {
        (None, _) => (StatusCode::BAD_REQUEST, json!({ "error": "failed" })),
        (Some((purpose, content)), mood) => {
            desk.asked.push(purpose);
            match mood {
                SignerMood::Signs(signature) => {
                    (StatusCode::OK, json!({ "signature": STANDARD.encode(signature(&content)) }))
                }
                SignerMood::Declines => (StatusCode::CONFLICT, json!({ "error": "cancelled" })),
                SignerMood::Fails => {
                    (StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": "failed" }))
                }
                SignerMood::Babbles => (StatusCode::OK, json!({ "done": true })),
            }
        }
    };
    let allowed = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, desk.origin.clone())];
    (answer.0, allowed, Json(answer.1)).into_response()
}

/// The purpose and the bytes of a request as the page has to send it.
fn content(body: &[u8]) -> Option<(String, Vec<u8>)> {
    let asked: Value = serde_json::from_slice(body).ok()?;
    let content = STANDARD.decode(asked["content"].as_str()?).ok()?;
    let is_whole =
        asked["version"] == 1 && asked["sha256"].as_str()? == hex::encode(Sha256::digest(&content));
    is_whole.then(|| Some((asked["purpose"].as_str()?.to_owned(), content)))?
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
