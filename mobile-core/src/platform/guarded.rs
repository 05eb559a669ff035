//! Makes services safe that can't report a failure: an app's clock or entropy may throw, or call
//! the core.

use super::{Clock, Entropy, Platform, SoftSigner};
use hkdf::Hkdf;
use sha2::Sha256;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// The length of the seed from which all randomness is derived.
const SEED_BYTES: u32 = 32;

/// Wraps the platform's services. A clock that throws or goes back stands still. Entropy is asked
/// once, for a seed; if that throws, there is none. Without a signer of the platform, bids are
/// signed with a key in the secure store.
pub fn guarded(platform: Platform) -> Platform {
    let (clock, entropy) = (platform.clock, platform.entropy);
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(entropy.as_ref()));
    let secure_store = platform.secure_store;
    let signer = platform.signer.unwrap_or_else(|| {
        Arc::new(SoftSigner::new(Arc::clone(&secure_store), Arc::clone(&entropy)))
    });
    let clock = Arc::new(MonotonicClock {
        inner: clock,
        monotonic: AtomicI64::new(i64::MIN),
        wall: AtomicI64::new(0),
    });
    Platform { clock, entropy, signer: Some(signer), secure_store, ..platform }
}

/// A clock with its last values.
struct MonotonicClock {
    inner: Arc<dyn Clock>,
    monotonic: AtomicI64,
    wall: AtomicI64,
}

impl Clock for MonotonicClock {
    fn monotonic_us(&self) -> i64 {
        match catch_panic(|| self.inner.monotonic_us()) {
            Some(now) => self.monotonic.fetch_max(now, Ordering::Relaxed).max(now),
            // If it never ran, any value is right.
            None => self.monotonic.load(Ordering::Relaxed).max(0),
        }
    }

    fn wall_us(&self) -> i64 {
        if let Some(now) = catch_panic(|| self.inner.wall_us()) {
            self.wall.store(now, Ordering::Relaxed);
        }
        self.wall.load(Ordering::Relaxed)
    }
}

/// Bytes from one seed, by HKDF with a counter.
///
/// # Why not the app's entropy each time
/// Every sealed value needs a nonce under the store's lock: a call into the app would be slow
/// there, and might call the core again.
struct SeededEntropy {
    seed: Option<Hkdf<Sha256>>,
    drawn: AtomicU64,
}

impl SeededEntropy {
    fn new(entropy: &dyn Entropy) -> Self {
        let seed = catch_panic(|| entropy.bytes(SEED_BYTES)).unwrap_or_default();
        let seed = Some(seed).filter(|seed| seed.len() == SEED_BYTES as usize);
        let seed = seed.map(|seed| Hkdf::new(Some(b"toruk entropy v1"), &seed));
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn bytes(&self, count: u32) -> Vec<u8> {
        let Some(seed) = &self.seed else { return Vec::new() };
        let draw = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut bytes = vec![0; count as usize];
        match seed.expand(&draw.to_be_bytes(), &mut bytes) {
            Ok(()) => bytes,
            // HKDF's limit is 8 160 bytes at once.
            Err(_) => Vec::new(),
        }
    }
}

/// Returns the call's result; `None` if it panics, which is how an app's exception arrives here.
pub(crate) fn catch_panic<T>(call: impl FnOnce() -> T) -> Option<T> {
    let called = catch_unwind(AssertUnwindSafe(call));
    called.inspect_err(|_| tracing::error!("a service of the app threw")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that the test sets, as a person does.
    struct AdjustableClock(AtomicI64);

    impl Clock for AdjustableClock {
        fn monotonic_us(&self) -> i64 {
            self.0.load(Ordering::Relaxed)
        }
        fn wall_us(&self) -> i64 {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn a_monotonic_clock_that_goes_back_stands_and_a_wall_clock_may() {
        let set = Arc::new(AdjustableClock(AtomicI64::new(50)));
        let steady = MonotonicClock {
            inner: set.clone(),
            monotonic: AtomicI64::new(i64::MIN),
            wall: AtomicI64::new(0),
        };
        assert_eq!((steady.monotonic_us(), steady.wall_us()), (50, 50));
        set.0.store(20, Ordering::Relaxed);
        assert_eq!((steady.monotonic_us(), steady.wall_us()), (50, 20));
        set.0.store(60, Ordering::Relaxed);
        assert_eq!(steady.monotonic_us(), 60);
    }

    /// An entropy source with at most this many bytes.
    struct ShortEntropy(u32);

    impl Entropy for ShortEntropy {
        fn bytes(&self, count: u32) -> Vec<u8> {
            vec![9; count.min(self.0) as usize]
        }
    }

    #[test]
    fn one_seed_gives_bytes_that_do_not_repeat_and_too_short_a_seed_gives_none() {
        let seeded = SeededEntropy::new(&ShortEntropy(SEED_BYTES));
        let (first, second) = (seeded.bytes(24), seeded.bytes(24));
        assert_eq!((first.len(), second.len()), (24, 24));
        assert_ne!(first, second);
        assert!(SeededEntropy::new(&ShortEntropy(SEED_BYTES - 1)).bytes(24).is_empty());
    }
}
