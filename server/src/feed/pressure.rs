//! Measures whether the node is overloaded, in two ways: how late a timer wakes a task, and how
//! long the oldest undecided bid has waited.
//! # Why this measure
//! A bid's request waits for the same threads. When a timer is late repeatedly, so is a bid; the
//! cause, be it observers, pages or a neighbour on the machine, does not matter, because observers
//! are the load that can be put off. One late wake-up is chance, so the smallest delay in a second
//! counts, not the largest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A node on which every timer is later than this is under pressure.
const LATE_MAX: Duration = Duration::from_millis(50);
/// Consecutive measurements that have to agree.
const AGREE: usize = 10;
/// Longest interval between updates for observers while under pressure; changes are merged
/// meanwhile.
const OBSERVERS_WAIT: Duration = Duration::from_secs(2);

/// The load state of the node.
#[derive(Debug, Default)]
pub struct Pressure {
    is_high: AtomicBool,
}

impl Pressure {
    /// Returns `true` if observers have to wait.
    pub fn is_high(&self) -> bool {
        self.is_high.load(Ordering::Relaxed)
    }

    /// Interval between two updates for observers of an auction; `None` without pressure.
    pub fn observers_wait(&self) -> Option<Duration> {
        self.is_high().then_some(OBSERVERS_WAIT)
    }

    fn set(&self, is_high: bool) {
        if self.is_high.swap(is_high, Ordering::Relaxed) != is_high {
            tracing::warn!(is_high, "pressure on this node has changed");
        }
        metrics::gauge!("toruk_live_pressure").set(if is_high { 1.0 } else { 0.0 });
    }
}

/// The last measurements of timer delays.
#[derive(Debug, Default)]
pub struct Gauge {
    late: [Duration; AGREE],
    next: usize,
}

impl Gauge {
    /// Adds the delay of a task's wake-up.
    pub fn measured(&mut self, late: Duration, pressure: &Pressure) {
        self.late[self.next] = late;
        self.next = (self.next + 1) % AGREE;
        let least = self.late.iter().min().copied().unwrap_or_default();
        metrics::gauge!("toruk_runtime_late_seconds").set(late.as_secs_f64());
        pressure.set(least > LATE_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_late_timer_is_chance_and_ten_are_pressure() {
        let (pressure, mut gauge) = (Pressure::default(), Gauge::default());
        let late = LATE_MAX + Duration::from_millis(1);
        for _ in 1..AGREE {
            gauge.measured(late, &pressure);
            assert!(!pressure.is_high());
        }
        gauge.measured(late, &pressure);
        assert_eq!(pressure.observers_wait(), Some(OBSERVERS_WAIT));
        gauge.measured(LATE_MAX, &pressure);
        assert!(!pressure.is_high(), "one that was in time ends it");
    }
}
