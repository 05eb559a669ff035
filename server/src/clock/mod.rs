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

use self::estimate::Estimate;
use crate::lock::lock;
use futures_util::future::BoxFuture;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Largest uncertainty with which a clock may decide a bid.
pub const CLOCK_UNCERTAINTY_MAX: TimeSpan = TimeSpan(50_000);

/// The clock all decisions are stamped by.
pub trait Clock: Send + Sync + 'static {
    /// The present time. Never runs back, except by [`Self::reset`].
    fn now(&self) -> Timestamp;

    /// Completes at `at`, or at once when that is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// Largest distance between [`Self::now`] and the authority's time, either way.
    fn uncertainty(&self) -> TimeSpan {
        TimeSpan::ZERO
    }

    /// The authority's time as it is known now. [`Self::now`] differs from it while it is corrected.
    fn authority(&self) -> Timestamp {
        self.now()
    }

    /// Takes over the authority's time at once, forwards or backwards. Only an outage may do that,
    /// when the clocks of the running auctions are stopped.
    fn reset(&self) {}

    /// Returns `true` if this clock may decide a deadline now. If not, a bid is answered "busy"
    /// before it is stamped.
    fn is_trusted(&self) -> bool {
        self.uncertainty() <= CLOCK_UNCERTAINTY_MAX
    }
}

/// The machine's clock. It is carried on by the monotonic clock and follows the wall clock, so that
/// a jump of the wall clock moves no deadline: a small one is slewed, and after a larger one the
/// clock is not trusted until it is set.
pub struct SystemClock {
    local: Monotonic,
    estimate: Mutex<Estimate>,
}

impl SystemClock {
    /// Reads the wall clock and starts from it.
    pub fn start() -> Self {
        let local = Monotonic::start();
        let at = local.now();
        Self { estimate: Mutex::new(Estimate::new(at.0, at.0, wall())), local }
    }

    fn read(&self) -> Reading {
        let mut estimate = lock(&self.estimate);
        let asked = self.local.now().0;
        let said = wall();
        let heard = self.local.now().0;
        estimate.add(asked, heard, said);
        estimate.read(heard)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.read().now
    }

    fn uncertainty(&self) -> TimeSpan {
        self.read().uncertainty
    }

    fn authority(&self) -> Timestamp {
        self.read().authority
    }

    fn reset(&self) {
        self.read();
        lock(&self.estimate).reset(self.local.now().0);
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let left = u64::try_from((at - self.now()).0).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_micros(left)))
    }
}

/// The monotonic clock, from a reading of the wall clock on.
struct Monotonic {
    started_at: Timestamp,
    started: Instant,
}

impl Monotonic {
    #[allow(clippy::disallowed_methods)] // The one place that does.
    fn start() -> Self {
        Self { started_at: wall(), started: Instant::now() }
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.started_at.0 + micros(self.started.elapsed()))
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
