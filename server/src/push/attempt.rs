//! The result of one attempt to send a push, for its row and for the phones.

use super::store::{AttemptOutcome, Due, Phone};
use crate::ports::PushError;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Attempts after which a push is abandoned.
const ATTEMPTS_MAX: i64 = 8;
/// Longest wait between attempts when the gateway names none.
const BACKOFF_MAX: TimeSpan = TimeSpan::minutes(5);
/// Longest wait the gateway may ask for.
const RETRY_AFTER_MAX: TimeSpan = TimeSpan::hours(1);
/// Longest reason that is stored, in characters.
const FAILURE_CHARS_MAX: usize = 300;

/// The result of one attempt.
pub(super) struct Attempt {
    pub(super) sent: usize,
    pub(super) gone: Vec<Phone>,
    pub(super) next: AttemptOutcome,
}

/// The fate of a push to one phone.
pub(super) enum Sent {
    /// It was handed over, or was not.
    Answered(Result<(), PushError>),
    /// The gateway refuses this server: nothing was asked, and nothing is before this time.
    Held(Timestamp),
}

/// Combines the answers for one person's phones into a result.
pub(super) fn judge(answers: Vec<(Phone, Sent)>, attempts: i64, now: Timestamp) -> Attempt {
    let mut attempt =
        Attempt { sent: 0, gone: Vec::new(), next: AttemptOutcome::Done { failure: None } };
    let (mut again, mut wait, mut failure) = (Vec::new(), backoff(attempts), None);
    let (mut is_kept, mut held) = (false, None);
    for (phone, sent) in answers {
        let answer = match sent {
            Sent::Answered(answer) => answer,
            Sent::Held(until) => {
                count("postponed", 1);
                again.push(phone.device);
                held = Some(until);
                continue;
            }
        };
        match answer {
            Ok(()) => {
                count("sent", 1);
                attempt.sent += 1;
            }
            Err(PushError::Unregistered) => {
                count("unregistered", 1);
                attempt.gone.push(phone);
            }
            Err(PushError::Unavailable { retry_after_s, reason }) => {
                count("unavailable", 1);
                wait = wait.max(asked_wait(retry_after_s));
                again.push(phone.device);
                failure = Some(shortened(&reason));
            }
            // As long as the notice is of use: it is sent when the account is repaired.
            Err(PushError::Misconfigured { retry_after_s, reason }) => {
                count("misconfigured", 1);
                wait = wait.max(asked_wait(retry_after_s));
                again.push(phone.device);
                failure = Some(shortened(&reason));
                is_kept = true;
            }
            Err(PushError::Refused(reason)) => {
                count("refused", 1);
                failure = failure.or(Some(shortened(&reason)));
            }
        }
    }
    if let Some(until) = held {
        // Others may be due sooner than the gateway; it is asked again at its own time in any case.
        attempt.next = match failure {
            Some(failure) => {
                AttemptOutcome::Retry { at: now + wait, devices: Some(again), failure }
            }
            None => AttemptOutcome::Held { until, devices: again },
        };
        return attempt;
    }
    attempt.next = match failure {
        Some(failure) if !again.is_empty() && (is_kept || attempts < ATTEMPTS_MAX) => {
            AttemptOutcome::Retry { at: now + wait, devices: Some(again), failure }
        }
        failure => AttemptOutcome::Done { failure },
    };
    attempt
}

/// The result of an attempt that failed before the gateway was called.
pub(super) fn failed(due: &Due, reason: &str, now: Timestamp) -> Attempt {
    let failure = shortened(reason);
    let next = if due.attempts < ATTEMPTS_MAX {
        let at = now + backoff(due.attempts);
        AttemptOutcome::Retry { at, devices: due.devices.clone(), failure }
    } else {
        AttemptOutcome::Done { failure: Some(failure) }
    };
    Attempt { sent: 0, gone: Vec::new(), next }
}

/// Wait after the `attempts`-th attempt: one second, doubled each time.
fn backoff(attempts: i64) -> TimeSpan {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    TimeSpan::seconds(1 << doublings).min(BACKOFF_MAX)
}

fn asked_wait(retry_after_s: Option<u64>) -> TimeSpan {
    let asked = retry_after_s.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
    TimeSpan::seconds(asked.min(RETRY_AFTER_MAX.as_seconds()))
}

fn shortened(reason: &str) -> String {
    reason.chars().take(FAILURE_CHARS_MAX).collect()
}

pub(super) fn count(result: &'static str, by: u64) {
    metrics::counter!("toruk_push_total", "result" => result).increment(by);
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::id::DeviceId;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn phone(name: u128) -> Phone {
        Phone { device: DeviceId(Uuid::from_u128(name)), token: name.to_string() }
    }

    fn unavailable(retry_after_s: Option<u64>) -> Sent {
        Sent::Answered(Err(PushError::Unavailable { retry_after_s, reason: "503".to_owned() }))
    }

    fn taken() -> Sent {
        Sent::Answered(Ok(()))
    }

    #[test]
    fn only_the_phone_that_was_not_reached_is_tried_again() {
        let answers = vec![(phone(1), taken()), (phone(2), unavailable(None))];
        let attempt = judge(answers, 1, NOW);
        assert_eq!(attempt.sent, 1);
        assert_eq!(
            attempt.next,
            AttemptOutcome::Retry {
                at: NOW + TimeSpan::seconds(1),
                devices: Some(vec![phone(2).device]),
                failure: "503".to_owned(),
            }
        );
    }

    #[test]
    fn a_gateway_that_asks_for_time_gets_it_within_bounds() {
        for (asked, expected) in [(None, 4), (Some(2), 4), (Some(60), 60), (Some(1 << 40), 3600)] {
            let attempt = judge(vec![(phone(1), unavailable(asked))], 3, NOW);
            let AttemptOutcome::Retry { at, .. } = attempt.next else {
                panic!("no retry for {asked:?}")
            };
            assert_eq!(at, NOW + TimeSpan::seconds(expected), "asked for {asked:?}");
        }
    }

    #[test]
    fn the_eighth_attempt_is_the_last() {
        let attempt = judge(vec![(phone(1), unavailable(None))], ATTEMPTS_MAX, NOW);
        assert_eq!(attempt.next, AttemptOutcome::Done { failure: Some("503".to_owned()) });
    }

    #[test]
    fn a_phone_that_is_gone_is_forgotten_and_not_a_failure() {
        let attempt = judge(vec![(phone(1), Sent::Answered(Err(PushError::Unregistered)))], 1, NOW);
        assert_eq!(attempt.gone.len(), 1);
        assert_eq!(attempt.next, AttemptOutcome::Done { failure: None });
    }

    #[test]
    fn a_phone_whose_gateway_is_stopped_waits_and_a_browser_does_not() {
        let until = NOW + TimeSpan::seconds(30);
        let held = || (phone(2), Sent::Held(until));
        let attempt = judge(vec![(phone(1), taken()), held()], 8, NOW);
        assert_eq!(attempt.sent, 1);
        let devices = vec![phone(2).device];
        assert_eq!(attempt.next, AttemptOutcome::Held { until, devices });
        let attempt = judge(vec![(phone(1), unavailable(None)), held()], 3, NOW);
        let AttemptOutcome::Retry { at, devices, .. } = attempt.next else { panic!("no retry") };
        assert_eq!(at, NOW + TimeSpan::seconds(4));
        assert_eq!(devices, Some(vec![phone(1).device, phone(2).device]));
    }

    #[test]
    fn waits_double_up_to_five_minutes() {
        let waits = [1, 2, 3, 8, 9, 10, 70].map(|attempts| backoff(attempts).as_seconds());
        assert_eq!(waits, [1, 2, 4, 128, 256, 300, 300]);
    }
}
