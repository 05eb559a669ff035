//! An endpoint that speaks FCM's HTTP v1 and its OAuth, and delivers to phones in this process.
//!
//! It is as strict as FCM about a message's shape, keeps messages of phones that are offline,
//! collapses them, and drops those whose time is over, all in virtual time. It must not know what
//! a message means.
//!
//! # Why
//! No published client allows another endpoint, so the server has its own adapter, and this
//! is what the adapter is tried against: real sockets, real signatures, real status codes.

mod account;
mod api;
mod mailbox;
mod message;

use crate::outside::listening::{self, Listening};
use crate::world::clock::Clock;
use account::Account;
use mailbox::Mailbox;
pub use mailbox::{COLLAPSE_KEYS_MAX, PHONE_MESSAGES_MAX, WAITING_MESSAGES_MAX};
pub use message::Message;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use toruk_sync::domain::time::TimeSpan;

/// Lifetime of a bearer token, in seconds, as FCM's.
const TOKEN_LIFE_S: u32 = 3_599;

/// The outcome of one send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFault {
    /// 404: the app is no longer installed.
    Unregistered,
    /// 403: the token was given out for another project's senders.
    SenderIdMismatch,
    /// 403: the account may not send in this project.
    PermissionDenied,
    /// 429 with `Retry-After`: the quota is used up.
    TooManyRequests {
        /// The header's value, in seconds.
        retry_after_s: u32,
    },
    /// 500: FCM failed; the client may retry.
    Internal,
    /// 503 with `Retry-After`: FCM is overloaded.
    Unavailable {
        /// The header's value, in seconds.
        retry_after_s: u32,
    },
    /// 401, though the token is valid: it was taken back.
    TokenExpired,
    /// Delivered and answered this much later, of the clock given.
    Slow(TimeSpan),
    /// Neither delivered nor answered.
    Silent,
}

/// Faults that this FCM shows. None, by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FcmMisbehaviour {
    /// Outcomes of the next sends, first one first; after them, sends succeed again.
    pub sends: VecDeque<SendFault>,
    /// This many of the next token calls are answered with 500.
    pub failing_token_calls: u32,
    /// The value of a token's `expires_in`, in real seconds: the client counts in real time.
    pub token_life_s: u32,
}

impl Default for FcmMisbehaviour {
    fn default() -> Self {
        Self { sends: VecDeque::new(), failing_token_calls: 0, token_life_s: TOKEN_LIFE_S }
    }
}

/// Numbers of requests so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calls of the token endpoint.
    pub token_calls: u64,
    /// Number of calls of `messages:send`.
    pub send_calls: u64,
    /// Messages that were accepted (answered with 200).
    pub accepted: u64,
    /// Messages that reached a phone.
    pub delivered: u64,
}

/// A phone as FCM knows it.
#[derive(Debug)]
pub struct Registration {
    /// The registration token that the phone gives to its server.
    pub token: String,
    /// Messages as they arrive; dropped, the app counts as removed.
    pub messages: mpsc::Receiver<Message>,
}

/// The endpoint, from the side of the phones and of the test.
pub struct Fcm {
    post: Arc<PostOffice>,
    listening: Listening,
}

/// State that the routes share.
struct PostOffice {
    account: Account,
    clock: Arc<dyn Clock>,
    mailbox: Mutex<Mailbox>,
    misbehaviour: Mutex<FcmMisbehaviour>,
    counts: Mutex<Counts>,
    tokens: Mutex<BTreeSet<String>>,
    stopping: CancellationToken,
}

impl Fcm {
    /// Starts on any free port of this machine, for one project.
    ///
    /// # Errors
    /// When no port is free or no key can be made.
    pub async fn start(clock: Arc<dyn Clock>, project: &str) -> anyhow::Result<Self> {
        let listener = listening::any_port().await?;
        let base = format!("http://{}", listener.local_addr()?);
        let project = project.to_owned();
        let made = tokio::task::spawn_blocking(move || Account::new(&project, &base));
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let post = Arc::new(PostOffice {
            account: made.await??,
            clock,
            mailbox: Mutex::default(),
            misbehaviour: Mutex::default(),
            counts: Mutex::default(),
            tokens: Mutex::default(),
            stopping: stopping.clone(),
        });
        let router = api::routes().with_state(Arc::clone(&post));
        let listening = Listening::serve(listener, router, stopping, tasks)?;
        Ok(Self { post, listening })
    }

    /// `http://127.0.0.1:…`, without a slash at its end; the adapter's base.
    pub fn base(&self) -> String {
        self.listening.base()
    }

    /// The service account, as the JSON file one downloads; its `token_uri` is here.
    pub fn service_account_json(&self) -> String {
        self.post.account.json()
    }

    /// Installs the app on one more phone, online.
    pub fn register(&self) -> Registration {
        let (token, messages) = lock(&self.post.mailbox).register();
        Registration { token, messages }
    }

    /// Removes the app: the token is answered with 404 from now on.
    pub fn unregister(&self, token: &str) {
        lock(&self.post.mailbox).unregister(token);
    }

    /// Connects a phone, or takes it off the net. Back on it, it gets what is still of use.
    pub fn set_online(&self, token: &str, online: bool) {
        let now = self.post.clock.now();
        let delivered = lock(&self.post.mailbox).set_online(token, online, now);
        lock(&self.post.counts).delivered += delivered;
    }

    /// Changes what goes wrong from now on.
    pub fn misbehave(&self, change: impl FnOnce(&mut FcmMisbehaviour)) {
        change(&mut lock(&self.post.misbehaviour));
    }

    /// Takes back every bearer token.
    pub fn expire_tokens(&self) {
        lock(&self.post.tokens).clear();
    }

    /// Numbers of requests so far.
    pub fn counts(&self) -> Counts {
        *lock(&self.post.counts)
    }

    pub async fn stop(self) {
        self.listening.stop().await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
