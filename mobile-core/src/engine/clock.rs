//! The server's clock, estimated from the phone's monotonic one. The wall clock is not used.
//!
//! A sample is four stamps: sent and received by the phone, received and sent by the server. The
//! server's time lies within half the round trip of the middle, so the sample with the smallest
//! round trip wins; an old sample loses precision by the drift of two quartz clocks.
//!
//! # Why a speed
//! In a sandbox the server's clock runs faster than time (`RuleProfile::clock_speed`). The phone's
//! monotonic time is multiplied by it here and nowhere else.

use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::ServerTime;

/// A moment of the phone's monotonic clock, microseconds from an unknown start.
pub type Mono = i64;

/// The largest drift between two clocks: 100 millionths.
const DRIFT_DIVISOR: i64 = 10_000;
/// The smallest uncertainty of an estimate, microseconds: threads wait, too.
const UNCERTAINTY_MIN_US: i64 = 1_000;
/// The assumed delay of a one-way message, microseconds, before any exchange.
const ONE_WAY_US: i64 = 1_000_000;

/// The server's time and its largest error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// The estimated server time.
    pub time: Timestamp,
    /// The largest error of `time`, either way.
    pub uncertainty: TimeSpan,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    offset: i64,
    half: i64,
    at: i64,
}

/// The best estimate so far.
#[derive(Debug)]
pub struct ServerClock {
    speed: i64,
    best: Option<Sample>,
}

impl Default for ServerClock {
    fn default() -> Self {
        Self { speed: 1, best: None }
    }
}

impl ServerClock {
    /// Sets the speed of the server's clock; a change voids the estimate.
    pub fn set_speed(&mut self, speed: u32) {
        let speed = i64::from(speed.max(1));
        if self.speed != speed {
            *self = Self { speed, best: None };
        }
    }

    /// The speed at which the server's clock runs.
    pub fn speed(&self) -> i64 {
        self.speed
    }

    /// Takes in a four-stamp exchange. Returns `true` if the estimate changed.
    pub fn exchanged(&mut self, sent: Mono, server: ServerTime, received: Mono) -> bool {
        let (sent, received) = (self.base(sent), self.base(received));
        let served = (server.sent_at - server.received_at).0;
        let round_trip = received.saturating_sub(sent).saturating_sub(served);
        // A negative round trip beyond the clocks' resolution is a false stamp.
        if received < sent || served < 0 || round_trip < -self.grain() {
            return false;
        }
        let there = server.received_at.0.saturating_sub(sent);
        let back = server.sent_at.0.saturating_sub(received);
        let offset = there / 2 + back / 2 + (there % 2 + back % 2) / 2;
        let half = (round_trip.max(0) / 2).max(UNCERTAINTY_MIN_US);
        self.offer(Sample { offset, half, at: received })
    }

    /// Takes in a time that the server sent unasked. Returns `true` if a new exchange is needed:
    /// there was no estimate, or the server is ahead of it by more than the uncertainty.
    pub fn received(&mut self, server: Timestamp, at: Mono) -> bool {
        let at = self.base(at);
        // The message was sent before it arrived, so this is the least possible offset.
        let least = server.0.saturating_sub(at);
        let Some(best) = self.best else {
            let half = ONE_WAY_US.saturating_mul(self.speed) / 2;
            self.best = Some(Sample { offset: least.saturating_add(half), half, at });
            return true;
        };
        let off = least.saturating_sub(best.offset);
        off > best.half_at(at) || off < -60 * ONE_WAY_US.saturating_mul(self.speed)
    }

    /// The server's time now; `None` before the first sample.
    pub fn now(&self, now: Mono) -> Option<Estimate> {
        let (best, now) = (self.best?, self.base(now));
        let time = Timestamp(best.offset.saturating_add(now));
        Some(Estimate { time, uncertainty: TimeSpan(best.half_at(now)) })
    }

    fn offer(&mut self, sample: Sample) -> bool {
        let take = self.best.is_none_or(|best| {
            let standing = best.half_at(sample.at);
            let apart = sample.offset.saturating_sub(best.offset).saturating_abs();
            // Both can't be true: the server's clock was set, or the phone's stood still.
            let contradicts = apart > standing.saturating_add(sample.half);
            contradicts || sample.half <= standing
        });
        if take {
            self.best = Some(sample);
        }
        take
    }

    fn base(&self, at: Mono) -> i64 {
        at.saturating_mul(self.speed)
    }

    fn grain(&self) -> i64 {
        UNCERTAINTY_MIN_US.saturating_mul(self.speed)
    }
}

impl Sample {
    fn half_at(self, now: i64) -> i64 {
        self.half.saturating_add(now.saturating_sub(self.at).max(0) / DRIFT_DIVISOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000;

    fn server(received: i64, sent: i64) -> ServerTime {
        ServerTime { received_at: Timestamp(received), sent_at: Timestamp(sent) }
    }

    fn estimate(clock: &ServerClock, now: Mono) -> (i64, i64) {
        let estimate = clock.now(now).unwrap();
        (estimate.time.0, estimate.uncertainty.0)
    }

    #[test]
    fn the_servers_time_is_the_middle_of_the_exchange() {
        let mut clock = ServerClock::default();
        assert_eq!(clock.now(0), None);
        assert!(clock.exchanged(0, server(1_000 * S, 1_000 * S + 10_000), 110_000));
        assert_eq!(estimate(&clock, 110_000), (1_000 * S + 60_000, 50_000));
    }

    #[test]
    fn the_smallest_round_trip_wins_until_it_is_old() {
        let mut clock = ServerClock::default();
        clock.exchanged(0, server(1_000 * S, 1_000 * S), 20_000);
        assert!(!clock.exchanged(S, server(1_001 * S, 1_001 * S), S + 200_000), "slower");
        assert!(clock.exchanged(2 * S, server(1_002 * S, 1_002 * S), 2 * S + 8_000), "faster");
        let later = 2_000 * S;
        let stale = estimate(&clock, later).1;
        assert!(stale > 190_000, "an estimate grows old: {stale}");
        assert!(clock.exchanged(later, server(3_000 * S, 3_000 * S), later + 200_000));
    }

    #[test]
    fn a_sample_that_contradicts_the_estimate_replaces_it() {
        let mut clock = ServerClock::default();
        clock.exchanged(0, server(1_000 * S, 1_000 * S), 2_000);
        assert!(clock.exchanged(S, server(9_000 * S, 9_000 * S), S + 400_000));
        assert_eq!(estimate(&clock, S + 400_000).0, 9_000 * S + 200_000);
    }

    #[test]
    fn a_heartbeat_serves_before_the_first_exchange_and_notices_a_jump() {
        let mut clock = ServerClock::default();
        assert!(clock.received(Timestamp(1_000 * S), 0));
        assert_eq!(estimate(&clock, 0), (1_000 * S + 500_000, 500_000));
        clock.exchanged(0, server(1_000 * S, 1_000 * S), 20_000);
        assert!(!clock.received(Timestamp(1_001 * S), S + 300_000), "it may have been under way");
        assert!(clock.received(Timestamp(5_000 * S), 2 * S), "the server can't be there yet");
    }

    #[test]
    fn impossible_stamps_change_nothing() {
        let mut clock = ServerClock::default();
        for (sent, server, received) in [
            (10, server(5 * S, 5 * S), 5),          // received before it was sent
            (0, server(5 * S, 4 * S), 10),          // served backwards
            (0, server(0, 5 * S), 10),              // served longer than it took
            (i64::MIN, server(0, 0), i64::MIN + 1), // far ends of time do not overflow
        ] {
            clock.exchanged(sent, server, received);
        }
        assert!(clock.now(0).is_none_or(|estimate| estimate.uncertainty.0 >= UNCERTAINTY_MIN_US));
    }

    #[test]
    fn in_a_sandbox_the_servers_clock_runs_faster() {
        let mut clock = ServerClock::default();
        clock.set_speed(60);
        clock.exchanged(0, server(1_000 * S, 1_000 * S), 0);
        assert_eq!(estimate(&clock, 2 * S).0, 1_120 * S);
        clock.set_speed(60);
        assert!(clock.now(0).is_some());
        clock.set_speed(1);
        assert!(clock.now(0).is_none(), "another speed is another clock");
    }
}
