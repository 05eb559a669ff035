//! Runs work in one task at a time, and once more when it was requested meanwhile.

use std::sync::atomic::{AtomicU8, Ordering};

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
const AGAIN: u8 = 2;

/// The state of the work. A caller that is told to start must call [`Self::finish`] after each
/// round.
#[derive(Debug, Default)]
pub struct SingleFlight(AtomicU8);

impl SingleFlight {
    /// Requests the work. Returns `true` if the caller must start it.
    pub fn request(&self) -> bool {
        let asked = |state| Some(if state == IDLE { RUNNING } else { AGAIN });
        // The closure always returns `Some`, so this can't fail.
        let before = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, asked);
        before == Ok(IDLE)
    }

    /// Ends a round. Returns `true` if another one is due; otherwise the work is over.
    pub fn finish(&self) -> bool {
        let done = |state| Some(if state == AGAIN { RUNNING } else { IDLE });
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, done) == Ok(AGAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_during_a_round_is_done_in_one_more() {
        let flight = SingleFlight::default();
        assert!(flight.request(), "the first to ask starts it");
        assert!(!flight.request() && !flight.request(), "nobody else does");
        assert!(flight.finish(), "two asked meanwhile: one more round");
        assert!(!flight.finish(), "nobody asked");
        assert!(flight.request(), "it can be started again");
    }
}
