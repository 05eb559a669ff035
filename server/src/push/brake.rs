//! Stops the sender while the gateway refuses this server and not a phone: a wrong project, a key
//! that was taken back, a used-up quota. Nothing is erased or abandoned meanwhile, and an operator
//! sees it: the metric `toruk_push_stopped`, a line of level `ERROR`, a task on the sysadmin's page.
//!
//! # Why not at the first such answer
//! One phone's token may be of another project, and its owner decides which token it registers. So
//! it takes answers about several tokens, or many, without a push accepted in between, and then one
//! push at a time still tries whether the gateway is well again.

use crate::lock::lock;
use std::collections::BTreeSet;
use std::sync::Mutex;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Tokens refused in a row after which the sender stops.
const TOKENS_MAX: usize = 3;
/// Answers in a row, also about one token, after which the sender stops.
const ANSWERS_MAX: u32 = 12;
/// Wait between two tries while the sender is stopped.
const TRY_EVERY: TimeSpan = TimeSpan::seconds(30);

/// The number of pushes that may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowance {
    /// Any number.
    All,
    /// One, to see whether the gateway is well again.
    One,
    /// None before this time.
    NoneBefore(Timestamp),
}

/// The answers of the gateway about this server, as far as they are in a row.
#[derive(Debug, Default)]
pub(super) struct Brake(Mutex<Refusals>);

#[derive(Debug, Default)]
struct Refusals {
    tokens: BTreeSet<String>,
    answers: u32,
    /// The time of the next try, while the sender is stopped.
    next_try: Option<Timestamp>,
}

impl Brake {
    /// The number of pushes that may be sent at `now`. [`Allowance::One`] is given once for each
    /// try.
    pub(super) fn allowance(&self, now: Timestamp) -> Allowance {
        let mut refusals = lock(&self.0);
        match refusals.next_try {
            None => Allowance::All,
            Some(at) if now < at => Allowance::NoneBefore(at),
            Some(_) => {
                refusals.next_try = Some(now + TRY_EVERY);
                Allowance::One
            }
        }
    }

    /// The time of the next try, while the sender is stopped.
    pub(super) fn stopped_until(&self) -> Option<Timestamp> {
        lock(&self.0).next_try
    }

    /// Takes in that the gateway knows this server: it accepted a push, or spoke about its phone.
    pub(super) fn released(&self) {
        let before = std::mem::take(&mut *lock(&self.0));
        if before.next_try.is_some() {
            tracing::info!("the push gateway accepts this server again");
            show(false);
        }
    }

    /// Takes in that the gateway refused this server's account, project or quota.
    pub(super) fn refused(&self, token: &str, reason: &str, now: Timestamp) {
        let mut refusals = lock(&self.0);
        refusals.answers += 1;
        if refusals.tokens.len() < TOKENS_MAX {
            refusals.tokens.insert(token.to_owned());
        }
        let is_enough = refusals.tokens.len() >= TOKENS_MAX || refusals.answers >= ANSWERS_MAX;
        if is_enough && refusals.next_try.is_none() {
            refusals.next_try = Some(now + TRY_EVERY);
            tracing::error!(reason, "pushes are stopped: the gateway refuses this server");
            show(true);
        }
    }
}

fn show(is_stopped: bool) {
    metrics::gauge!("toruk_push_stopped").set(f64::from(u8::from(is_stopped)));
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    #[test]
    fn one_phone_of_another_project_stops_nobody_soon_and_several_stop_the_sender() {
        let brake = Brake::default();
        for _ in 1..ANSWERS_MAX {
            brake.refused("a", "403 SENDER_ID_MISMATCH", NOW);
            assert_eq!(brake.allowance(NOW), Allowance::All);
        }
        brake.released();
        for token in ["a", "b"] {
            brake.refused(token, "403", NOW);
        }
        brake.released();
        brake.refused("c", "403", NOW);
        assert_eq!(brake.allowance(NOW), Allowance::All, "one was accepted in between");
        brake.refused("a", "403", NOW);
        brake.refused("b", "403", NOW);
        assert_eq!(brake.allowance(NOW), Allowance::NoneBefore(NOW + TRY_EVERY));
    }

    #[test]
    fn a_stopped_sender_tries_one_push_at_a_time_until_one_is_accepted() {
        let brake = Brake::default();
        for token in ["a", "b", "c"] {
            brake.refused(token, "401", NOW);
        }
        let later = NOW + TRY_EVERY;
        assert_eq!(brake.allowance(later), Allowance::One);
        assert_eq!(brake.allowance(later), Allowance::NoneBefore(later + TRY_EVERY));
        brake.refused("d", "401", later);
        assert_eq!(brake.stopped_until(), Some(later + TRY_EVERY));
        brake.released();
        assert_eq!((brake.allowance(later), brake.stopped_until()), (Allowance::All, None));
    }
}
