//! Whether the node has more to do than it can, measured at itself: a task asks to be woken and
//! looks how much later it was; and how long the oldest undecided bid has waited.
//!
//! # Why this measure
//! A bid's request waits for the same threads. When a timer's task is late again and again, so is a
//! bid; what keeps them, be it observers, pages or a neighbour on the machine, does not matter, for
//! observers are what can be put off. One late wake-up is chance, so the least lateness of a second
//! counts, not the worst.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A node whose timers are later than this, all of them, is under pressure.
const LATE_MAX: Duration = Duration::from_millis(50);
/// Measurements that have to agree.
const AGREE: usize = 10;
/// While under pressure, observers learn of changes at most this often; meanwhile they add up.
const OBSERVERS_WAIT: Duration = Duration::from_secs(2);

/// How the node feels.
#[derive(Debug, Default)]
pub struct Pressure {
    is_high: AtomicBool,
}

impl Pressure {
    /// Whether observers have to wait.
    pub fn is_high(&self) -> bool {
        self.is_high.load(Ordering::Relaxed)
    }

    /// How long observers of an auction wait between two changes, if at all.
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

/// The last measurements.
#[derive(Debug, Default)]
pub struct Gauge {
    late: [Duration; AGREE],
    next: usize,
}

impl Gauge {
    /// Takes in how late a task was woken.
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
