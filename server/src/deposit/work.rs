//! Background work: attempts expire, the payment system is asked about them in case a callback was
//! lost, deposits of applications that ended are refunded. Refunds are sent in `refunds`.

use super::refund_of::RefundOf;
use super::service::{ENDED_INTERVAL, Error, Service};
use super::store::{self, IntentRow};
use crate::lock::lock;
use toruk_sync::domain::deposit::{Command, Intent, IntentStatus, Status};
use toruk_sync::domain::id::{DepositId, IntentId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Limit for each kind of work in one round.
pub const ROUND_MAX: usize = 100;
/// Interval between two questions about a live attempt.
const LIVE_INTERVAL: TimeSpan = TimeSpan::seconds(10);
/// Money that arrives later than this after an attempt's end has to be found by people.
pub const LATE_MONEY_MAX: TimeSpan = TimeSpan::hours(24);

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
        let due = store::due_questions(self.context.db.read(), now, ROUND_MAX as u64).await?;
        if due.is_empty() {
            return Ok(0);
        }
        self.plan_questions(&due, now).await?;
        let due: Vec<IntentId> = due.into_iter().map(|row| row.intent.id).collect();
        let mut settled = 0;
        for (no, id) in due.iter().enumerate() {
            match self.reconciled(*id).await {
                Ok(count) => settled += count,
                // Further questions would time out as well; they are still to be asked.
                Err(Error::GatewayUnavailable) => {
                    let txn = self.context.db.begin().await?;
                    store::ask_next(&txn, &due[no + 1..], Some(now)).await?;
                    self.context.db.commit(txn).await?;
                    break;
                }
                // One attempt must not keep the others from being asked about.
                Err(error) => tracing::error!(intent = %id, %error, "an attempt was not settled"),
            }
        }
        Ok(settled)
    }

    /// Sets the next question about each attempt before it is asked about, so that no failure makes
    /// one the first for ever.
    async fn plan_questions(&self, due: &[IntentRow], now: Timestamp) -> Result<(), Error> {
        let chosen = |at: Option<Timestamp>| -> Vec<IntentId> {
            let of = due.iter().map(|row| &row.intent);
            of.filter(|intent| next_question(intent, now) == at).map(|intent| intent.id).collect()
        };
        let txn = self.context.db.begin().await?;
        for at in [Some(now + LIVE_INTERVAL), Some(now + ENDED_INTERVAL), None] {
            store::ask_next(&txn, &chosen(at), at).await?;
        }
        Ok(self.context.db.commit(txn).await?)
    }

    async fn release_ended(&self) -> Result<usize, Error> {
        let limit = ROUND_MAX as u64;
        let after = *lock(&self.released_to);
        let ended = store::paid_of_ended(self.context.db.read(), after, limit).await?;
        // Past the last one it begins again, with those that could not be released.
        let is_last = ended.len() < ROUND_MAX;
        *lock(&self.released_to) = ended.last().copied().filter(|_| !is_last);
        let mut released = 0;
        for id in ended {
            match self.release(id).await {
                Ok(is_released) => released += usize::from(is_released),
                Err(error) => tracing::error!(deposit = %id, %error, "a deposit was not released"),
            }
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
        let auction = self.catalogue.auction(&txn, row.auction).await?;
        let of = RefundOf::new(references.get(&id), &auction.birth.rules);
        self.step(&txn, &mut row, Command::Release, of).await??;
        self.context.db.commit(txn).await?;
        Ok(true)
    }
}

/// The question about an attempt after the one at `now`; `None` once late money must be found by
/// people.
pub(super) fn next_question(intent: &Intent, now: Timestamp) -> Option<Timestamp> {
    use IntentStatus::{CodeIssued, Pending, Redirected};
    if matches!(intent.status, CodeIssued | Redirected | Pending) && intent.is_live(now) {
        return Some(now + LIVE_INTERVAL);
    }
    (now < intent.expires_at + LATE_MONEY_MAX).then_some(now + ENDED_INTERVAL)
}
