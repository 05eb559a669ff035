//! Time as the server's code sees it: one injected clock.

use futures_util::future::BoxFuture;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use toruk_sync::domain::time::Timestamp;

/// The clock all decisions are stamped by.
pub trait Clock: Send + Sync + 'static {
    /// Now. Never runs back.
    fn now(&self) -> Timestamp;

    /// Ends at `at`, or at once when that is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The machine's clock, read once and carried on by the monotonic clock, so that a jump of the
/// wall clock moves no deadline.
pub struct SystemClock {
    started_at: Timestamp,
    started: Instant,
}

impl SystemClock {
    /// Reads the wall clock.
    #[allow(clippy::disallowed_methods)] // The one place that does.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started_at: Timestamp(micros(since_epoch)), started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.started_at.0 + micros(self.started.elapsed()))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let left = u64::try_from((at - self.now()).0).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_micros(left)))
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
