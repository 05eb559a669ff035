//! Measures elapsed real time, independent of the clock of decisions.
//!
//! # Why another clock
//! An outage is real time that people lost. The clock of decisions can't measure it: it is carried
//! on while the process is stuck, and a test or a measured correction may move it while everything
//! works. The watchdog reads both.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Elapsed real time since a fixed start.
pub trait Stopwatch: Send + Sync + 'static {
    /// Time since the start. Never decreases.
    fn elapsed(&self) -> Duration;
}

/// The stopwatch of the machine.
pub struct SystemStopwatch {
    started: Instant,
    started_wall: SystemTime,
    shown_us: AtomicU64,
}

impl SystemStopwatch {
    /// Starts at zero.
    #[allow(clippy::disallowed_methods)] // The one place that does.
    pub fn start() -> Self {
        let (started, started_wall) = (Instant::now(), SystemTime::now());
        Self { started, started_wall, shown_us: AtomicU64::new(0) }
    }
}

impl Stopwatch for SystemStopwatch {
    /// The larger of two measurements: while a virtual machine is frozen its monotonic clock stands
    /// still, and its wall clock is corrected afterwards.
    #[allow(clippy::disallowed_methods)] // As above.
    fn elapsed(&self) -> Duration {
        let by_wall = SystemTime::now().duration_since(self.started_wall).unwrap_or_default();
        let longer = self.started.elapsed().max(by_wall);
        let us = u64::try_from(longer.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.shown_us.fetch_max(us, Ordering::Relaxed).max(us))
    }
}
