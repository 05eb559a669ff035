//! Estimates the database's clock from answers that took some time to arrive. Pure: local time
//! comes in as a number.
//!
//! # How
//! An answer carries the authority's time at some moment between the question and its arrival, so
//! the middle of the two is wrong by at most half the round trip. As the answer ages, both clocks'
//! drift is added. The best of the recent answers counts. The time shown never runs back and never
//! jumps: it is slewed towards what the answers say, and until it gets there, the distance is part
//! of the uncertainty. A database whose clock was set is therefore not trusted until the time shown
//! has caught up, or is set as well.

use std::collections::VecDeque;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Most answers that are remembered.
const ANSWERS_MAX: usize = 16;
/// Two quartz clocks drift apart by less than this, parts per million, also while one of them is
/// slewed by NTP at its fastest.
const DRIFT_PPM: i64 = 600;
/// Rate at which the time shown is slewed, parts per million: 50 ms in a second.
const SLEW_PPM: i64 = 50_000;
const MILLION: i64 = 1_000_000;

/// The content of one answer: the authority's clock minus the local one.
#[derive(Debug, Clone, Copy)]
struct ClockReply {
    offset: i64,
    half_trip: i64,
    local: i64,
}

impl ClockReply {
    fn uncertainty(&self, local: i64) -> i64 {
        self.half_trip + drift(local - self.local)
    }

    fn contradicts(&self, other: &Self, local: i64) -> bool {
        let apart = (self.offset - other.offset).abs();
        apart > self.uncertainty(local) + other.uncertainty(local)
    }
}

/// Follows the authority's clock. All numbers are microseconds.
#[derive(Debug)]
pub struct Estimate {
    answers: VecDeque<ClockReply>,
    /// Local time, and the time shown at that moment.
    shown: (i64, i64),
}

/// The authority's time as known at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The time to stamp with; never before an earlier reading's.
    pub now: Timestamp,
    /// The authority's clock is within this of `now`, either way.
    pub uncertainty: TimeSpan,
    /// The authority's time, by the best answer.
    pub authority: Timestamp,
    /// The authority's clock minus the local one, by the best answer.
    pub offset: TimeSpan,
}

impl Estimate {
    /// Starts from a first answer: `authority` is the time it carried, `asked` and `heard` are
    /// local times.
    pub fn new(asked: i64, heard: i64, authority: Timestamp) -> Self {
        let first = answer(asked, heard, authority);
        let shown = (heard, heard + first.offset);
        Self { answers: VecDeque::from([first]), shown }
    }

    /// Takes in another answer.
    pub fn add(&mut self, asked: i64, heard: i64, authority: Timestamp) {
        let new = answer(asked, heard, authority);
        // A clock that was set invalidates all its earlier answers.
        self.answers.retain(|old| !old.contradicts(&new, heard));
        self.answers.push_back(new);
        if self.answers.len() > ANSWERS_MAX {
            self.answers.pop_front();
        }
    }

    /// The time at the local moment `local`.
    pub fn read(&mut self, local: i64) -> Reading {
        let (last_local, last_shown) = self.shown;
        let local = local.max(last_local);
        let best = self.best(local);
        let passed = local - last_local;
        let natural = last_shown + passed;
        let most = passed.saturating_mul(SLEW_PPM) / MILLION;
        let towards = local + best.offset - natural;
        let shown = natural + towards.clamp(-most, most);
        self.shown = (local, shown);
        let away = (local + best.offset - shown).abs();
        Reading {
            now: Timestamp(shown),
            uncertainty: TimeSpan(best.uncertainty(local) + away),
            authority: Timestamp(local + best.offset),
            offset: TimeSpan(best.offset),
        }
    }

    /// Shows the authority's time from the local moment `local` on, forwards or backwards.
    pub fn reset(&mut self, local: i64) {
        let local = local.max(self.shown.0);
        self.shown = (local, local + self.best(local).offset);
    }

    fn best(&self, local: i64) -> ClockReply {
        let best = self.answers.iter().min_by_key(|answer| answer.uncertainty(local));
        // There is always one: the newest contradicts nothing.
        best.copied().unwrap_or(ClockReply { offset: 0, half_trip: i64::MAX / 4, local })
    }
}

fn answer(asked: i64, heard: i64, authority: Timestamp) -> ClockReply {
    let local = asked + (heard - asked) / 2;
    ClockReply { offset: authority.0 - local, half_trip: (heard - asked + 1) / 2, local }
}

fn drift(age: i64) -> i64 {
    age.max(0).saturating_mul(DRIFT_PPM) / MILLION + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::CLOCK_UNCERTAINTY_MAX;

    const SECOND: i64 = 1_000_000;
    const START: i64 = 1_790_000_000 * SECOND;

    /// Test double: a database, the way to it, and a node that follows its clock.
    struct Scene {
        estimate: Estimate,
        local: i64,
        /// The database's clock minus the local one at local time 0.
        ahead: i64,
        /// Its rate relative to the local clock, parts per million.
        faster_ppm: i64,
        last: Timestamp,
    }

    impl Scene {
        fn new(faster_ppm: i64) -> Self {
            let estimate = Estimate::new(0, 2_000, Timestamp(START + 1_000));
            let last = Timestamp(0);
            Self { estimate, local: 2_000, ahead: START, faster_ppm, last }
        }

        fn truth(&self, local: i64) -> i64 {
            self.ahead + local + local * self.faster_ppm / MILLION
        }

        /// Adds an answer that took `there` and `back`.
        fn ask(&mut self, there: i64, back: i64) {
            let asked = self.local;
            let said = Timestamp(self.truth(asked + there));
            self.local = asked + there + back;
            self.estimate.add(asked, self.local, said);
        }

        fn pass(&mut self, span: i64) {
            self.local += span;
        }

        /// Checks the invariants: time does not run back, and the truth is within the uncertainty.
        fn read(&mut self) -> Reading {
            let reading = self.estimate.read(self.local);
            assert!(reading.now >= self.last, "time ran back");
            self.last = reading.now;
            let wrong = (reading.now.0 - self.truth(self.local)).abs();
            assert!(wrong <= reading.uncertainty.0, "wrong by {wrong}: {reading:?}");
            reading
        }
    }

    #[test]
    fn the_truth_is_within_the_uncertainty_however_lopsided_the_way() {
        for faster_ppm in [-500, -30, 0, 30, 500] {
            let mut scene = Scene::new(faster_ppm);
            for round in 0..600 {
                let there = [200, 90_000, 1_500, 40][round % 4];
                let back = [30, 700, 120_000, 900, 60][round % 5];
                scene.ask(there, back);
                for _ in 0..10 {
                    scene.pass(SECOND / 10);
                    scene.read();
                }
            }
            assert!(scene.read().uncertainty < TimeSpan(20_000), "{faster_ppm}");
        }
    }

    #[test]
    fn a_slow_answer_does_not_spoil_a_good_one() {
        let mut scene = Scene::new(0);
        scene.ask(100, 100);
        scene.ask(SECOND, 10);
        assert!(scene.read().uncertainty < TimeSpan(1_000));
    }

    #[test]
    fn an_outage_makes_the_clock_unsure_until_the_database_answers_again() {
        let mut scene = Scene::new(300);
        scene.ask(100, 100);
        scene.pass(60 * SECOND);
        assert!(scene.read().uncertainty <= CLOCK_UNCERTAINTY_MAX, "a minute is no harm");
        scene.pass(60 * SECOND);
        assert!(scene.read().uncertainty > CLOCK_UNCERTAINTY_MAX);
        for _ in 0..3 {
            scene.ask(100, 100);
            scene.pass(SECOND);
            scene.read();
        }
        assert!(scene.read().uncertainty <= CLOCK_UNCERTAINTY_MAX);
    }

    #[test]
    fn a_database_whose_clock_was_set_is_not_trusted_and_time_neither_jumps_nor_runs_back() {
        for jump in [-3_600 * SECOND, -SECOND, SECOND, 3_600 * SECOND] {
            let mut scene = Scene::new(0);
            scene.ask(100, 100);
            let before = scene.read();
            scene.ahead += jump;
            scene.ask(100, 100);
            let after = scene.read();
            assert!(after.uncertainty > CLOCK_UNCERTAINTY_MAX, "{jump}");
            assert!((after.now - before.now) < TimeSpan(1_000), "{jump}: it jumped");
        }
    }

    #[test]
    fn after_a_jump_the_clock_is_set_and_trusted_at_once() {
        for jump in [-3_600 * SECOND, -SECOND, SECOND, 3_600 * SECOND] {
            let mut scene = Scene::new(0);
            scene.ask(100, 100);
            scene.read();
            scene.ahead += jump;
            scene.ask(100, 100);
            assert!(scene.read().uncertainty > CLOCK_UNCERTAINTY_MAX, "{jump}");
            scene.estimate.reset(scene.local);
            scene.last = Timestamp(0);
            let set = scene.read();
            assert!(set.uncertainty < TimeSpan(1_000), "{jump}: {set:?}");
            assert_eq!(set.now, set.authority);
        }
    }

    #[test]
    fn a_small_correction_is_slewed_and_trusted_again_when_it_is_done() {
        for jump in [-200_000, 200_000] {
            let mut scene = Scene::new(0);
            scene.ask(100, 100);
            scene.read();
            scene.ahead += jump;
            let mut untrusted = 0;
            for _ in 0..10 {
                scene.ask(100, 100);
                untrusted += i32::from(scene.read().uncertainty > CLOCK_UNCERTAINTY_MAX);
                scene.pass(SECOND);
            }
            assert!((3..=5).contains(&untrusted), "{jump}: {untrusted} s");
            let done = scene.read();
            assert!(done.uncertainty < TimeSpan(2_000), "{jump}: {done:?}");
        }
    }

    #[test]
    fn readings_in_one_microsecond_are_the_same() {
        let mut scene = Scene::new(0);
        assert_eq!(scene.read(), scene.read());
    }
}
