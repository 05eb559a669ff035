//! Refunds: made with the decision to give money back, sent by the worker, kept for people where
//! the payment system refuses them, or where the rules want two.

use super::refund_of::RefundOf;
use super::service::{ENDED_INTERVAL, Error, Service};
use super::store::{self, Hold, RefundRow};
use super::work::ROUND_MAX;
use crate::audit::Principal;
use crate::db::{StoreError, Txn};
use crate::identity::Official;
use crate::ports::BANK_REFERENCE;
use crate::ports::GatewayError;
use serde_json::json;
use toruk_sync::domain::deposit::Command;
use toruk_sync::domain::deposit::ledger::{Account, Move};
use toruk_sync::domain::id::DepositId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::money_task::{MoneyTask, TaskCause};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::rules::{REFUND_DAYS, REFUND_JOINT_FROM};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::PAGE_MAX;
use uuid::Uuid;

/// Refusals after which a refund waits for people: with the intervals below, about five hours.
const REFUSALS_MAX: u32 = 5;

/// A refund that is later than the rules want.
#[derive(Debug, Clone)]
pub struct OverdueRefund {
    pub id: Uuid,
    /// The reference of the payment.
    pub payment: String,
    pub amount: Tyiyn,
    pub due_at: Timestamp,
}

impl Service {
    /// Refunds that are later than the rules want, the longest due first: one page.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn overdue_refunds(&self, by: &Official) -> Result<Vec<OverdueRefund>, Error> {
        Self::sees_all_money(by, &super::reconciliation::MONEY_READERS)?;
        let now = self.context.ports.clock.now();
        let rows = store::overdue_refunds(self.context.db.read(), now, PAGE_MAX).await?;
        let overdue = |row: RefundRow| {
            let RefundRow { id, payment, amount, due_at, .. } = row;
            due_at.map(|due_at| OverdueRefund { id, payment, amount, due_at })
        };
        Ok(rows.into_iter().filter_map(overdue).collect())
    }

    /// Makes a refund; a large one waits for two people, unless two have decided it.
    pub(super) async fn add_refund(
        &self,
        txn: &Txn,
        (deposit, amount): (Option<DepositId>, Tyiyn),
        RefundOf { payment, rules }: RefundOf<'_>,
        decided: bool,
    ) -> Result<(), StoreError> {
        let now = self.context.ports.clock.now();
        let is_large = amount >= rules.refund_joint_from.unwrap_or(REFUND_JOINT_FROM);
        let by_bank = payment.starts_with(BANK_REFERENCE).then_some(Hold::Bank);
        let hold = by_bank.or((is_large && !decided).then_some(Hold::Large));
        let days = rules.refund_days.unwrap_or(REFUND_DAYS);
        // Days off that were moved since the auction's publication count for banks too.
        let holidays = self.rulebook.current(txn).await?.holidays;
        let refund = RefundRow {
            id: self.context.ports.ids.uuid(),
            payment: payment.to_owned(),
            deposit,
            amount,
            attempts: 0,
            due_at: Some(now.after_working_days(days, &holidays)),
        };
        store::insert_refund(txn, &refund, hold, now).await?;
        match hold {
            Some(hold) => self.add_refund_task(txn, &refund, hold).await,
            None => Ok(()),
        }
    }

    /// Makes the task of a refund that is held.
    async fn add_refund_task(
        &self,
        txn: &Txn,
        refund: &RefundRow,
        hold: Hold,
    ) -> Result<(), StoreError> {
        let (id, amount) = (refund.id, refund.amount);
        let cause = match hold {
            Hold::Large => TaskCause::RefundLarge { refund: id, amount },
            Hold::Refused => TaskCause::RefundRefused { refund: id, amount },
            Hold::Bank => TaskCause::RefundByBank { refund: id, amount },
        };
        let task_id = self.context.ports.ids.uuid();
        // A refund may be refused, sent again and refused again.
        let key = format!("{}:{id}:{task_id}", cause.key());
        let task = MoneyTask::new(task_id, cause, self.context.ports.clock.now());
        store::insert_task(txn, &key, None, &task).await
    }

    /// Sends refunds that are due to the payment system; returns how many were paid.
    pub(super) async fn send_refunds(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let due = store::due_refunds(self.context.db.read(), now, ROUND_MAX as u64).await?;
        let mut sent = 0;
        for refund in &due {
            let RefundRow { id, payment, amount, .. } = refund;
            match self.context.ports.gateway.refund(*id, payment, *amount).await {
                Ok(()) => match self.refunded(refund, now).await {
                    Ok(()) => sent += 1,
                    Err(error) => {
                        tracing::error!(refund = %id, %error, "a refund was not recorded");
                        self.postpone(*id, now + ENDED_INTERVAL).await?;
                    }
                },
                Err(GatewayError::Refused(reason)) => {
                    tracing::warn!(refund = %id, reason, "a refund was refused");
                    self.refused(refund, now).await?;
                }
                Err(GatewayError::Undecided) => {
                    tracing::info!(refund = %id, "a refund is not decided yet");
                    self.postpone(*id, now + ENDED_INTERVAL).await?;
                }
                Err(GatewayError::Unavailable(reason)) => {
                    tracing::warn!(refund = %id, reason, "no answer to a refund");
                    // Behind the others that are due: this one alone may have no answer.
                    self.postpone(*id, now).await?;
                    break;
                }
            }
        }
        Ok(sent)
    }

    async fn postpone(&self, refund: Uuid, at: Timestamp) -> Result<(), Error> {
        let txn = self.context.db.begin().await?;
        store::postpone_refund(&txn, refund, at, false).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Tries again later, each time after twice as long; in the end people see to it.
    async fn refused(&self, refund: &RefundRow, now: Timestamp) -> Result<(), Error> {
        let txn = self.context.db.begin().await?;
        let attempts = refund.attempts.saturating_add(1);
        if attempts < REFUSALS_MAX {
            store::postpone_refund(&txn, refund.id, now + back_off(attempts), true).await?;
        } else {
            store::hold_refund(&txn, refund.id, Some(Hold::Refused), now).await?;
            self.add_refund_task(&txn, refund, Hold::Refused).await?;
        }
        Ok(self.context.db.commit(txn).await?)
    }

    async fn refunded(&self, refund: &RefundRow, now: Timestamp) -> Result<(), Error> {
        let txn = self.context.db.begin().await?;
        if !store::finish_refund(&txn, refund.id, now).await? {
            return Ok(());
        }
        self.book_refund(&txn, refund, Account::Gateway, Principal::System).await?;
        self.context.db.commit(txn).await?;
        Ok(())
    }

    /// Records that the money was refunded out of this account: in the ledger and the deposit, with
    /// a notice to its person.
    pub(super) async fn book_refund(
        &self,
        txn: &Txn,
        refund: &RefundRow,
        from: Account,
        actor: Principal,
    ) -> Result<(), Error> {
        match refund.deposit {
            Some(id) => {
                let mut row = store::deposit(txn, id).await?;
                let (command, detail) = (Command::ConfirmRefund { from }, json!({}));
                self.step_by(txn, &mut row, command, None, actor, detail).await??;
                self.tell(txn, &row, NoticeKind::DepositReleased).await?;
            }
            None => {
                let entry = Move::new("refund", Account::Unmatched, from, refund.amount);
                self.book(txn, &[entry], &refund.payment).await?;
            }
        }
        Ok(())
    }
}

/// The wait after this many refusals.
fn back_off(attempts: u32) -> TimeSpan {
    let doublings = attempts.saturating_sub(1).min(REFUSALS_MAX);
    TimeSpan(ENDED_INTERVAL.0 << doublings)
}
