//! How much one address, or one session, may ask of the server.
//!
//! # Why they are generous
//! Mobile carriers put thousands of people behind one address. So a limit by address holds only
//! for requests without a session, is far above what a crowd of honest people needs, and never
//! touches a participant's bid, which has limits of its own (see `auction::bidding`).
//!
//! # Why real time
//! The clock of decisions stands still or jumps in tests and demonstrations, and is corrected in
//! service. A bucket refills with the time that passes.

use crate::address::ClientAddress;
use crate::clock::stopwatch::Stopwatch;
use crate::lock::lock;
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::{Quota, RateLimiter};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Addresses or sessions that one limit keeps apart; further ones share one bucket until others are
/// full again and forgotten.
const TRACKED_MAX: usize = 100_000;

/// A bucket: so many requests at once, and then so many each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub burst: u32,
    pub per_second: u32,
}

/// The limits of one address and of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerLimits {
    /// Requests of one address to register, to sign in or to enrol; each takes two.
    pub sign_in: Allowance,
    /// Callbacks from one address, signed by the payment system or not.
    pub callbacks: Allowance,
    /// All other requests of one address without a session.
    pub public: Allowance,
    /// Requests of one session, except bids.
    pub session: Allowance,
    /// Live streams of observers of one address.
    pub observers_max: usize,
    /// Open connections of one address on which nobody is signed in.
    pub connections_max: usize,
}

/// Default for [`CallerLimits::observers_max`]: a fifth of what a node serves.
pub const ADDRESS_OBSERVERS_MAX: usize = 2_000;
/// Default for [`CallerLimits::connections_max`]: a fifth of what a node has.
pub const ADDRESS_CONNECTIONS_MAX: usize = 4_000;

impl Default for CallerLimits {
    /// Enough for some ten thousand honest people behind one address.
    fn default() -> Self {
        Self {
            sign_in: Allowance { burst: 1_200, per_second: 40 },
            callbacks: Allowance { burst: 1_000, per_second: 100 },
            public: Allowance { burst: 5_000, per_second: 500 },
            session: Allowance { burst: 2_000, per_second: 100 },
            observers_max: ADDRESS_OBSERVERS_MAX,
            connections_max: ADDRESS_CONNECTIONS_MAX,
        }
    }
}

/// The part of the server that a request without a session uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Registration, sign-in and enrolment.
    SignIn,
    /// Callbacks of the payment system.
    Callbacks,
    /// All that anybody may read.
    Public,
}

/// A session's token, as far as it tells sessions apart; it opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionDigest([u8; 16]);

impl SessionDigest {
    /// The digest of a token.
    pub fn of(token: &str) -> Self {
        let mut digest = [0; 16];
        digest.copy_from_slice(&Sha256::digest(token)[..16]);
        Self(digest)
    }
}

/// A limit that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit {limit} is used up")]
pub struct Exceeded {
    /// The limit's name, in headers and metrics.
    pub limit: &'static str,
    /// What the limit allows, in its unit.
    pub quota: u64,
    /// Seconds in which a used-up bucket is full again, or the unit of a limit on things held.
    pub scale: Scale,
    /// Seconds after which another attempt makes sense.
    pub retry_after_s: u64,
}

/// How a limit is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Requests within so many seconds.
    WindowS(u64),
    /// Things that are held at the same time, in this unit.
    Held(&'static str),
}

impl Exceeded {
    /// Value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
    pub fn policy(&self) -> String {
        let Self { limit, quota, scale, .. } = self;
        match scale {
            Scale::WindowS(seconds) => format!("\"{limit}\";q={quota};w={seconds}"),
            Scale::Held(unit) => format!("\"{limit}\";q={quota};qu=\"{unit}\""),
        }
    }

    /// Value of `RateLimit`: nothing is left, and more comes after so many seconds.
    pub fn remaining(&self) -> String {
        format!("\"{}\";r=0;t={}", self.limit, self.retry_after_s)
    }
}

/// All buckets of one node.
pub struct RateLimits {
    sign_in: Bucket<ClientAddress>,
    callbacks: Bucket<ClientAddress>,
    public: Bucket<ClientAddress>,
    session: Bucket<SessionDigest>,
}

impl RateLimits {
    /// Full buckets, which refill by `stopwatch`.
    pub fn new(limits: &CallerLimits, stopwatch: &Arc<dyn Stopwatch>) -> Self {
        Self {
            sign_in: Bucket::new("sign-in", limits.sign_in, stopwatch),
            callbacks: Bucket::new("callbacks", limits.callbacks, stopwatch),
            public: Bucket::new("public", limits.public, stopwatch),
            session: Bucket::new("session", limits.session, stopwatch),
        }
    }

    /// Counts a request without a session.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub fn count_address(&self, door: Door, address: ClientAddress) -> Result<(), Exceeded> {
        match door {
            Door::SignIn => self.sign_in.count(&address),
            Door::Callbacks => self.callbacks.count(&address),
            Door::Public => self.public.count(&address),
        }
    }

    /// Counts a request of a session.
    ///
    /// # Errors
    /// [`Exceeded`].
    pub fn count_session(&self, session: SessionDigest) -> Result<(), Exceeded> {
        self.session.count(&session)
    }

    /// Forgets the addresses and sessions whose buckets are full again.
    pub fn sweep(&self) {
        for bucket in [&self.sign_in, &self.callbacks, &self.public] {
            bucket.limiter.retain_recent();
        }
        self.session.limiter.retain_recent();
    }
}

/// One limit, with a bucket for each key.
struct Bucket<K: Hash + Eq + Clone> {
    name: &'static str,
    allowance: Allowance,
    limiter: RateLimiter<K, BoundedStore<K>, RealTime, NoOpMiddleware<Duration>>,
}

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(name: &'static str, allowance: Allowance, stopwatch: &Arc<dyn Stopwatch>) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(allowance.per_second));
        let quota = quota.allow_burst(at_least_one(allowance.burst));
        let store = BoundedStore { most: TRACKED_MAX, tracked: Mutex::default() };
        let limiter = RateLimiter::new(quota, store, RealTime(stopwatch.clone()));
        Self { name, allowance, limiter }
    }

    fn count(&self, key: &K) -> Result<(), Exceeded> {
        let Err(until) = self.limiter.check_key(key) else { return Ok(()) };
        let wait = until.wait_time_from(self.limiter.clock().now());
        metrics::counter!("toruk_requests_limited_total", "limit" => self.name).increment(1);
        let Allowance { burst, per_second } = self.allowance;
        Err(Exceeded {
            limit: self.name,
            quota: u64::from(burst),
            scale: Scale::WindowS(u64::from(burst.div_ceil(per_second.max(1)))),
            retry_after_s: wait.as_secs() + 1,
        })
    }
}

/// The stopwatch, as the buckets read it.
struct RealTime(Arc<dyn Stopwatch>);

impl GovernorClock for RealTime {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The state of the buckets in bounded memory.
struct BoundedStore<K> {
    most: usize,
    tracked: Mutex<TrackedBuckets<K>>,
}

struct TrackedBuckets<K> {
    each: HashMap<K, Nanos>,
    /// The bucket that all further keys share.
    others: Option<Nanos>,
}

impl<K> Default for TrackedBuckets<K> {
    fn default() -> Self {
        Self { each: HashMap::new(), others: None }
    }
}

impl<K: Hash + Eq + Clone> StateStore for BoundedStore<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut tracked = lock(&self.tracked);
        let known = tracked.each.get(key).copied();
        if known.is_none() && tracked.each.len() >= self.most {
            let (passed, state) = measure(tracked.others)?;
            tracked.others = Some(state);
            return Ok(passed);
        }
        let (passed, state) = measure(known)?;
        tracked.each.insert(key.clone(), state);
        Ok(passed)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for BoundedStore<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        lock(&self.tracked).each.retain(|_, state| *state > drop_below);
    }

    fn len(&self) -> usize {
        lock(&self.tracked).each.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct HandStopwatch(AtomicU64);

    impl Stopwatch for HandStopwatch {
        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    fn address(number: u32) -> ClientAddress {
        ClientAddress::of(Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn an_address_has_its_burst_and_then_its_pace() {
        let (hand, sign_in) =
            (Arc::new(HandStopwatch::default()), Allowance { burst: 3, per_second: 2 });
        let stopwatch: Arc<dyn Stopwatch> = hand.clone();
        let limits = RateLimits::new(&CallerLimits { sign_in, ..Default::default() }, &stopwatch);
        let count = |number| limits.count_address(Door::SignIn, address(number));
        for _ in 0..3 {
            count(1).unwrap();
        }
        let refused = count(1).unwrap_err();
        assert_eq!(refused.policy(), "\"sign-in\";q=3;w=2");
        assert_eq!(refused.remaining(), "\"sign-in\";r=0;t=1");
        // Neither another address nor another door is touched.
        count(2).unwrap();
        limits.count_address(Door::Public, address(1)).unwrap();
        hand.0.store(500, Ordering::Relaxed);
        count(1).unwrap();
        assert!(count(1).is_err());
        assert_eq!(limits.sign_in.limiter.len(), 2);
        hand.0.store(60_000, Ordering::Relaxed);
        limits.sweep();
        assert!(limits.sign_in.limiter.is_empty());
    }

    #[test]
    fn addresses_beyond_the_bound_share_one_bucket() {
        let store = BoundedStore { most: 2, tracked: Mutex::default() };
        let quota = Quota::per_second(NonZeroU32::MIN);
        let stopwatch: Arc<dyn Stopwatch> = Arc::new(HandStopwatch::default());
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Duration>> =
            RateLimiter::new(quota, store, RealTime(stopwatch));
        let passes: Vec<bool> = [1, 2, 1, 3, 4, 2]
            .into_iter()
            .map(|number| limiter.check_key(&address(number)).is_ok())
            .collect();
        assert_eq!(passes, [true, true, false, true, false, false]);
        assert_eq!(limiter.len(), 2);
    }
}
