//! The clock of a node on PostgreSQL: it follows the primary database's clock, and the node's
//! monotonic clock carries it on between answers. All nodes stamp by one authority, however wrong
//! their own clocks are.

use super::estimate::{Estimate, Reading};
use super::{Clock, Monotonic};
use crate::lock::lock;
use anyhow::Context as _;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Interval between two questions.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// Longest wait for an answer; a later one is too imprecise.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
/// Questions before the clock is used; the first is slow, because its statement is parsed.
const FIRST_QUESTIONS: u32 = 4;
/// Longest sleep before the clock is read again: its time is slewed.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// A source of authoritative time.
#[async_trait]
pub trait Authority: Send + 'static {
    /// The authority's time at some moment between the call and the answer.
    async fn ask(&mut self) -> anyhow::Result<Timestamp>;
}

/// A clock that follows an [`Authority`].
pub struct DatabaseClock(Arc<Following>);

struct Following {
    local: Monotonic,
    estimate: Mutex<Estimate>,
}

impl DatabaseClock {
    /// Follows the clock of the database at `postgres://…`, over a connection of its own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn connect(url: &str) -> anyhow::Result<Self> {
        Self::follow(Postgres { url: url.to_owned(), connection: None }).await
    }

    /// Follows `authority` for as long as the clock is in use.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn follow(mut authority: impl Authority) -> anyhow::Result<Self> {
        let local = Monotonic::start();
        let (asked, heard, said) = ask(&mut authority, &local).await?;
        let mut estimate = Estimate::new(asked, heard, said);
        for _ in 1..FIRST_QUESTIONS {
            let (asked, heard, said) = ask(&mut authority, &local).await?;
            estimate.add(asked, heard, said);
        }
        let following = Arc::new(Following { local, estimate: Mutex::new(estimate) });
        tokio::spawn(keep_asking(authority, Arc::downgrade(&following)));
        Ok(Self(following))
    }

    /// Reads the authority's time as far as it is known now.
    pub fn read(&self) -> Reading {
        self.0.read()
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.0.read().now
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let following = self.0.clone();
        Box::pin(async move {
            loop {
                let left = (at - following.read().now).0;
                let Ok(left @ 1..) = u64::try_from(left) else { return };
                tokio::time::sleep(Duration::from_micros(left).min(SLEEP_MAX)).await;
            }
        })
    }

    fn uncertainty(&self) -> TimeSpan {
        self.0.read().uncertainty
    }

    fn authority(&self) -> Timestamp {
        self.0.read().authority
    }

    fn reset(&self) {
        self.0.estimate().reset(self.0.local.now().0);
    }
}

impl Following {
    fn read(&self) -> Reading {
        let mut estimate = self.estimate();
        estimate.read(self.local.now().0)
    }

    fn estimate(&self) -> MutexGuard<'_, Estimate> {
        lock(&self.estimate)
    }
}

/// Asks every second until the clock is dropped. An authority that does not answer is asked again;
/// meanwhile the uncertainty grows by itself.
async fn keep_asking(mut authority: impl Authority, following: Weak<Following>) {
    let mut rounds = tokio::time::interval(ASK_EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(following) = following.upgrade() else { return };
        match ask(&mut authority, &following.local).await {
            Ok((asked, heard, said)) => following.estimate().add(asked, heard, said),
            Err(error) => tracing::warn!(%error, "the database's clock does not answer"),
        }
        let Reading { offset, .. } = following.read();
        metrics::gauge!("toruk_clock_offset_us").set(offset.0 as f64);
    }
}

async fn ask(
    authority: &mut impl Authority,
    local: &Monotonic,
) -> anyhow::Result<(i64, i64, Timestamp)> {
    let asked = local.now().0;
    let said = tokio::time::timeout(ANSWER_TIMEOUT, authority.ask()).await;
    let said = said.context("no answer in time")??;
    Ok((asked, local.now().0, said))
}

/// A PostgreSQL primary. A failed connection is replaced at the next question.
struct Postgres {
    url: String,
    connection: Option<DatabaseConnection>,
}

#[async_trait]
impl Authority for Postgres {
    async fn ask(&mut self) -> anyhow::Result<Timestamp> {
        // Taken out: after a question that fails or times out, no connection is left that would
        // deliver its answer to the next one.
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let mut options = ConnectOptions::new(&self.url);
                // `test_before_acquire` would ask a question before each question and double the
                // round trip.
                options.max_connections(1).test_before_acquire(false).sqlx_logging(false);
                Database::connect(options).await?
            }
        };
        let clock = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS at";
        let clock = Statement::from_string(DbBackend::Postgres, clock);
        let row = connection.query_one_raw(clock).await?.context("the clock returned no row")?;
        let at = row.try_get("", "at")?;
        self.connection = Some(connection);
        Ok(Timestamp(at))
    }
}
