//! The beat of this node, in real time.

use crate::clock::stopwatch::Stopwatch;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Real time without a heartbeat after which a node no longer assumes that nobody missed anything.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(10);

/// This node's last heartbeat, in real time.
pub struct Heartbeat {
    stopwatch: Arc<dyn Stopwatch>,
    last_us: AtomicU64,
}

impl Heartbeat {
    /// Measured by this stopwatch; starts with a heartbeat.
    pub fn of(stopwatch: Arc<dyn Stopwatch>) -> Self {
        let heartbeat = Self { stopwatch, last_us: AtomicU64::new(0) };
        heartbeat.beat();
        heartbeat
    }

    pub(super) fn beat(&self) {
        self.last_us.store(self.now_us(), Ordering::SeqCst);
    }

    pub(super) fn is_silent(&self) -> bool {
        let silence_us = self.now_us().saturating_sub(self.last_us.load(Ordering::SeqCst));
        Duration::from_micros(silence_us) >= SILENCE_MAX
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.stopwatch.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
