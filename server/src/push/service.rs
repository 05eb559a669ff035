//! Notices become outbox rows in the transaction, and pushes after it.
//!
//! No decision waits for a push or depends on one: it is a hint, and a phone that misses it learns
//! the same by following. So a late push is dropped instead of being sent.
//!
//! # Why a row is claimed before it is sent
//! Sending takes as long as the gateway likes, and no transaction may be open meanwhile. A claim
//! expires (`CLAIM`), so after a crash in between the push is sent again: a phone may get it twice
//! (the collapse key merges them), but never not at all.

use super::notice::PersonNotice;
use super::store::{self, AttemptOutcome, Due, Phone};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::ports::{PushError, PushMessage};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use std::sync::Arc;
use tokio::sync::Notify;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::push_hint::PushHint;

/// Pushes in one claim.
const BATCH: u64 = 50;
/// Most claims in one round.
const BATCHES_MAX: usize = 20;
/// People to whom pushes are sent concurrently; each has a few phones.
const SENDS_AT_ONCE: usize = 16;
/// Attempts after which a push is abandoned.
const ATTEMPTS_MAX: i64 = 8;
/// Duration of a claim; longer than a batch takes with a gateway that times out.
const CLAIM: TimeSpan = TimeSpan::minutes(2);
/// Longest wait between attempts when the gateway names none.
const BACKOFF_MAX: TimeSpan = TimeSpan::minutes(5);
/// Longest wait the gateway may ask for.
const RETRY_AFTER_MAX: TimeSpan = TimeSpan::hours(1);
/// Longest reason that is stored, in characters.
const FAILURE_CHARS_MAX: usize = 300;

/// The reason why pushing failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Enqueues notices and delivers pushes.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) enqueued: Arc<Notify>,
}

/// The result of one attempt.
struct Attempt {
    sent: usize,
    gone: Vec<Phone>,
    next: AttemptOutcome,
}

impl Service {
    /// Builds on this database and push gateway.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone(), enqueued: Arc::default() }
    }

    /// Writes notifications and outbox rows inside the caller's transaction, and wakes the worker.
    /// As reminders they are sent `at` a later moment; their reason may be gone by then, and the
    /// phone asks the server before it shows anything.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue(
        &self,
        txn: &Txn,
        notices: &[PersonNotice],
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        if notices.is_empty() {
            return Ok(());
        }
        let ids = &self.context.ports.ids;
        let named: Vec<_> =
            notices.iter().map(|notice| (ids.uuid(), ids.uuid(), *notice)).collect();
        let at = at.unwrap_or_else(|| self.context.ports.clock.now());
        store::insert_all(txn, &named, at).await?;
        self.enqueued.notify_one();
        Ok(())
    }

    /// Completes when something was enqueued since the last call. The transaction of it may still
    /// be open: [`Self::deliver`] begins after it on SQLite, and on PostgreSQL the worker's next
    /// round comes soon.
    pub async fn enqueued(&self) {
        self.enqueued.notified().await;
    }

    /// Runs one round of the outbox worker: sends due pushes, drops those that expired or were
    /// overtaken by a newer one of the same person, auction and kind. Returns how many were handed
    /// over.
    ///
    /// # Errors
    /// [`Error::Store`]; claimed pushes are then due again when their claim expires.
    pub async fn deliver(&self) -> Result<usize, Error> {
        let mut sent = 0;
        for _ in 0..BATCHES_MAX {
            let claimed = self.claim().await?;
            let is_last = claimed.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            let attempts: Vec<_> = stream::iter(claimed)
                .map(|due| async move {
                    let attempt = self.attempt(&due).await;
                    (due, attempt)
                })
                .buffered(SENDS_AT_ONCE)
                .collect()
                .await;
            sent += self.settle(attempts).await?;
            if is_last {
                break;
            }
        }
        Ok(sent)
    }

    async fn claim(&self) -> Result<Vec<Due>, Error> {
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        // Most rounds find nothing; then nothing is written either.
        if !store::has_due(&txn, now).await? {
            return Ok(Vec::new());
        }
        let claimed = store::claim(&txn, now, now + CLAIM, BATCH).await?;
        self.context.db.commit(txn).await?;
        Ok(claimed)
    }

    async fn attempt(&self, due: &Due) -> Result<Attempt, Error> {
        let (db, now) = (self.context.db.read(), self.context.ports.clock.now());
        let dropped = |why: &'static str| {
            count(why, 1);
            let next = AttemptOutcome::Done { failure: Some(why.to_owned()) };
            Ok(Attempt { sent: 0, gone: Vec::new(), next })
        };
        let Some(transport) = &self.context.ports.push else {
            return dropped("no push gateway");
        };
        let Some(notice) = store::notice(db, due.notification).await? else {
            return dropped("no such notification");
        };
        if now >= notice.expires_at {
            return dropped("expired");
        }
        if store::is_overtaken(db, &notice).await? {
            return dropped("overtaken");
        }
        let mut phones = store::phones(db, notice.person, now).await?;
        if let Some(left) = &due.devices {
            phones.retain(|phone| left.contains(&phone.device));
        }
        if phones.is_empty() {
            return dropped("no phone");
        }
        let sends = phones.into_iter().map(|phone| async {
            let message = message(&notice, &phone, now);
            let answer = match message {
                Ok(message) => transport.send(&message).await,
                Err(error) => Err(PushError::Refused(error.to_string())),
            };
            (phone, answer)
        });
        let answers = join_all(sends).await;
        Ok(judge(answers, due.attempts, self.context.ports.clock.now()))
    }

    async fn settle(&self, attempts: Vec<(Due, Result<Attempt, Error>)>) -> Result<usize, Error> {
        if attempts.is_empty() {
            return Ok(0);
        }
        let mut sent = 0;
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        for (due, attempt) in attempts {
            let attempt = match attempt {
                Ok(attempt) => attempt,
                Err(error) => {
                    // One damaged row must not block the others; its claim expires by itself.
                    tracing::error!(%error, push = %due.id, "a push could not be attempted");
                    failed(&due, &error, now)
                }
            };
            for phone in &attempt.gone {
                store::forget_token(&txn, &phone.token).await?;
            }
            if attempt.sent > 0 {
                store::mark_delivered(&txn, due.notification, now).await?;
            }
            sent += attempt.sent;
            store::settle(&txn, &due, attempt.next, now).await?;
        }
        self.context.db.commit(txn).await?;
        Ok(sent)
    }
}

/// Combines the gateway's answers for one person's phones into a result.
fn judge(answers: Vec<(Phone, Result<(), PushError>)>, attempts: i64, now: Timestamp) -> Attempt {
    let mut attempt =
        Attempt { sent: 0, gone: Vec::new(), next: AttemptOutcome::Done { failure: None } };
    let (mut again, mut wait, mut failure) = (Vec::new(), backoff(attempts), None);
    for (phone, answer) in answers {
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
            Err(PushError::Refused(reason)) => {
                count("refused", 1);
                failure = failure.or(Some(shortened(&reason)));
            }
        }
    }
    attempt.next = match failure {
        Some(failure) if !again.is_empty() && attempts < ATTEMPTS_MAX => {
            AttemptOutcome::Retry { at: now + wait, devices: Some(again), failure }
        }
        failure => AttemptOutcome::Done { failure },
    };
    attempt
}

/// The result of an attempt that failed before the gateway was called.
fn failed(due: &Due, error: &Error, now: Timestamp) -> Attempt {
    let failure = shortened(&error.to_string());
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

fn message(
    notice: &PersonNotice,
    phone: &Phone,
    now: Timestamp,
) -> Result<PushMessage, serde_json::Error> {
    let hint = PushHint {
        kind: notice.kind,
        person: notice.person,
        auction: notice.auction,
        seq: notice.seq,
        expires_at: notice.expires_at,
        server_time: now,
    };
    Ok(PushMessage {
        token: phone.token.clone(),
        hint: serde_json::to_string(&hint)?,
        collapse_key: notice.auction.to_string(),
        ttl_s: u64::try_from((notice.expires_at - now).as_seconds()).unwrap_or(0),
        urgent: notice.kind.is_urgent(),
    })
}

fn count(result: &'static str, by: u64) {
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

    fn unavailable(retry_after_s: Option<u64>) -> Result<(), PushError> {
        Err(PushError::Unavailable { retry_after_s, reason: "503".to_owned() })
    }

    #[test]
    fn only_the_phone_that_was_not_reached_is_tried_again() {
        let answers = vec![(phone(1), Ok(())), (phone(2), unavailable(None))];
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
        let attempt = judge(vec![(phone(1), Err(PushError::Unregistered))], 1, NOW);
        assert_eq!(attempt.gone.len(), 1);
        assert_eq!(attempt.next, AttemptOutcome::Done { failure: None });
    }

    #[test]
    fn waits_double_up_to_five_minutes() {
        let waits = [1, 2, 3, 8, 9, 10, 70].map(|attempts| backoff(attempts).as_seconds());
        assert_eq!(waits, [1, 2, 4, 128, 256, 300, 300]);
    }
}
