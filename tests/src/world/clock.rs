//! Clocks that a test or the demo moves: by hand, or real time at a multiple.

use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use toruk_server::clock::stopwatch::Stopwatch;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

pub use toruk_server::clock::Clock;

/// A function that reads a clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Reads `clock`, for what only needs to know the time.
pub fn reader(clock: Arc<dyn Clock>) -> Now {
    Arc::new(move || clock.now())
}

/// Stands still until a test moves it; then everything that waited for the moment wakes.
#[derive(Debug)]
pub struct ManualClock {
    shown: watch::Sender<Timestamp>,
    /// Its authority's time less its own, microseconds.
    behind: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Arc<Self> {
        Arc::new(Self { shown: watch::Sender::new(start), behind: AtomicI64::new(0) })
    }

    /// Moves the clock that this one follows, by `span` from the time shown: it is not trusted until
    /// it is reset.
    pub fn move_authority(&self, span: TimeSpan) {
        self.behind.store(span.0, Ordering::SeqCst);
    }

    /// Shows another moment. It may lie in the past: clocks do step back.
    pub fn set(&self, at: Timestamp) {
        self.shown.send_replace(at);
    }

    /// Moves forward by `span`.
    pub fn advance(&self, span: TimeSpan) {
        self.shown.send_modify(|shown| *shown = *shown + span);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.shown.borrow()
    }

    fn uncertainty(&self) -> TimeSpan {
        TimeSpan(self.behind.load(Ordering::SeqCst).abs())
    }

    fn authority(&self) -> Timestamp {
        self.now() + TimeSpan(self.behind.load(Ordering::SeqCst))
    }

    fn reset(&self) {
        let behind = TimeSpan(self.behind.swap(0, Ordering::SeqCst));
        self.shown.send_modify(|shown| *shown = *shown + behind);
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut shown = self.shown.subscribe();
        Box::pin(async move {
            if shown.wait_for(|now| *now >= at).await.is_err() {
                // A clock that is gone never shows the moment.
                std::future::pending::<()>().await;
            }
        })
    }
}

/// Real, monotonic time from a given start, `speed` times as fast.
#[derive(Debug, Clone, Copy)]
pub struct ScaledClock {
    start: Timestamp,
    began: tokio::time::Instant,
    speed: u32,
}

impl ScaledClock {
    /// A clock that showed `start` at the real moment `began` and runs `speed` times as fast as
    /// real time; 0 counts as 1.
    pub fn new(start: Timestamp, began: tokio::time::Instant, speed: u32) -> Arc<Self> {
        Arc::new(Self { start, began, speed: speed.max(1) })
    }

    /// The real time that `span` of this clock takes; 0 when `span` is negative.
    pub fn real(&self, span: TimeSpan) -> Duration {
        let microseconds = u64::try_from(span.0).unwrap_or(0);
        Duration::from_micros(microseconds.div_ceil(u64::from(self.speed)))
    }
}

impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        let elapsed = self.began.elapsed().as_micros().saturating_mul(u128::from(self.speed));
        self.start + TimeSpan(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let clock = *self;
        Box::pin(async move {
            // A timer may fire a little early; the moment must have come.
            while clock.now() < at {
                tokio::time::sleep(clock.real(at - clock.now())).await;
            }
        })
    }
}

/// Real time that a test may set forward: what people and programs do takes the time it takes,
/// and nobody waits for a deadline half an hour away.
#[derive(Debug)]
pub struct LeapingClock {
    real: ScaledClock,
    ahead: watch::Sender<TimeSpan>,
}

impl LeapingClock {
    /// A clock that shows `start` now.
    pub fn new(start: Timestamp) -> Arc<Self> {
        let real = ScaledClock { start, began: tokio::time::Instant::now(), speed: 1 };
        Arc::new(Self { real, ahead: watch::Sender::new(TimeSpan::ZERO) })
    }

    /// Shows `at` at once, unless that is past; then everything that waited for it wakes.
    pub fn leap_to(&self, at: Timestamp) {
        self.ahead.send_modify(|ahead| *ahead = TimeSpan((at - self.real.now()).0.max(ahead.0)));
    }
}

impl Clock for LeapingClock {
    fn now(&self) -> Timestamp {
        self.real.now() + *self.ahead.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let (real, mut ahead) = (self.real, self.ahead.subscribe());
        Box::pin(async move {
            loop {
                let left = at - (real.now() + *ahead.borrow_and_update());
                if left.0 <= 0 {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(real.real(left)) => {}
                    // A clock that is gone does not leap any more.
                    Ok(()) = ahead.changed() => {}
                }
            }
        })
    }
}

/// Real time as a test moves it, for what a process missed while it was stuck. It stands still
/// otherwise: a machine that is slow under many tests must not look like an outage.
#[derive(Debug, Default)]
pub struct LeapingStopwatch(AtomicU64);

impl LeapingStopwatch {
    /// Moves the stopwatch forward by `span`.
    pub fn leap(&self, span: Duration) {
        let us = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        self.0.fetch_add(us, Ordering::SeqCst);
    }
}

impl Stopwatch for LeapingStopwatch {
    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const START: Timestamp = Timestamp(1_790_000_000_000_000);

    #[test]
    fn a_manual_clock_wakes_those_who_waited_for_the_moment_and_nobody_else() {
        let clock = ManualClock::new(START);
        let due = START + TimeSpan::minutes(5);
        let mut at_the_deadline = clock.sleep_until(due);
        let mut a_tick_later = clock.sleep_until(due + Timestamp::TICK);
        assert!((&mut at_the_deadline).now_or_never().is_none());
        clock.advance(TimeSpan::minutes(5));
        assert_eq!(clock.now(), due);
        assert!((&mut at_the_deadline).now_or_never().is_some());
        assert!((&mut a_tick_later).now_or_never().is_none());
        clock.set(due + TimeSpan::hours(1));
        assert!(a_tick_later.now_or_never().is_some());
        assert!(clock.sleep_until(due).now_or_never().is_some());
    }

    #[test]
    fn a_reader_follows_its_clock() {
        let clock = ManualClock::new(START);
        let now = reader(clock.clone());
        clock.advance(TimeSpan::seconds(7));
        assert_eq!(now(), START + TimeSpan::seconds(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_leaping_clock_runs_as_ours_and_wakes_those_it_leaps_past() {
        let clock = LeapingClock::new(START);
        clock.sleep_until(START + TimeSpan::seconds(3)).await;
        assert!(clock.now() - START < TimeSpan::seconds(4));
        let due = START + TimeSpan::hours(1);
        let mut waiting = clock.sleep_until(due);
        assert!((&mut waiting).now_or_never().is_none());
        clock.leap_to(due);
        assert_eq!(clock.now(), due);
        assert!(waiting.now_or_never().is_some());
        clock.leap_to(START);
        assert_eq!(clock.now(), due);
    }

    #[tokio::test(start_paused = true)]
    async fn a_scaled_clock_plays_an_hour_in_a_minute() {
        let began = tokio::time::Instant::now();
        let clock = ScaledClock::new(START, began, 60);
        assert_eq!(clock.now(), START);
        clock.sleep_until(START + TimeSpan::hours(1)).await;
        assert!(clock.now() >= START + TimeSpan::hours(1));
        let took = began.elapsed();
        assert!((60_000..60_100).contains(&took.as_millis()), "took {took:?}");
    }
}
