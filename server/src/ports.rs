//! The outside as the server's code sees it. Adapters are in `deposit/gateway`, `push/fcm`,
//! `blob/clamav` and `main`; tests bring their own clock and ids.

use crate::clock::Clock;
use crate::clock::stopwatch::Stopwatch;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::io::AsyncRead;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Everything that is not ours.
#[derive(Clone)]
pub struct Ports {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Real time, for the watchdog alone.
    pub stopwatch: Arc<dyn Stopwatch>,
    /// Names and secrets.
    pub ids: Arc<dyn Ids>,
    /// The payment system.
    pub gateway: Arc<dyn PaymentGateway>,
    /// The push gateway; none when the operator has none, and phones then learn by following.
    pub push: Option<Arc<dyn PushTransport>>,
    /// What looks for malware in files; none when the operator has none, and files are then taken
    /// by their hash, length and first bytes alone.
    pub scanner: Option<Arc<dyn Scanner>>,
}

/// Names and secrets.
pub trait Ids: Send + Sync + 'static {
    /// A new time-ordered name (UUIDv7).
    fn uuid(&self) -> Uuid;

    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}

/// An order at the payment system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its name; ours.
    pub intent: IntentId,
    /// How it will be paid.
    pub channel: Channel,
    /// How much.
    pub amount: Tyiyn,
    /// Until when.
    pub expires_at: Timestamp,
    /// What the payer reads.
    pub description: String,
}

/// How an order can be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The code to type or say.
    pub code: Option<String>,
    /// The bank's page.
    pub redirect_url: Option<String>,
}

/// Money the payment system reports for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedPayment {
    /// The payment system's name for it.
    pub reference: String,
    /// How much.
    pub amount: Tyiyn,
    /// When, by its clock.
    pub paid_at: Timestamp,
}

/// Why the payment system did not do it.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// No answer, or one that tells to come again. Nothing is known of the outcome.
    #[error("the payment system is unavailable: {0}")]
    Unavailable(String),
    /// It said no, and will say so again.
    #[error("the payment system refused: {0}")]
    Refused(String),
}

/// The payment system. Every call may be repeated: it knows an order and a refund by our names.
#[async_trait]
pub trait PaymentGateway: Send + Sync + 'static {
    /// Creates an order, or finds it when it exists.
    async fn create(&self, order: &Order) -> Result<Issued, GatewayError>;

    /// What was paid for an order so far.
    async fn payments(&self, intent: IntentId) -> Result<Vec<ReportedPayment>, GatewayError>;

    /// Gives money back. `refund` names the act.
    async fn refund(
        &self,
        refund: Uuid,
        reference: &str,
        amount: Tyiyn,
    ) -> Result<(), GatewayError>;

    /// The order a callback speaks of, when it is signed by the payment system and fresh at `now`.
    /// It says no more than "look again".
    fn callback(
        &self,
        headers: &http::HeaderMap,
        path: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Option<IntentId>;
}

/// One push to one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushMessage {
    /// The phone's registration token.
    pub token: String,
    /// The hint, JSON ([`toruk_sync::protocol::push_hint::PushHint`]).
    pub hint: String,
    /// Only the newest of one key is worth showing.
    pub collapse_key: String,
    /// Seconds after which it is of no use.
    pub ttl_s: u64,
    /// Whether the phone must wake for it.
    pub urgent: bool,
}

/// Why a push was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The token stands for no phone any more.
    #[error("the phone is no longer registered")]
    Unregistered,
    /// Come again, after so many seconds when it said so.
    #[error("the push gateway is unavailable: {reason}")]
    Unavailable {
        /// `Retry-After`.
        retry_after_s: Option<u64>,
        /// What happened.
        reason: String,
    },
    /// It will never take this message.
    #[error("the push gateway refused: {0}")]
    Refused(String),
}

/// The push gateway.
#[async_trait]
pub trait PushTransport: Send + Sync + 'static {
    /// Hands over one message.
    async fn send(&self, message: &PushMessage) -> Result<(), PushError>;
}

/// What a scanner says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// Nothing was found.
    Clean,
    /// Malware; the name the scanner has for it.
    Infected(String),
}

/// Why a scanner gave no verdict. Either way the file waits: what was not looked at is not used.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// No answer, or none that means anything.
    #[error("the scanner is unavailable: {0}")]
    Unavailable(String),
    /// It answers, and does not look at this file: its limits are below ours.
    #[error("the scanner refused: {0}")]
    Refused(String),
    /// The file could not be read.
    #[error("the file can't be read")]
    Unreadable(#[source] std::io::Error),
}

/// A scanner for malware. A file may be given to it several times.
#[async_trait]
pub trait Scanner: Send + Sync + 'static {
    /// Looks at a file, read from its beginning to its end.
    async fn scan(
        &self,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<Scanned, ScanError>;
}
