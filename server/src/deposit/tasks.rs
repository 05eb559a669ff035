//! Money that waits for an official of finance: who sees to it, what they propose, and the remedy
//! once it is decided.

use super::console::PaymentRow;
use super::reconciliation::MONEY_READERS;
use super::refund_of::RefundOf;
use super::service::{Error, Service};
use super::store::{self, RefundRow};
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Conflict, Official, Role};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::auction::REASON_CHARS_MAX;
use toruk_sync::domain::deposit::ledger::{Account, Move};
use toruk_sync::domain::deposit::{Payment, Rejection};
use toruk_sync::domain::id::{IntentId, PersonId};
use toruk_sync::domain::money_task::{MoneyTask, Remedy, TaskCause, TaskEnd};
use toruk_sync::domain::reconciliation::Difference;
use toruk_sync::domain::text::paragraph;
use toruk_sync::protocol::limits::PAGE_MAX;
use uuid::Uuid;

/// The roles that see to money.
const DECIDERS: [Role; 1] = [Role::Finance];
/// Closed tasks that are shown beside the open ones.
const CLOSED_SHOWN: u64 = 20;

/// A task as one official sees it.
#[derive(Debug, Clone)]
pub struct TaskRow {
    pub task: MoneyTask,
    /// Set if this official may take it.
    pub may_take: bool,
    /// Set if this official may say how it ends.
    pub may_propose: bool,
    /// Set if this official may approve or decline what is proposed.
    pub may_decide: bool,
    /// Set if the proposal is this official's own, to be withdrawn.
    pub is_own: bool,
}

/// Open tasks, the oldest first, and the last that were closed.
#[derive(Debug, Clone)]
pub struct Tasks {
    pub open: Vec<TaskRow>,
    pub closed: Vec<MoneyTask>,
    /// The attempts to pay that they credit, or did.
    pub attempts: BTreeMap<IntentId, PaymentRow>,
}

impl Service {
    /// Money that waits for people: one page.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn money_tasks(&self, by: &Official) -> Result<Tasks, Error> {
        Self::sees_all_money(by, &MONEY_READERS)?;
        let db = self.context.db.read();
        let open = store::open_tasks(db, PAGE_MAX).await?;
        let closed = store::closed_tasks(db, CLOSED_SHOWN).await?;
        let attempts = self.credited_attempts(open.iter().chain(&closed)).await?;
        let open = open.into_iter().map(|task| self.task_row(by, task)).collect();
        Ok(Tasks { open, closed, attempts })
    }

    /// The attempts to pay that these tasks credit, for those who decide about it.
    async fn credited_attempts(
        &self,
        tasks: impl Iterator<Item = &MoneyTask>,
    ) -> Result<BTreeMap<IntentId, PaymentRow>, StoreError> {
        let intents: BTreeSet<IntentId> = tasks.filter_map(MoneyTask::credits).collect();
        let mut rows = Vec::new();
        for intent in intents {
            if let Some(row) = store::intent(self.context.db.read(), intent).await? {
                rows.push(row);
            }
        }
        let rows = self.rows(rows).await?;
        Ok(rows.into_iter().map(|row| (row.intent.id, row)).collect())
    }

    /// The number of tasks that wait.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn money_task_count(&self, by: &Official) -> Result<usize, Error> {
        Self::sees_all_money(by, &MONEY_READERS)?;
        let count = store::open_task_count(self.context.db.read()).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn task_row(&self, by: &Official, task: MoneyTask) -> TaskRow {
        let now = self.context.ports.clock.now();
        let sees_to = by.any(&DECIDERS).is_ok();
        let proposal = task.proposal.as_ref();
        let is_own = proposal.is_some_and(|proposal| proposal.by == by.person);
        let has_lapsed = proposal.is_some_and(|proposal| now >= proposal.expires_at);
        let is_free = proposal.is_none() || has_lapsed;
        let owns = task.owner == Some(by.person);
        TaskRow {
            may_take: sees_to && is_free && !owns,
            may_propose: sees_to && owns && (is_own || is_free),
            may_decide: sees_to && !is_own && !is_free,
            is_own,
            task,
        }
    }

    /// An official of finance takes a task, also over from another one. A proposal that has lapsed
    /// falls with that, even if its author is gone.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Rejected`]; [`StoreError::NotFound`].
    pub async fn take_task(&self, by: &Official, id: Uuid) -> Result<(), Error> {
        let (txn, mut task, actor) = self.task_for(by, id).await?;
        if let Some(free) = task.without_lapsed(self.context.ports.clock.now()) {
            self.put_task(&txn, &free, actor, Action::MoneyDecline).await?;
            task = free;
        }
        let next = task.take(by.person)?;
        self.put_task(&txn, &next, actor, Action::MoneyTake).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Its owner closes a task with a reason, or proposes that where money moves.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Conflict`] with the payer who is credited;
    /// [`Error::Rejected`]; [`StoreError::NotFound`], also of the attempt to pay.
    pub async fn propose_remedy(
        &self,
        by: &Official,
        id: Uuid,
        remedy: Remedy,
        reason: &str,
    ) -> Result<(), Error> {
        let (txn, task, actor) = self.task_for(by, id).await?;
        let reason = paragraph(reason, REASON_CHARS_MAX).map_err(|_| Rejection::ReasonNeeded)?;
        let mark = (self.context.ports.ids.uuid(), self.context.ports.clock.now());
        let next = task.propose(by.person, remedy, &reason, mark)?;
        let conflict = self.conflict_of(&txn, by, remedy, &[]).await?;
        let txn = self.without_task_conflict(txn, actor, id, conflict).await?;
        let action = match &next.end {
            Some(end) => {
                self.carry_out(&txn, &next, end, actor).await?;
                Action::MoneyClose
            }
            None => Action::MoneyPropose,
        };
        self.put_task(&txn, &next, actor, action).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Another official of finance approves what they have read: the money moves.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Conflict`] if both are one human, or with the payer who is
    /// credited; [`Error::Rejected`]; [`StoreError::NotFound`], also because the author's role has
    /// ended.
    pub async fn approve_remedy(&self, by: &Official, id: Uuid, read: Uuid) -> Result<(), Error> {
        let (txn, task, actor) = self.task_for(by, id).await?;
        let now = self.context.ports.clock.now();
        let next = task.approve(by.person, read, now)?;
        let end = next.end.as_ref().ok_or(Rejection::WrongState)?;
        let authors: Vec<_> = end.by.into_iter().collect();
        let conflict = self.conflict_of(&txn, by, end.remedy, &authors).await?;
        let txn = self.without_task_conflict(txn, actor, id, conflict).await?;
        for author in &authors {
            if !self.identity.still_has(&txn, *author, &DECIDERS, None).await? {
                let next = task.decline(read)?;
                self.put_task(&txn, &next, actor, Action::MoneyDecline).await?;
                self.context.db.commit(txn).await?;
                return Err(StoreError::NotFound.into());
            }
        }
        self.carry_out(&txn, &next, end, actor).await?;
        self.put_task(&txn, &next, actor, Action::MoneyApprove).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Declines a proposal, or withdraws one's own.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Rejected`] if it is another one than `read`;
    /// [`StoreError::NotFound`].
    pub async fn decline_remedy(&self, by: &Official, id: Uuid, read: Uuid) -> Result<(), Error> {
        let (txn, task, actor) = self.task_for(by, id).await?;
        let next = task.decline(read)?;
        self.put_task(&txn, &next, actor, Action::MoneyDecline).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// A conflict of an official with the authors of a remedy, or with the payer whom it credits.
    async fn conflict_of(
        &self,
        txn: &Txn,
        by: &Official,
        remedy: Remedy,
        authors: &[PersonId],
    ) -> Result<Option<Conflict>, StoreError> {
        let among = self.identity.conflict_of_officials(txn, by.person, authors).await?;
        let (None, Remedy::Credit(intent)) = (among, remedy) else { return Ok(among) };
        // Not locked: a settlement locks the application before its attempts.
        let row = store::intent(self.context.db.read(), intent).await?;
        let payer = [row.ok_or(StoreError::NotFound)?.person];
        self.identity.conflict_with_bidders(txn, by, &payer).await
    }

    /// Returns the transaction if there is no conflict; otherwise that is recorded.
    async fn without_task_conflict(
        &self,
        txn: Txn,
        actor: Principal,
        task: Uuid,
        conflict: Option<Conflict>,
    ) -> Result<Txn, Error> {
        let Some(conflict) = conflict else { return Ok(txn) };
        self.identity.record_conflict(&txn, actor, conflict, object(task)).await?;
        self.context.db.commit(txn).await?;
        Err(Error::Conflict(conflict))
    }

    /// The locked task, for an official who may see to it.
    async fn task_for(
        &self,
        by: &Official,
        id: Uuid,
    ) -> Result<(Txn, MoneyTask, Principal), Error> {
        Self::sees_all_money(by, &DECIDERS)?;
        let actor = Principal::official(by, &DECIDERS)?;
        let txn = self.context.db.begin().await?;
        let task = store::task(&txn, id).await?;
        Ok((txn, task, actor))
    }

    async fn put_task(
        &self,
        txn: &Txn,
        task: &MoneyTask,
        actor: Principal,
        action: Action,
    ) -> Result<(), StoreError> {
        store::update_task(txn, task, self.context.ports.clock.now()).await?;
        let proposed = task.proposal.as_ref().map(|proposed| (proposed.remedy, &proposed.reason));
        let ended = task.end.as_ref().map(|end| (end.remedy, end.reason.as_ref()));
        let remedy = ended.map(|(remedy, _)| remedy).or(proposed.map(|(remedy, _)| remedy));
        let reason = ended.and_then(|(_, reason)| reason).or(proposed.map(|(_, reason)| reason));
        let detail = json!({
            "money_kind": task.cause.key(), "remedy": remedy.map(Remedy::key), "reason": reason,
            "intent": task.credits(),
        });
        let entry = audit::Entry { actor, action, object: object(task.id), detail };
        self.audit.record(txn, entry).await
    }

    async fn carry_out(
        &self,
        txn: &Txn,
        task: &MoneyTask,
        end: &TaskEnd,
        actor: Principal,
    ) -> Result<(), Error> {
        match (&task.cause, end.remedy) {
            (_, Remedy::Note) => Ok(()),
            (TaskCause::Difference(difference), Remedy::GiveBack) => {
                self.give_back_unbooked(txn, difference).await
            }
            (TaskCause::BankLine(line), Remedy::GiveBack) => {
                let rules = &self.rulebook.current(txn).await?;
                let of = RefundOf { payment: &line.name, rules };
                Ok(self.add_refund(txn, (None, line.amount), of, true).await?)
            }
            (TaskCause::BankLine(line), Remedy::Credit(intent)) => {
                self.credit_transfer(txn, line, intent).await
            }
            (
                TaskCause::RefundRefused { refund, .. } | TaskCause::RefundLarge { refund, .. },
                Remedy::Send,
            ) => {
                let now = self.context.ports.clock.now();
                Ok(store::hold_refund(txn, *refund, None, now).await?)
            }
            (
                TaskCause::RefundRefused { refund, .. } | TaskCause::RefundByBank { refund, .. },
                Remedy::PaidByHand,
            ) => {
                let row: RefundRow = store::refund(txn, *refund).await?;
                store::finish_refund(txn, *refund, end.at).await?;
                self.book_refund(txn, &row, Account::Bank, actor).await
            }
            _ => Err(Rejection::WrongState.into()),
        }
    }

    /// Books money that the payment system states and the ledger does not have, and refunds it.
    async fn give_back_unbooked(&self, txn: &Txn, found: &Difference) -> Result<(), Error> {
        let Some((amount, _)) = &found.stated else { return Err(Rejection::WrongState.into()) };
        let references = [found.name.clone()];
        if !store::known_payments(txn, &references).await?.is_empty() {
            return Err(Rejection::WrongState.into());
        }
        let now = self.context.ports.clock.now();
        let payment = Payment { reference: found.name.clone(), amount: *amount, paid_at: now };
        store::insert_unmatched(txn, &payment, now).await?;
        let entry = Move::new("unmatched", Account::Gateway, Account::Unmatched, *amount);
        self.book(txn, &[entry], &payment.reference).await?;
        let rules = &self.rulebook.current(txn).await?;
        let of = RefundOf { payment: &payment.reference, rules };
        Ok(self.add_refund(txn, (None, *amount), of, true).await?)
    }
}

fn object(task: Uuid) -> String {
    format!("money_task:{task}")
}
