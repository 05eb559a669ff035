//! Ids and secrets from the operating system. Made in `main` and in the demonstration only; tests
//! use seeded ones.

use crate::clock::Clock;
use crate::ports::Ids;
use std::sync::Arc;
use uuid::{Builder, Uuid};

/// Ids from the clock and the system's randomness.
pub struct SystemIds {
    clock: Arc<dyn Clock>,
}

impl SystemIds {
    /// Ids that begin with this clock's time.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl Ids for SystemIds {
    fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().0 / 1_000).unwrap_or_default();
        let secret = self.secret();
        let mut random = [0; 10];
        random.copy_from_slice(&secret[..10]);
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// # Panics
    /// If the operating system has no randomness: otherwise secrets would be guessable.
    #[allow(clippy::disallowed_methods)] // The one place that draws.
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("no randomness: {error}"));
        bytes
    }
}
