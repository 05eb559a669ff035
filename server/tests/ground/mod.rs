//! A server's services on a database of their own, with a clock and ids that tests control.

pub mod authenticator;
pub mod gateway;
pub mod phone;
pub mod sale;

use crate::postgres;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Notify;
use toruk_server::AppState;
use toruk_server::clock::Clock;
use toruk_server::clock::stopwatch::Stopwatch;
use toruk_server::config::Config;
use toruk_server::ports::{
    GatewayError, Ids, Issued, Order, OrderReport, PaymentGateway, Ports, PushError, PushMessage,
    PushTransport,
};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::StatementLine;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// The services and the test doubles that drive them.
pub struct TestServices {
    pub state: AppState,
    pub clock: Arc<HandClock>,
    pub push: Arc<RecordingPush>,
    folder: TempDir,
    _database: Option<postgres::Database>,
}

/// A clock that a test advances.
pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn pass(&self, span: TimeSpan) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// A stopwatch on which no real time passes.
struct StillStopwatch;

impl Stopwatch for StillStopwatch {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

/// Ids in order, and secrets that are guessable but distinct.
struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst)))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        secret
    }
}

/// No payment system, for tests without payments.
pub struct NoGateway;

#[async_trait]
impl PaymentGateway for NoGateway {
    async fn create(&self, _: &Order) -> Result<Issued, GatewayError> {
        Err(GatewayError::Unavailable("none".to_owned()))
    }

    async fn payments(&self, _: IntentId) -> Result<OrderReport, GatewayError> {
        Err(GatewayError::Unavailable("none".to_owned()))
    }

    async fn refund(&self, _: Uuid, _: &str, _: Tyiyn) -> Result<(), GatewayError> {
        Err(GatewayError::Unavailable("none".to_owned()))
    }

    async fn statement(&self, _: BusinessDay) -> Result<Vec<StatementLine>, GatewayError> {
        Err(GatewayError::Unavailable("none".to_owned()))
    }

    fn is_attached(&self) -> bool {
        false
    }

    fn callback(&self, _: &http::HeaderMap, _: &str, _: &[u8], _: Timestamp) -> Option<IntentId> {
        None
    }
}

/// A push gateway that records its messages and gives scripted answers.
#[derive(Default)]
pub struct RecordingPush {
    pub taken: Mutex<Vec<PushMessage>>,
    pub answers: Mutex<Vec<PushError>>,
    pub arrived: Notify,
}

#[async_trait]
impl PushTransport for RecordingPush {
    async fn send(&self, message: &PushMessage) -> Result<(), PushError> {
        if let Some(refusal) = self.answers.lock().unwrap().pop() {
            return Err(refusal);
        }
        self.taken.lock().unwrap().push(message.clone());
        self.arrived.notify_one();
        Ok(())
    }
}

impl TestServices {
    pub async fn new() -> Self {
        Self::with_gateway(Arc::new(NoGateway)).await
    }

    pub async fn with_gateway(gateway: Arc<dyn PaymentGateway>) -> Self {
        Self::with_config(gateway, |_| {}).await
    }

    pub async fn with_config(
        gateway: Arc<dyn PaymentGateway>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Timestamp::parse("2026-11-23T10:00:00+06:00").unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(start.0)));
        let push = Arc::new(RecordingPush::default());
        let ports = Ports {
            clock: clock.clone(),
            stopwatch: Arc::new(StillStopwatch),
            ids: Arc::new(CountedIds(AtomicU64::new(1))),
            gateway,
            push: Some(push.clone()),
            scanner: None,
        };
        let mut config = Config::local(folder.path(), 8080);
        let database = match postgres::is_chosen() {
            true => Some(postgres::Database::fresh().await.unwrap()),
            false => None,
        };
        if let Some(database) = &database {
            config.database_url.clone_from(&database.url);
        }
        change(&mut config);
        let state = toruk_server::state::open(config, ports).await.unwrap();
        Self { state, clock, push, folder, _database: database }
    }

    /// The same server after a stop and another start.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restarted(self) -> anyhow::Result<Self> {
        let Self { state, clock, push, folder, _database } = self;
        let (config, ports) = (state.context.config.clone(), state.context.ports.clone());
        drop(state);
        let state = toruk_server::state::open(config, ports).await?;
        Ok(Self { state, clock, push, folder, _database })
    }
}
