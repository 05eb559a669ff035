//! Traits for everything outside the server. Adapters are in `deposit/gateway`, `push/fcm`,
//! `blob/clamav` and `main`; tests use their own clock and ids.

use crate::clock::Clock;
use crate::clock::stopwatch::Stopwatch;
use async_trait::async_trait;
use std::sync::Arc;
use tokio::io::AsyncRead;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::deposit::Channel;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::StatementLine;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::deposit::PaymentProvider;
use toruk_sync::protocol::web_push::WebPushSubscription;
use uuid::Uuid;

/// The adapters of one server.
#[derive(Clone)]
pub struct Ports {
    /// The clock of all decisions.
    pub clock: Arc<dyn Clock>,
    /// Real time, for the watchdog only.
    pub stopwatch: Arc<dyn Stopwatch>,
    /// Source of ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// Adapter of the payment system.
    pub gateway: Arc<dyn PaymentGateway>,
    /// Adapter of the push gateway; without one, phones learn of changes only by following.
    pub push: Option<Arc<dyn PushTransport>>,
    /// Malware scanner for files; without one, files are accepted by hash, length and first bytes
    /// alone.
    pub scanner: Option<Arc<dyn Scanner>>,
}

/// Source of ids and secrets.
pub trait Ids: Send + Sync + 'static {
    /// A new time-ordered id (UUIDv7).
    fn uuid(&self) -> Uuid;

    /// 32 random bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];
}

/// An order at the payment system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order's id, chosen by this server.
    pub intent: IntentId,
    pub channel: Channel,
    /// The bank or wallet that the payer chose.
    pub provider: Option<String>,
    pub amount: Tyiyn,
    /// The order can't be paid after this.
    pub expires_at: Timestamp,
    /// The text that the payer sees.
    pub description: String,
}

/// Instructions for paying an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The code that the payer types or tells the cashier.
    pub code: Option<String>,
    /// The payment page of the bank.
    pub redirect_url: Option<String>,
}

/// The beginning of the references of bank transfers. No reference of the payment system has it.
pub const BANK_REFERENCE: &str = "bank:";

/// Money the payment system reports for an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedPayment {
    /// The payment system's id of the payment.
    pub reference: String,
    pub amount: Tyiyn,
    /// Time of the payment, by the payment system's clock.
    pub paid_at: Timestamp,
}

/// The place of an order in its life, apart from money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderState {
    /// It waits for its payer.
    #[default]
    Open,
    /// The payer has paid, and the bank has not confirmed it yet.
    Pending,
    /// The payer or the bank gave it up.
    Cancelled,
}

/// Everything the payment system says of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderReport {
    pub state: OrderState,
    /// Everything paid for it so far, whatever its state.
    pub payments: Vec<ReportedPayment>,
}

/// A failure of a call to the payment system.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// No response, or one that asks to try again. The outcome is unknown.
    #[error("the payment system is unavailable: {0}")]
    Unavailable(String),
    /// Rejected; another attempt would be rejected as well.
    #[error("the payment system rejected the request: {0}")]
    Refused(String),
    /// An answer: that is not decided yet, and is to be asked again with the same id.
    #[error("the payment system has not decided yet")]
    Undecided,
}

/// The payment system. Every call may be repeated: orders and refunds have this server's ids.
#[async_trait]
pub trait PaymentGateway: Send + Sync + 'static {
    /// Creates an order, or returns it if it exists.
    async fn create(&self, order: &Order) -> Result<Issued, GatewayError>;

    /// The state of an order, and everything paid for it so far.
    async fn payments(&self, intent: IntentId) -> Result<OrderReport, GatewayError>;

    /// Gives money back. `refund` makes the call idempotent.
    async fn refund(
        &self,
        refund: Uuid,
        reference: &str,
        amount: Tyiyn,
    ) -> Result<(), GatewayError>;

    /// All operations that the payment system states for a day which has ended, in its order.
    async fn statement(&self, day: BusinessDay) -> Result<Vec<StatementLine>, GatewayError>;

    /// The banks and wallets that a payer can choose from; none by default.
    async fn providers(&self) -> Result<Vec<PaymentProvider>, GatewayError> {
        Ok(Vec::new())
    }

    /// The moment since which it has not answered, if that is so long that orders are refused.
    fn silent_since(&self) -> Option<Timestamp> {
        None
    }

    /// Returns `true` if there is a payment system at all.
    fn is_attached(&self) -> bool {
        true
    }

    /// The order that a callback names, if the payment system signed it and it is fresh at `now`.
    /// It means no more than "ask again".
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
    /// The address of the phone's pushes: a registration token, or a browser's subscription.
    pub token: String,
    /// The hint, JSON ([`toruk_sync::protocol::push_hint::PushHint`]); for a browser, whose pushes are
    /// sealed, the notice ([`toruk_sync::protocol::web_push::WebPushNotice`]).
    pub hint: String,
    /// FCM's `collapse_key`: of several messages with one key that wait for a phone, only the newest
    /// arrives, and FCM keeps four keys for a phone. Without one, nothing replaces the message.
    pub collapse_key: Option<String>,
    /// APNs' `apns-collapse-id`: a notification with the same one is replaced where it is shown.
    pub collapse_id: String,
    /// Seconds after which the push is useless.
    pub ttl_s: u64,
    /// Set if the phone must wake for it.
    pub urgent: bool,
}

/// The reason why a push was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The token belongs to no phone any more.
    #[error("the phone is no longer registered")]
    Unregistered,
    /// Try again later, after the given time if there is one.
    #[error("the push gateway is unavailable: {reason}")]
    Unavailable {
        /// Value of `Retry-After`, in seconds.
        retry_after_s: Option<u64>,
        reason: String,
    },
    /// The gateway refuses this server and not a phone: its account, project or quota. Nothing is
    /// known about the phone.
    #[error("the push gateway refuses this server: {reason}")]
    Misconfigured {
        /// Value of `Retry-After`, in seconds.
        retry_after_s: Option<u64>,
        reason: String,
    },
    /// The gateway will never accept this message.
    #[error("the push gateway rejected the message: {0}")]
    Refused(String),
}

/// The reason why a browser's subscription is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionFault {
    /// This server sends to no browsers.
    #[error("this server sends to no browsers")]
    Off,
    /// A key is not a point of the curve, or a secret has another length.
    #[error("the subscription's keys are none")]
    Keys,
    /// The endpoint is not one of a push service on the internet.
    #[error("the endpoint is not a push service's")]
    Endpoint,
}

/// Adapter of a push gateway.
#[async_trait]
pub trait PushTransport: Send + Sync + 'static {
    /// Hands one message to the gateway.
    async fn send(&self, message: &PushMessage) -> Result<(), PushError>;

    /// The public key that browsers name when they subscribe; `None` if they get no pushes.
    fn web_key(&self) -> Option<&str> {
        None
    }

    /// The address ([`PushMessage::token`]) of a browser's subscription.
    ///
    /// # Errors
    /// [`SubscriptionFault`].
    fn web_address(&self, _: &WebPushSubscription) -> Result<String, SubscriptionFault> {
        Err(SubscriptionFault::Off)
    }
}

/// A scanner's verdict on a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// No malware was found.
    Clean,
    /// Malware, with the scanner's name for it.
    Infected(String),
}

/// The reason why a scanner gave no verdict. In each case the file waits: an unscanned file is not
/// used.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// No response, or a meaningless one.
    #[error("the scanner is unavailable: {0}")]
    Unavailable(String),
    /// The scanner does not scan this file: its limits are below this server's.
    #[error("the scanner rejected the file: {0}")]
    Refused(String),
    /// The file could not be read.
    #[error("the file can't be read")]
    Unreadable(#[source] std::io::Error),
}

/// A malware scanner. A file may be scanned several times.
#[async_trait]
pub trait Scanner: Send + Sync + 'static {
    /// Scans a file, read from its beginning to its end.
    async fn scan(
        &self,
        content: &mut (dyn AsyncRead + Send + Unpin),
    ) -> Result<Scanned, ScanError>;
}
