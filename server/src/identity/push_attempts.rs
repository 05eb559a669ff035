//! The number of times that each browser has tried to subscribe to pushes: each writes, and one that
//! tries in a loop is stopped.

use crate::lock::lock;
use std::collections::BTreeMap;
use std::sync::Mutex;
use toruk_sync::domain::id::DeviceId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Attempts to subscribe of one browser in [`WINDOW`].
const ATTEMPTS_MAX: u32 = 20;
/// The time in which attempts are counted.
const WINDOW: TimeSpan = TimeSpan::hours(1);
/// Browsers whose attempts are counted; beyond them the oldest counts begin again.
const COUNTED_MAX: usize = 10_000;

/// The attempts of each browser in its window.
#[derive(Debug, Default)]
pub(super) struct PushAttempts(Mutex<BTreeMap<DeviceId, (Timestamp, u32)>>);

impl PushAttempts {
    /// Counts one; returns `false` if it is one too many.
    pub(super) fn count(&self, device: DeviceId, now: Timestamp) -> bool {
        let mut counted = lock(&self.0);
        if counted.len() >= COUNTED_MAX && !counted.contains_key(&device) {
            counted.retain(|_, (since, _)| now < *since + WINDOW);
            if counted.len() >= COUNTED_MAX {
                counted.clear();
            }
        }
        let (since, count) = counted.entry(device).or_insert((now, 0));
        // Also if the clock was set back.
        if now >= *since + WINDOW || now < *since {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= ATTEMPTS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_browser_that_subscribes_ever_again_waits_and_others_do_not() {
        let (attempts, start) = (PushAttempts::default(), Timestamp(0));
        let device = |number| DeviceId(Uuid::from_u128(number));
        for _ in 0..ATTEMPTS_MAX {
            assert!(attempts.count(device(1), start));
        }
        assert!(!attempts.count(device(1), start + TimeSpan::minutes(59)));
        assert!(attempts.count(device(2), start));
        assert!(attempts.count(device(1), start + WINDOW));
        for number in 0..2 * COUNTED_MAX {
            attempts.count(device(number as u128), start);
        }
        assert!(lock(&attempts.0).len() <= COUNTED_MAX);
    }
}
