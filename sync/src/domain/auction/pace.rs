//! How fast one participant may bid: a bucket of tokens that refills with time alone.
//!
//! # Why the bucket is not in the log
//! It counts every attempt before anything else about it is looked at, and most attempts of a
//! participant who never pauses are not worth a record. The fold of the log could therefore not
//! hold it. The node that receives the bids keeps it, and the rules receive the result in
//! [`Bid::hasty`](super::bidding::Bid::hasty). A rejected attempt takes nothing, so that a
//! participant who never pauses is slowed to the rate of the refill, and never shut out.

use crate::domain::rules::RuleProfile;
use crate::domain::time::{TimeSpan, Timestamp};

/// The tokens of one participant in one auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// The moment from which the bucket is full; `None` before the first attempt.
    full_at: Option<Timestamp>,
}

impl Pace {
    /// Takes a token for an attempt received at `at`. Returns `false`, and takes nothing, if there
    /// is none: the attempt is hasty.
    ///
    /// The bucket holds [`RuleProfile::bid_burst`] tokens; one comes back each
    /// [`RuleProfile::bid_interval_min`].
    pub fn take(&mut self, rules: &RuleProfile, at: Timestamp) -> bool {
        let interval = rules.bid_interval_min;
        if interval <= TimeSpan::ZERO {
            return true;
        }
        let full_at = self.full_at.map_or(at, |full_at| full_at.max(at)) + interval;
        let room = TimeSpan(interval.0.saturating_mul(i64::from(rules.bid_burst())));
        if full_at - at > room {
            return false;
        }
        self.full_at = Some(full_at);
        true
    }
}
