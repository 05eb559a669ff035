//! How much real time went by, whatever the clock of decisions does.
//!
//! # Why another clock
//! An outage is what took time away from people. The clock of decisions can't tell: it is carried
//! on while the process is stuck, and a test or a measured correction may leap it while everything
//! works. The watchdog asks both.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Real time since some beginning.
pub trait Stopwatch: Send + Sync + 'static {
    /// So much. Never less than before.
    fn elapsed(&self) -> Duration;
}

/// The machine's.
pub struct SystemStopwatch {
    started: Instant,
    started_wall: SystemTime,
    shown_us: AtomicU64,
}

impl SystemStopwatch {
    /// Starts it.
    #[allow(clippy::disallowed_methods)] // The one place that does.
    pub fn start() -> Self {
        let (started, started_wall) = (Instant::now(), SystemTime::now());
        Self { started, started_wall, shown_us: AtomicU64::new(0) }
    }
}

impl Stopwatch for SystemStopwatch {
    /// The longer of what two clocks of the machine say: while a virtual machine is frozen its
    /// monotonic clock stands still, and its wall clock is set right afterwards.
    #[allow(clippy::disallowed_methods)] // As above.
    fn elapsed(&self) -> Duration {
        let by_wall = SystemTime::now().duration_since(self.started_wall).unwrap_or_default();
        let longer = self.started.elapsed().max(by_wall);
        let us = u64::try_from(longer.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.shown_us.fetch_max(us, Ordering::Relaxed).max(us))
    }
}
