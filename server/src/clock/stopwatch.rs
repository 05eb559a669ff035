//! Measures elapsed real time, independent of the clock of decisions.
//!
//! # Why another clock
//! An outage is real time that people lost. The clock of decisions can't measure it: it is carried
//! on while the process is stuck, and a test or a measured correction may move it while everything
//! works. The watchdog reads both.

use crate::lock::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// Elapsed real time since a fixed start.
pub trait Stopwatch: Send + Sync + 'static {
    /// Time since the start. Never decreases.
    fn elapsed(&self) -> Duration;
}

/// The stopwatch of the machine: from one reading to the next the larger of two measurements. While
/// a virtual machine is frozen its monotonic clock stands still, and its wall clock is corrected
/// afterwards; and a wall clock that is set back does not stop it.
pub struct SystemStopwatch(Mutex<(Instant, SystemTime, Duration)>);

impl SystemStopwatch {
    /// Starts at zero.
    #[allow(clippy::disallowed_methods)] // The one place that does.
    pub fn start() -> Self {
        Self(Mutex::new((Instant::now(), SystemTime::now(), Duration::ZERO)))
    }
}

impl Stopwatch for SystemStopwatch {
    #[allow(clippy::disallowed_methods)] // As above.
    fn elapsed(&self) -> Duration {
        let mut last = lock(&self.0);
        let (monotonic, wall) = (Instant::now(), SystemTime::now());
        let passed = further(last.0, last.1, monotonic, wall);
        *last = (monotonic, wall, last.2 + passed);
        last.2
    }
}

fn further(before: Instant, wall_before: SystemTime, now: Instant, wall: SystemTime) -> Duration {
    let by_wall = wall.duration_since(wall_before).unwrap_or_default();
    now.saturating_duration_since(before).max(by_wall)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // It measures the measurement.
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_is_set_neither_stops_nor_hides_time() {
        let (start, wall, second) = (Instant::now(), SystemTime::now(), Duration::from_secs(1));
        let passed = |wall_now| further(start, wall, start + second, wall_now);
        assert_eq!(passed(wall - 3_600 * second), second, "set back");
        assert_eq!(passed(wall + 3_600 * second), 3_600 * second, "frozen for an hour");
        assert_eq!(passed(wall + second), second);
    }
}
