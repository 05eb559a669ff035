//! Notices become outbox rows in the transaction, and pushes after it.
//!
//! No decision waits for a push or depends on one: it is a hint, and a phone that misses it learns
//! the same by following. So a late push is dropped instead of being sent.
//!
//! # Why a row is claimed before it is sent
//! Sending takes as long as the gateway likes, and no transaction may be open meanwhile. A claim
//! expires (`CLAIM`), so after a crash in between the push is sent again: a phone may get it twice
//! (it knows the hints that it has shown), but never not at all.

use super::attempt::{Attempt, Sent, count, failed, judge};
use super::brake::{Allowance, Brake};
use super::notice::{GroupNotice, PersonNotice};
use super::store::{self, AttemptOutcome, Due, Phone};
use super::web::is_web_address;
use super::web_notice::{content, hint, holds, rule_name};
use crate::context::Context;
use crate::db::lane::LaneTxn;
use crate::db::ledger::LedgerTxn;
use crate::db::{StoreError, Txn};
use crate::ports::{PushError, PushMessage, PushTransport, SubscriptionFault};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use std::sync::Arc;
use tokio::sync::Notify;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::web_push::WebPushSubscription;

/// Pushes in one claim.
const BATCH: u64 = 50;
/// Most claims in one round.
const BATCHES_MAX: usize = 20;
/// People to whom pushes are sent concurrently; each has a few phones.
const SENDS_AT_ONCE: usize = 16;
/// Duration of a claim; longer than a batch takes with a gateway that times out.
const CLAIM: TimeSpan = TimeSpan::minutes(2);

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
    brake: Arc<Brake>,
}

impl Service {
    /// Builds on this database and push gateway.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone(), enqueued: Arc::default(), brake: Arc::default() }
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

    /// As [`Self::enqueue`], of one notice that follows from a bid, on SQLite.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn enqueue_on_ledger(
        &self,
        txn: &LedgerTxn<'_>,
        notice: &PersonNotice,
    ) -> Result<(), StoreError> {
        let ids = &self.context.ports.ids;
        let at = self.context.ports.clock.now();
        store::ledger::insert(txn, (ids.uuid(), ids.uuid()), notice, at)?;
        self.enqueued.notify_one();
        Ok(())
    }

    /// As [`Self::enqueue`], of all notices that follow from a batch of bids, on PostgreSQL.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue_on_lane(
        &self,
        txn: &mut LaneTxn,
        people: &[PersonNotice],
        groups: &[GroupNotice],
    ) -> Result<(), StoreError> {
        if people.is_empty() && groups.is_empty() {
            return Ok(());
        }
        let ids = &self.context.ports.ids;
        let people: Vec<_> =
            people.iter().map(|notice| (ids.uuid(), ids.uuid(), *notice)).collect();
        let groups: Vec<_> = groups.iter().map(|notice| (ids.uuid(), *notice)).collect();
        let at = self.context.ports.clock.now();
        store::lane::insert_all(txn, &people, &groups, at).await?;
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
            let claimed = self.claim(BATCH).await?;
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

    /// The public key that browsers name when they subscribe; `None` if they get no pushes.
    pub fn web_key(&self) -> Option<&str> {
        self.context.ports.push.as_ref()?.web_key()
    }

    /// The address of a browser's subscription, checked.
    ///
    /// # Errors
    /// [`SubscriptionFault`].
    pub fn web_address(&self, given: &WebPushSubscription) -> Result<String, SubscriptionFault> {
        let push = self.context.ports.push.as_ref().ok_or(SubscriptionFault::Off)?;
        push.web_address(given)
    }

    /// Returns `true` while the gateway refuses this server, so that pushes wait.
    pub fn is_stopped(&self) -> bool {
        self.brake.stopped_until().is_some()
    }

    async fn claim(&self, batch: u64) -> Result<Vec<Due>, Error> {
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        // Most rounds find nothing; then nothing is written either.
        if !store::has_due(&txn, now).await? {
            return Ok(Vec::new());
        }
        let claimed = store::claim(&txn, now, now + CLAIM, batch).await?;
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
        // Each is about a key of its own, and the next one's is due later.
        let is_of_key = notice.kind == NoticeKind::KeyReady;
        if is_of_key && !store::has_key_since(db, &notice).await? {
            return dropped("ended");
        }
        if !is_of_key && store::is_overtaken(db, &notice).await? {
            return dropped("overtaken");
        }
        let mut phones = store::phones(db, notice.person, now).await?;
        if let Some(left) = &due.devices {
            phones.retain(|phone| left.contains(&phone.device));
        }
        if phones.is_empty() {
            return dropped("no phone");
        }
        let mut subject = None;
        if phones.iter().any(|phone| is_web_address(&phone.token)) {
            subject = store::subject::of(db, &notice).await?;
            // A phone asks before it shows a hint; a browser shows what it is told.
            let is_true = subject.as_ref().is_some_and(|subject| holds(&notice, subject, now));
            phones.retain(|phone| is_true || !is_web_address(&phone.token));
        }
        if phones.is_empty() {
            return dropped("no longer true");
        }
        let sends = phones.into_iter().map(|phone| async {
            let content = match &subject {
                Some(subject) if is_web_address(&phone.token) => content(&notice, subject, now),
                _ => serde_json::to_string(&hint(&notice, now)),
            };
            let sent = match content {
                Ok(content) => self.send(&**transport, &notice, &phone, content).await,
                Err(error) => Sent::Answered(Err(PushError::Refused(error.to_string()))),
            };
            (phone, sent)
        });
        let answers = join_all(sends).await;
        Ok(judge(answers, due.attempts, self.context.ports.clock.now()))
    }

    /// Sends to one phone. The brake is the gateway's alone: nobody knows this server at a browser's
    /// push service, so that none of them says anything about it.
    async fn send(
        &self,
        transport: &dyn PushTransport,
        notice: &PersonNotice,
        phone: &Phone,
        content: String,
    ) -> Sent {
        let now = self.context.ports.clock.now();
        let message = message(notice, phone, content, now);
        if is_web_address(&phone.token) {
            return Sent::Answered(transport.send(&message).await);
        }
        if let Allowance::NoneBefore(until) = self.brake.allowance(now) {
            return Sent::Held(until);
        }
        let answer = transport.send(&message).await;
        match &answer {
            Ok(()) | Err(PushError::Unregistered) => self.brake.released(),
            Err(PushError::Misconfigured { reason, .. }) => {
                self.brake.refused(&phone.token, reason, now);
            }
            Err(PushError::Unavailable { .. } | PushError::Refused(_)) => {}
        }
        Sent::Answered(answer)
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
                    failed(&due, &error.to_string(), now)
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

fn message(notice: &PersonNotice, phone: &Phone, content: String, now: Timestamp) -> PushMessage {
    PushMessage {
        token: phone.token.clone(),
        hint: content,
        collapse_key: notice.kind.collapse_key(notice.auction),
        collapse_id: format!("{}:{}", rule_name(notice.kind), notice.auction),
        ttl_s: u64::try_from((notice.expires_at - now).as_seconds()).unwrap_or(0),
        urgent: notice.kind.is_urgent(),
    }
}
