//! Background work: attempts expire, the payment system is asked about them in case a callback was
//! lost, deposits of applications that ended are refunded, refunds are sent.

use super::service::{ENDED_INTERVAL, Error, Service};
use super::settlement::has_order;
use super::store::{self, RefundRow};
use crate::lock::lock;
use crate::ports::GatewayError;
use toruk_sync::domain::deposit::ledger::{Account, Move};
use toruk_sync::domain::deposit::{Command, Intent, IntentStatus, Status};
use toruk_sync::domain::id::DepositId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// Limit for each kind of work in one round.
pub const ROUND_MAX: usize = 100;
/// Most attempts from which a round chooses those to ask about.
const CANDIDATES_MAX: u64 = 1_000;
/// Interval between two questions about a live attempt.
const LIVE_INTERVAL: TimeSpan = TimeSpan::seconds(10);
/// Money that arrives later than this after an attempt's end has to be found by people.
pub const LATE_MONEY_MAX: TimeSpan = TimeSpan::hours(24);
/// Most questions that are remembered; past that the old ones are forgotten.
const ASKED_MAX: usize = 10_000;

impl Service {
    /// Runs one round of the payments worker. Returns how many things it moved.
    ///
    /// # Errors
    /// [`Error::Store`]. A payment system that does not answer only ends its part of the round.
    pub async fn work(&self) -> Result<usize, Error> {
        let mut moved = self.expire().await?;
        moved += self.poll().await?;
        moved += self.release_ended().await?;
        moved += self.send_refunds().await?;
        Ok(moved)
    }

    async fn expire(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let limit = ROUND_MAX as u64;
        if store::expired_intents(self.context.db.read(), now, limit).await?.is_empty() {
            return Ok(0);
        }
        let txn = self.context.db.begin().await?;
        let expired = store::hold_expired_intents(&txn, now, limit).await?;
        for row in &expired {
            let intent = Intent { status: IntentStatus::Expired, ..row.intent.clone() };
            store::update_intent(&txn, &intent).await?;
        }
        self.context.db.commit(txn).await?;
        Ok(expired.len())
    }

    async fn poll(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let db = self.context.db.read();
        let live = store::live_intents(db, CANDIDATES_MAX).await?;
        let ended = store::ended_intents(db, now - LATE_MONEY_MAX, CANDIDATES_MAX).await?;
        let live = live.into_iter().map(|row| (row.intent, LIVE_INTERVAL));
        let ended = ended.into_iter().map(|row| (row.intent, ENDED_INTERVAL));
        let mut due: Vec<_> = live
            .chain(ended)
            .filter(|(intent, _)| has_order(intent))
            .filter(|(intent, interval)| self.is_due(intent.id.0, *interval, now))
            .collect();
        // The attempt that has waited longest is asked about first.
        due.sort_by_key(|(intent, _)| self.last_asked(intent.id.0));
        due.truncate(ROUND_MAX);
        let mut settled = 0;
        for (intent, _) in due {
            self.asked_at(intent.id.0, now);
            match self.reconciled(intent.id).await {
                Ok(count) => settled += count,
                // Further questions would time out as well.
                Err(Error::GatewayUnavailable) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(settled)
    }

    async fn release_ended(&self) -> Result<usize, Error> {
        let limit = ROUND_MAX as u64;
        let ended = store::paid_of_ended(self.context.db.read(), limit).await?;
        let mut released = 0;
        for id in ended {
            released += usize::from(self.release(id).await?);
        }
        Ok(released)
    }

    async fn release(&self, id: DepositId) -> Result<bool, Error> {
        let txn = self.context.db.begin().await?;
        let mut row = store::deposit(&txn, id).await?;
        // The roster may have been frozen meanwhile; then the auction's events decide.
        if row.deposit.status != Status::Paid {
            return Ok(false);
        }
        let references = store::credited_references(&txn, &[id]).await?;
        let reference = references.get(&id).map(String::as_str);
        self.step(&txn, &mut row, Command::Release, reference).await??;
        self.context.db.commit(txn).await?;
        Ok(true)
    }

    async fn send_refunds(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let open = store::open_refunds(self.context.db.read(), CANDIDATES_MAX).await?;
        let due = open.into_iter().filter(|refund| self.is_due(refund.id, ENDED_INTERVAL, now));
        let mut sent = 0;
        for refund in due.take(ROUND_MAX) {
            let RefundRow { id, payment, amount, .. } = &refund;
            match self.context.ports.gateway.refund(*id, payment, *amount).await {
                Ok(()) => {
                    self.refunded(&refund, now).await?;
                    sent += 1;
                }
                Err(GatewayError::Refused(reason)) => {
                    tracing::error!(refund = %id, reason, "refund rejected; see to it by hand");
                    self.asked_at(*id, now);
                }
                Err(GatewayError::Unavailable(reason)) => {
                    tracing::warn!(refund = %id, reason, "no answer to a refund");
                    break;
                }
            }
        }
        Ok(sent)
    }

    /// Records that the money was refunded: in the ledger and the deposit, with a notice to its
    /// person.
    async fn refunded(&self, refund: &RefundRow, now: Timestamp) -> Result<(), Error> {
        let txn = self.context.db.begin().await?;
        if !store::finish_refund(&txn, refund.id, now).await? {
            return Ok(());
        }
        match refund.deposit {
            Some(id) => {
                let mut row = store::deposit(&txn, id).await?;
                self.step(&txn, &mut row, Command::ConfirmRefund, None).await??;
                self.tell(&txn, &row, NoticeKind::DepositReleased).await?;
            }
            None => {
                let entry =
                    Move::new("refund", Account::Unmatched, Account::Gateway, refund.amount);
                self.book(&txn, &[entry], &refund.payment).await?;
            }
        }
        self.context.db.commit(txn).await?;
        Ok(())
    }

    pub(super) fn is_due(&self, id: Uuid, interval: TimeSpan, now: Timestamp) -> bool {
        self.last_asked(id).is_none_or(|at| at + interval <= now)
    }

    fn last_asked(&self, id: Uuid) -> Option<Timestamp> {
        lock(&self.asked).get(&id).copied()
    }

    pub(super) fn asked_at(&self, id: Uuid, now: Timestamp) {
        let mut asked = lock(&self.asked);
        if asked.len() >= ASKED_MAX {
            asked.retain(|_, at| *at + ENDED_INTERVAL > now);
        }
        asked.insert(id, now);
    }
}
