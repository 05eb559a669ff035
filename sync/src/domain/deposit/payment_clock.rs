//! The moment at which a payment counts, when the payment system's clock may be wrong.
//!
//! # Why its word is not enough
//! Payment systems send local time as UTC (six hours ahead in Bishkek), and run clocks that nobody
//! sets. A payer has no part in that. What is certain by our own clock is a span: money is not paid
//! before its attempt begins, nor after we have heard of it.

use crate::domain::time::{TimeSpan, Timestamp};

/// A payment system's time may miss the certain span by this much, because some state whole
/// minutes. Beyond it the clock is at fault.
pub const PAYMENT_CLOCK_TRUST: TimeSpan = TimeSpan::minutes(1);

/// The span in which a payment was made, by our clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentSpan {
    /// The beginning of the attempt.
    pub begun: Timestamp,
    /// The moment at which we had heard of the payment.
    pub heard: Timestamp,
}

/// The moment at which a payment counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedTime {
    /// Always within the certain span.
    pub at: Timestamp,
    /// The least by which the payment system's clock is ahead, or behind if negative, when that is
    /// more than [`PAYMENT_CLOCK_TRUST`]: for people to look at.
    pub clock_fault: Option<TimeSpan>,
}

impl PaymentSpan {
    /// The moment at which a payment that is stated to be of `stated` counts: the nearest one of
    /// the span, or, if the clock is at fault, its first one, which decides for the payer.
    pub fn counted(self, stated: Timestamp) -> CountedTime {
        let nearest = stated.min(self.heard).max(self.begun);
        let off = stated - nearest;
        if off.0.unsigned_abs() <= PAYMENT_CLOCK_TRUST.0.unsigned_abs() {
            return CountedTime { at: nearest, clock_fault: None };
        }
        CountedTime { at: self.begun, clock_fault: Some(off) }
    }
}
