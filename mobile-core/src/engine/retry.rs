//! Retry times: twice as long after each failure, with a random part, up to a limit.

use super::clock::Mono;

/// The range of the wait between attempts, microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The longest wait after the first failure.
    pub first: Mono,
    /// The longest wait after any failure.
    pub longest: Mono,
}

/// Deliveries: 1 s to 15 min.
pub const DELIVERY: Pace = Pace { first: 1_000_000, longest: 15 * 60 * 1_000_000 };
/// The live stream: a quarter of a second to 5 s, because a window lasts minutes.
pub const LIVE: Pace = Pace { first: 250_000, longest: 5_000_000 };
/// Clock exchanges that fail: a second to 15 s, because an old estimate is still a good one.
pub const CLOCK: Pace = Pace { first: 1_000_000, longest: 15 * 1_000_000 };

/// Counts the failures of one kind of request.
#[derive(Debug)]
pub struct Backoff {
    pace: Pace,
    failures: u32,
    not_before: Mono,
    random: u64,
}

impl Backoff {
    /// `seed` differs between phones, so that they do not all come back at once.
    pub fn new(pace: Pace, seed: u64) -> Self {
        Self { pace, failures: 0, not_before: Mono::MIN, random: seed | 1 }
    }

    /// Counts a failure. `after_s`, the server's own retry time, takes precedence.
    pub fn failed(&mut self, now: Mono, after_s: Option<u64>) {
        let doubled = self.pace.first.saturating_mul(1 << self.failures.min(20));
        let most = doubled.min(self.pace.longest);
        self.failures = self.failures.saturating_add(1);
        let wait = match after_s.and_then(|seconds| Mono::try_from(seconds).ok()) {
            Some(seconds) => seconds.saturating_mul(1_000_000).min(self.pace.longest),
            // Full jitter, but never at once.
            None => (self.pace.first / 4).max(self.draw(most)),
        };
        self.not_before = now.saturating_add(wait);
    }

    /// Resets after a success or a change of circumstances (foreground, network): try at once.
    pub fn reset(&mut self) {
        self.failures = 0;
        self.not_before = Mono::MIN;
    }

    /// The earliest time of the next attempt.
    pub fn not_before(&self) -> Mono {
        self.not_before
    }

    /// xorshift: spreading retries needs no secrecy.
    fn draw(&mut self, below: Mono) -> Mono {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let below = u64::try_from(below).unwrap_or(0).max(1);
        Mono::try_from(self.random % below).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_the_limit_and_the_servers_word_wins() {
        let mut backoff = Backoff::new(DELIVERY, 7);
        let mut longest = 0;
        for failure in 0..40 {
            backoff.failed(0, None);
            let most = DELIVERY.first.saturating_mul(1 << failure.min(20)).min(DELIVERY.longest);
            let least = DELIVERY.first / 4;
            assert!((least..=most).contains(&backoff.not_before()), "failure {failure}");
            longest = longest.max(backoff.not_before());
        }
        assert!(longest <= DELIVERY.longest);
        backoff.failed(0, Some(30));
        assert_eq!(backoff.not_before(), 30_000_000);
        backoff.failed(0, Some(u64::MAX));
        assert!(backoff.not_before() <= DELIVERY.longest, "a mad word does not stop us for ever");
        backoff.reset();
        assert!(backoff.not_before() <= 0);
    }
}
