//! An HTTP server on loopback where a runner asks for its next step and where its platform finds
//! the software passkey and the token, so that no runner needs to know CBOR or CMS.

use super::scenario::{Fields, ProgramAnswer};
use crate::outside::listening::{Listening, any_port};
use crate::world::passkey::SoftPasskeys;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runners that wait for a step at the same time: one, and those that were killed.
const WAITING_MAX: usize = 16;

/// The next step of a runner.
#[derive(Debug, Clone, Serialize)]
pub struct DeskOrder {
    /// The step's verb, in the words of a scenario's `phone`.
    #[serde(rename = "do")]
    pub verb: String,
    pub with: Fields,
}

/// A runner that waits for its next order, with what came of the last one.
pub struct Asking {
    /// Of the last order; none when it has just started.
    pub answer: Option<ProgramAnswer>,
    /// Sends the next order to the runner that waits.
    pub order: oneshot::Sender<DeskOrder>,
}

/// A runner's request for its next order.
#[derive(Deserialize)]
struct Ask {
    answer: Option<ProgramAnswer>,
}

pub struct OfficialsDesk {
    /// Runners that wait for their next order.
    pub asking: mpsc::Receiver<Asking>,
    /// The finger on the sensor, shared by the routes.
    pub finger: Arc<DeskPasskey>,
    listening: Listening,
}

/// The person's token: signs bytes as detached CMS, DER.
pub type DeskToken = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// The finger on the phone's sensor.
pub struct DeskPasskey {
    passkeys: SoftPasskeys,
    /// `true` when the next touch is the moment of death.
    fatal: AtomicBool,
    /// Told at a fatal touch.
    pub touched: Notify,
}

impl OfficialsDesk {
    /// Opens it, for passkeys of `origin`, with a token in it.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn open(origin: &str, token: DeskToken) -> anyhow::Result<Self> {
        let (sender, asking) = mpsc::channel(WAITING_MAX);
        let finger = Arc::new(DeskPasskey::new(origin)?);
        let router = Router::new()
            .route("/next", post(next))
            .with_state(sender)
            .merge(Router::new().route("/certificate/sign", post(sign)).with_state(token))
            .merge(passkey_routes(Arc::clone(&finger)));
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let listening = Listening::serve(any_port().await?, router, stopping, tasks)?;
        Ok(Self { asking, finger, listening })
    }

    /// The server's address, `http://127.0.0.1:…`, for a runner's arguments.
    pub fn base(&self) -> String {
        self.listening.base()
    }
}

impl DeskPasskey {
    /// A sensor whose passkeys are for `origin`.
    ///
    /// # Errors
    /// When that is not a URL.
    pub fn new(origin: &str) -> anyhow::Result<Self> {
        let (passkeys, fatal) = (SoftPasskeys::new(origin)?, AtomicBool::new(false));
        Ok(Self { passkeys, fatal, touched: Notify::new() })
    }

    /// The next touch is not answered, but told.
    pub fn make_fatal(&self) {
        self.fatal.store(true, Ordering::SeqCst);
    }

    async fn touch(&self) {
        if self.fatal.swap(false, Ordering::SeqCst) {
            self.touched.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// Where a client's platform finds the software passkey: `/passkey/register`, `/passkey/assert`.
pub fn passkey_routes(finger: Arc<DeskPasskey>) -> Router {
    Router::new()
        .route("/passkey/register", post(register))
        .route("/passkey/assert", post(assert))
        .with_state(finger)
}

async fn next(
    State(desk): State<mpsc::Sender<Asking>>,
    Json(ask): Json<Ask>,
) -> Result<Json<DeskOrder>, StatusCode> {
    let (order, ordered) = oneshot::channel();
    let asking = Asking { answer: ask.answer, order };
    desk.send(asking).await.map_err(|_| StatusCode::GONE)?;
    ordered.await.map(Json).map_err(|_| StatusCode::GONE)
}

async fn register(
    State(finger): State<Arc<DeskPasskey>>,
    options: String,
) -> Result<String, (StatusCode, String)> {
    finger.touch().await;
    finger.passkeys.register(&options).map_err(refused)
}

async fn sign(State(token): State<DeskToken>, content: Bytes) -> Vec<u8> {
    token(&content)
}

async fn assert(
    State(finger): State<Arc<DeskPasskey>>,
    options: String,
) -> Result<String, (StatusCode, String)> {
    finger.touch().await;
    finger.passkeys.assert(&options).map_err(refused)
}

fn refused(error: anyhow::Error) -> (StatusCode, String) {
    (StatusCode::UNPROCESSABLE_ENTITY, format!("{error:#}"))
}
