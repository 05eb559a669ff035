//! A push service for browsers (RFC 8030), as strict as the public ones about who asks (RFC 8292) and
//! what comes (RFC 8188), which misbehaves as it is told to. It can't read what it keeps: that is the
//! browser's, whose keys are beside it.

use super::listening::{Listening, any_port};
use crate::world::clock::Clock;
use anyhow::{Context as _, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longest content with its header, in bytes.
const BODY_BYTES_MAX: usize = 4_096;
/// Longest life of a token, in seconds.
const TOKEN_LIFE_S_MAX: i64 = 24 * 60 * 60;
/// Longest topic (RFC 8030, section 5.4).
const TOPIC_CHARS_MAX: usize = 32;

/// A message as it came, sealed.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The browser's name here.
    pub browser: String,
    /// Seconds for which it is kept.
    pub ttl_s: u64,
    /// `high`, `normal`, `low` or `very-low`.
    pub urgency: String,
    /// The name under which a newer message replaces it.
    pub topic: Option<String>,
    /// The sealed content.
    pub body: Vec<u8>,
}

/// An answer to the next message, in place of taking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mischief {
    /// An answer with this status, and with seconds for `Retry-After`.
    Answer(u16, Option<u32>),
    /// A redirect to an address; the one of [`WebPushService::trap`] counts those who follow.
    Redirect(String),
    /// No answer before [`WebPushService::let_go`].
    Silence,
    /// An answer whose head never ends.
    Flood,
}

#[derive(Default)]
struct Kept {
    deliveries: Vec<Delivery>,
    mischief: VecDeque<Mischief>,
    asked: u64,
    trapped: u64,
    faults: Vec<String>,
}

#[derive(Clone)]
struct Shared {
    clock: Arc<dyn Clock>,
    kept: Arc<Mutex<Kept>>,
    held: Arc<Semaphore>,
}

/// A running push service.
pub struct WebPushService {
    listening: Listening,
    shared: Shared,
}

/// A browser that has subscribed.
pub struct SubscribedBrowser {
    /// Its subscription, as it tells a server: `endpoint` and `keys`.
    pub subscription: Value,
    /// Its private key, 32 bytes.
    pub private_key: [u8; 32],
    /// The secret that it shares with the server.
    pub auth: [u8; 16],
}

impl WebPushService {
    /// A service whose tokens are good by this clock.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let shared = Shared { clock, kept: Arc::default(), held: Arc::new(Semaphore::new(0)) };
        let router = Router::new()
            .route("/push/{browser}", post(take))
            .route("/trap", any(trapped))
            .with_state(shared.clone());
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let listening = Listening::serve(any_port().await?, router, stopping, tasks)?;
        Ok(Self { listening, shared })
    }

    /// Subscribes a browser, whose keys are made of this seed.
    ///
    /// # Errors
    /// When the seed makes no key.
    pub fn subscribe(&self, name: &str, seed: u8) -> anyhow::Result<SubscribedBrowser> {
        let (private_key, auth) = ([seed; 32], [seed.wrapping_add(1); 16]);
        let key = SecretKey::from_slice(&private_key)?.public_key().to_sec1_point(false);
        let subscription = json!({
            "endpoint": format!("{}/push/{name}", self.listening.base()),
            "keys": {
                "p256dh": URL_SAFE_NO_PAD.encode(key.as_bytes()),
                "auth": URL_SAFE_NO_PAD.encode(auth),
            },
        });
        Ok(SubscribedBrowser { subscription, private_key, auth })
    }

    /// An address at which nobody has anything to look for.
    pub fn trap(&self) -> String {
        format!("{}/trap", self.listening.base())
    }

    /// Meets the next messages so, the first one first.
    pub fn misbehave(&self, mischief: impl IntoIterator<Item = Mischief>) {
        self.kept().mischief.extend(mischief);
    }

    /// Answers those who wait since [`Mischief::Silence`].
    pub fn let_go(&self) {
        self.shared.held.add_permits(64);
    }

    /// The messages taken so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.kept().deliveries.clone()
    }

    /// Messages that came so far, taken or not.
    pub fn asked(&self) -> u64 {
        self.kept().asked
    }

    /// Those who came to the trap.
    pub fn trapped(&self) -> u64 {
        self.kept().trapped
    }

    /// The faults of messages, by the standards.
    pub fn faults(&self) -> Vec<String> {
        self.kept().faults.clone()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.shared.kept()
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn trapped(State(shared): State<Shared>) -> StatusCode {
    shared.kept().trapped += 1;
    StatusCode::CREATED
}

async fn take(
    State(shared): State<Shared>,
    Path(browser): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mischief = {
        let mut kept = shared.kept();
        kept.asked += 1;
        kept.mischief.pop_front()
    };
    if let Some(mischief) = mischief {
        return met(&shared, mischief).await;
    }
    let now_s = shared.clock.now().0.div_euclid(1_000_000);
    match checked(&browser, &headers, &body, now_s) {
        Ok(delivery) => {
            shared.kept().deliveries.push(delivery);
            StatusCode::CREATED.into_response()
        }
        Err(fault) => {
            shared.kept().faults.push(format!("{fault:#}"));
            StatusCode::BAD_REQUEST.into_response()
        }
    }
}

async fn met(shared: &Shared, mischief: Mischief) -> Response {
    match mischief {
        Mischief::Answer(status, wait) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
            match wait {
                Some(seconds) => (status, [("retry-after", seconds.to_string())]).into_response(),
                None => status.into_response(),
            }
        }
        Mischief::Redirect(to) => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response()
        }
        Mischief::Silence => {
            if let Ok(permit) = shared.held.acquire().await {
                permit.forget();
            }
            StatusCode::CREATED.into_response()
        }
        Mischief::Flood => {
            let long = "a".repeat(1 << 20);
            (StatusCode::CREATED, [("location", long.clone()), ("link", long)]).into_response()
        }
    }
}

fn checked(
    browser: &str,
    headers: &HeaderMap,
    body: &Bytes,
    now_s: i64,
) -> anyhow::Result<Delivery> {
    let header = |name: &str| -> anyhow::Result<&str> {
        Ok(headers.get(name).with_context(|| format!("no {name}"))?.to_str()?)
    };
    ensure!(header("content-encoding")? == "aes128gcm", "another coding");
    ensure!(body.len() <= BODY_BYTES_MAX, "{} bytes", body.len());
    let topic = headers.get("topic").map(|topic| topic.to_str()).transpose()?;
    if let Some(topic) = topic {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let fits = topic.len() <= TOPIC_CHARS_MAX && topic.chars().all(plain);
        ensure!(fits, "the topic {topic}");
    }
    let urgency = header("urgency")?.to_owned();
    ensure!(["very-low", "low", "normal", "high"].contains(&&*urgency), "the urgency {urgency}");
    let origin = format!("http://{}", header("host")?);
    is_signed(header("authorization")?, &origin, now_s)?;
    let ttl_s = header("ttl")?.parse()?;
    let (browser, topic) = (browser.to_owned(), topic.map(str::to_owned));
    Ok(Delivery { browser, ttl_s, urgency, topic, body: body.to_vec() })
}

/// That a server with this key asks this service, and lately.
fn is_signed(said: &str, origin: &str, now_s: i64) -> anyhow::Result<()> {
    let said = said.strip_prefix("vapid t=").context("no VAPID")?;
    let (token, key) = said.split_once(", k=").context("no key")?;
    let (signed, signature) = token.rsplit_once('.').context("no signature")?;
    let verifier = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(key)?)?;
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature)?)?;
    verifier.verify(signed.as_bytes(), &signature)?;
    let claims = signed.split('.').nth(1).context("no claims")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    ensure!(claims["aud"] == origin, "for {}", claims["aud"]);
    let expires = claims["exp"].as_i64().context("no end")?;
    ensure!((now_s..=now_s + TOKEN_LIFE_S_MAX).contains(&expires), "until {expires}");
    ensure!(claims["sub"].as_str().is_some_and(|contact| !contact.is_empty()), "nobody's");
    Ok(())
}
