//! Tells a merchant that an order changed, up to five times, in virtual time.

use super::signature::{MERCHANT, SIGNATURE, Signed, TIMESTAMP};
use super::{CallbackFault, Merchant};
use crate::world::clock::Clock;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// Most attempts to deliver a callback.
pub const CALLBACK_ATTEMPTS_MAX: usize = BACKOFF.len() + 1;
/// The waits between attempts, of the payment system's clock.
const BACKOFF: [TimeSpan; 4] =
    [TimeSpan::seconds(1), TimeSpan::seconds(5), TimeSpan::seconds(30), TimeSpan::minutes(2)];
/// No more ended attempts than this are remembered; the oldest go first.
const ATTEMPTS_REMEMBERED_MAX: usize = 10_000;

/// One attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The order that the callback was about.
    pub order: Uuid,
    /// The moment of the attempt.
    pub at: Timestamp,
    /// The HTTP status; `None` when nobody answered.
    pub answer: Option<u16>,
}

/// The callbacks under way, and those that were.
pub(super) struct Callbacks {
    client: reqwest::Client,
    ended: watch::Sender<Vec<Attempt>>,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

struct Callback {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
    ended: watch::Sender<Vec<Attempt>>,
    merchant: String,
    secret: Vec<u8>,
    order: Uuid,
    url: String,
    not_before: Timestamp,
}

impl Callbacks {
    pub(super) fn new(
        client: reqwest::Client,
        stopping: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        Self { client, ended: watch::Sender::default(), stopping, tasks }
    }

    /// Sends one, in the background.
    pub(super) fn send(
        &self,
        clock: &Arc<dyn Clock>,
        merchant: &Merchant,
        order: Uuid,
        url: &str,
        fault: CallbackFault,
    ) {
        let (copies, delay) = match fault {
            CallbackFault::None | CallbackFault::Forged => (1, TimeSpan::ZERO),
            CallbackFault::Lost => (0, TimeSpan::ZERO),
            CallbackFault::Doubled => (2, TimeSpan::ZERO),
            CallbackFault::Delayed(delay) => (1, delay),
        };
        let secret = match fault {
            CallbackFault::Forged => b"not the secret".to_vec(),
            _ => merchant.secret.clone(),
        };
        for _ in 0..copies {
            let callback = Callback {
                client: self.client.clone(),
                clock: Arc::clone(clock),
                ended: self.ended.clone(),
                merchant: merchant.id.clone(),
                secret: secret.clone(),
                order,
                url: url.to_owned(),
                not_before: clock.now() + delay,
            };
            let stopping = self.stopping.clone();
            self.tasks.spawn(stopping.run_until_cancelled_owned(callback.deliver()));
        }
    }

    pub(super) fn attempts(&self) -> Vec<Attempt> {
        self.ended.borrow().clone()
    }

    pub(super) async fn attempts_until(&self, count: usize) -> Vec<Attempt> {
        let mut ended = self.ended.subscribe();
        ended
            .wait_for(|ended| ended.len() >= count)
            .await
            .map_or_else(|_| unreachable!("the sender is here"), |attempts| attempts.clone())
    }
}

impl Callback {
    async fn deliver(self) {
        self.clock.sleep_until(self.not_before).await;
        for attempt in 0..CALLBACK_ATTEMPTS_MAX {
            let at = self.clock.now();
            let answer = self.attempt(at).await;
            self.remember(Attempt { order: self.order, at, answer });
            if answer.is_some_and(|status| (200..300).contains(&status)) {
                return;
            }
            if let Some(wait) = BACKOFF.get(attempt) {
                self.clock.sleep_until(at + *wait).await;
            }
        }
        tracing::warn!(order = %self.order, "a callback was given up");
    }

    /// The status of the answer, or `None`.
    async fn attempt(&self, at: Timestamp) -> Option<u16> {
        let url: reqwest::Url = self.url.parse().ok()?;
        let body = json!({ "order": self.order }).to_string();
        let timestamp = at.0.div_euclid(1_000_000).to_string();
        let signed = Signed {
            timestamp: &timestamp,
            method: "POST",
            path: url.path(),
            body: body.as_bytes(),
        };
        let signature = signed.sign(&self.secret);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header(MERCHANT, &self.merchant)
            .header(TIMESTAMP, timestamp)
            .header(SIGNATURE, signature)
            .body(body);
        Some(request.send().await.ok()?.status().as_u16())
    }

    fn remember(&self, attempt: Attempt) {
        self.ended.send_modify(|ended| {
            if ended.len() >= ATTEMPTS_REMEMBERED_MAX {
                ended.remove(0);
            }
            ended.push(attempt);
        });
    }
}
