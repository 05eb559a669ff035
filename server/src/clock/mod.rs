//! Time as the server's code sees it: one injected clock.
//!
//! # Which clock
//! On SQLite the database is in the process, so the machine's clock is the authority
//! ([`SystemClock`]). On PostgreSQL the primary database's clock is, for all nodes
//! ([`DatabaseClock`]). Both report their uncertainty; only a trusted clock decides a deadline.

mod database;
mod estimate;
pub mod stopwatch;

pub use database::{Authority, DatabaseClock};
pub use estimate::Reading;

use futures_util::future::BoxFuture;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Largest uncertainty with which a clock may decide a bid.
pub const CLOCK_UNCERTAINTY_MAX: TimeSpan = TimeSpan(50_000);

/// The clock all decisions are stamped by.
pub trait Clock: Send + Sync + 'static {
    /// The present time. Never runs back.
    fn now(&self) -> Timestamp;

    /// Completes at `at`, or at once when that is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// Largest distance between [`Self::now`] and the authority's time, either way.
    fn uncertainty(&self) -> TimeSpan {
        TimeSpan::ZERO
    }

    /// Returns `true` if this clock may decide a deadline now. If not, a bid is answered "busy"
    /// before it is stamped.
    fn is_trusted(&self) -> bool {
        self.uncertainty() <= CLOCK_UNCERTAINTY_MAX
    }
}

/// The machine's clock, read once and carried on by the monotonic clock, so that a jump of the wall
/// clock moves no deadline. After the wall clock was set or the machine slept, it is uncertain
/// until the server restarts.
pub struct SystemClock {
    started_at: Timestamp,
    started: Instant,
}

impl SystemClock {
    /// Reads the wall clock once and starts from it.
    #[allow(clippy::disallowed_methods)] // The one place that does.
    pub fn start() -> Self {
        Self { started_at: wall(), started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.started_at.0 + micros(self.started.elapsed()))
    }

    fn uncertainty(&self) -> TimeSpan {
        TimeSpan((wall() - self.now()).0.abs())
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let left = u64::try_from((at - self.now()).0).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_micros(left)))
    }
}

#[allow(clippy::disallowed_methods)] // Only for the clocks above.
fn wall() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(micros(since_epoch))
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
