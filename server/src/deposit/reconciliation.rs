//! Each day's statement of the payment system against the ledger. Operations that do not agree
//! become tasks of finance; a task ends by itself when its difference does.

use super::reconciled_day::{MissingStatement, ReconciledDay};
use super::service::{Error, Service};
use super::store;
use crate::audit::{self, Action, Principal};
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use crate::lock::lock;
use crate::ports::GatewayError;
use serde_json::json;
use std::collections::BTreeSet;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::money_task::{MoneyTask, TaskCause};
use toruk_sync::domain::reconciliation::{
    BookedOperation, Comparison, Difference, DifferenceKind, MIDNIGHT_SLACK, OperationKind,
    StatementLine, compare,
};
use toruk_sync::domain::time::TimeSpan;

/// The statement of a day is asked for this long after its end.
const STATEMENT_DELAY: TimeSpan = TimeSpan::hours(1);
/// Interval between two questions for a statement that is not there.
const STATEMENT_INTERVAL: TimeSpan = TimeSpan::minutes(10);
/// Most days of one round, when a server catches up.
const DAYS_MAX: usize = 7;
/// The first comparison of a server begins with the day of its first payment, at most this long
/// ago.
const FIRST_DAYS_MAX: TimeSpan = TimeSpan::days(31);
/// Days that a page of the list shows.
const DAYS_SHOWN: u64 = 31;
/// Most lines of a statement that are shown or saved.
const LINES_SHOWN: u64 = 100_000;
/// Most differences of a day that are shown.
const TASKS_SHOWN: u64 = 1_000;
/// Most differences of a day that become tasks. More are no work for people: the statement is of
/// another merchant, or the ledger is. Such a day is shown as what it is, and later days go on.
const DIFFERENCES_MAX: usize = 2_000;
/// Lines of a statement that are written in one transaction: bids are decided by the same writer.
const LINES_AT_ONCE: usize = 2_000;
/// Most open tasks that a comparison looks at.
const OPEN_TASKS_MAX: u64 = 10_000;

/// The roles that see reconciliations and tasks.
pub(super) const MONEY_READERS: [Role; 2] = [Role::Finance, Role::Auditor];

/// A day with everything that its report says.
#[derive(Debug, Clone)]
pub struct DayReport {
    pub day: ReconciledDay,
    pub lines: Vec<StatementLine>,
    /// The tasks that its differences made, closed ones too.
    pub tasks: Vec<MoneyTask>,
}

/// The days that were compared, and the one that could not be.
#[derive(Debug, Clone)]
pub struct Reconciliations {
    pub days: Vec<ReconciledDay>,
    pub missing: Option<MissingStatement>,
}

/// The reason why a day was not compared.
#[derive(Debug, thiserror::Error)]
enum DayFault {
    /// The payment system gives no statement.
    #[error("{0}")]
    NoStatement(String),
    /// Money moved between the comparison and its record.
    #[error("the ledger has changed meanwhile")]
    Moved,
    #[error(transparent)]
    Other(#[from] Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DayFault> for Error {
    fn from(fault: DayFault) -> Self {
        match fault {
            DayFault::NoStatement(_) | DayFault::Moved => Self::GatewayUnavailable,
            DayFault::Other(error) => error,
            DayFault::Store(error) => error.into(),
        }
    }
}

impl Service {
    /// Passes officials who see the money of all organisations: the ledger is of all together.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub(super) fn sees_all_money(by: &Official, roles: &[Role]) -> Result<(), Error> {
        if by.reach(roles)?.is_some() { Err(Error::Forbidden) } else { Ok(()) }
    }

    /// The days that were compared, the newest first.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn reconciliations(&self, by: &Official) -> Result<Reconciliations, Error> {
        Self::sees_all_money(by, &MONEY_READERS)?;
        let days = store::reconciled_days(self.context.db.read(), DAYS_SHOWN).await?;
        Ok(Reconciliations { days, missing: lock(&self.missing_statement).clone() })
    }

    /// A day's report.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if the day was not compared.
    pub async fn day_report(&self, by: &Official, day: BusinessDay) -> Result<DayReport, Error> {
        Self::sees_all_money(by, &MONEY_READERS)?;
        let db = self.context.db.read();
        let known = store::reconciled_day(db, day).await?.ok_or(StoreError::NotFound)?;
        let lines = store::lines_of(db, day, LINES_SHOWN).await?;
        let tasks = store::tasks_of_day(db, day, TASKS_SHOWN).await?;
        Ok(DayReport { day: known, lines, tasks })
    }

    /// Asks for the statement of a day again, and compares it. What was explained stays explained.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::GatewayUnavailable`]; [`StoreError::NotFound`] if the day
    /// was not compared.
    pub async fn compare_again(&self, by: &Official, day: BusinessDay) -> Result<(), Error> {
        Self::sees_all_money(by, &[Role::Finance])?;
        let db = self.context.db.read();
        store::reconciled_day(db, day).await?.ok_or(StoreError::NotFound)?;
        self.reconcile_day(day, Principal::official(by, &[Role::Finance])?).await?;
        Ok(())
    }

    /// Compares the days that have ended and were not compared. Returns how many. Apart from the
    /// other work: a statement may have hundreds of slow pages.
    ///
    /// # Errors
    /// [`Error::Store`]. A payment system that does not answer only ends the round.
    pub async fn reconcile_days(&self) -> Result<usize, Error> {
        let now = self.context.ports.clock.now();
        let last = BusinessDay::of(now - STATEMENT_DELAY).previous();
        {
            let missing = lock(&self.missing_statement);
            let waits = |missing: &MissingStatement| now < missing.asked_at + STATEMENT_INTERVAL;
            let is_done = *lock(&self.reconciled_to) >= Some(last);
            if is_done || missing.as_ref().is_some_and(waits) {
                return Ok(0);
            }
        }
        if !self.context.ports.gateway.is_attached() {
            return Ok(0);
        }
        let db = self.context.db.read();
        let mut day = match store::reconciled_days(db, 1).await?.pop() {
            Some(known) => known.day.next(),
            None => {
                let first = store::first_payment_at(db).await?.map_or(last, BusinessDay::of);
                first.min(last).max(BusinessDay::of(now - FIRST_DAYS_MAX))
            }
        };
        for count in 0..DAYS_MAX {
            if day > last {
                *lock(&self.reconciled_to) = Some(last);
                return Ok(count);
            }
            match self.reconcile_day(day, Principal::System).await {
                Ok(()) => {}
                Err(Error::GatewayUnavailable) => return Ok(count),
                Err(error) => return Err(error),
            }
            day = day.next();
        }
        Ok(DAYS_MAX)
    }

    /// Compares a day. Whatever the reason is why that fails, the next attempt waits, and officials
    /// see it.
    async fn reconcile_day(&self, day: BusinessDay, actor: Principal) -> Result<(), Error> {
        let compared = self.compare_day(day, actor).await;
        let mut missing = lock(&self.missing_statement);
        match &compared {
            Ok(()) if missing.as_ref().is_some_and(|missing| missing.day == day) => *missing = None,
            Ok(()) => {}
            Err(fault) => {
                let (asked_at, reason) = (self.context.ports.clock.now(), fault.to_string());
                tracing::warn!(%day, reason, "a day was not compared");
                *missing = Some(MissingStatement { day, asked_at, reason });
            }
        }
        compared.map_err(Error::from)
    }

    async fn compare_day(&self, day: BusinessDay, actor: Principal) -> Result<(), DayFault> {
        let asked = self.context.ports.gateway.statement(day).await;
        let lines = asked.map_err(|error| match error {
            GatewayError::Refused(reason) | GatewayError::Unavailable(reason) => {
                DayFault::NoStatement(reason)
            }
            GatewayError::Undecided => DayFault::NoStatement(error.to_string()),
        })?;
        self.settle_stated(&lines).await?;
        let db = self.context.db.read();
        let names: Vec<String> = lines.iter().map(|line| line.name.clone()).collect();
        let window = (day.start() - MIDNIGHT_SLACK, day.end() - MIDNIGHT_SLACK);
        let booked = store::booked(db, &names, window).await?;
        let named: BTreeSet<String> =
            names.into_iter().chain(booked.iter().map(|one| one.name.clone())).collect();
        let named: Vec<String> = named.into_iter().collect();
        let earlier = store::stated_elsewhere(db, day, &named).await?;
        let found = compare(day, &lines, &booked, &earlier);
        self.keep_lines(day, &lines).await?;
        self.record_day(day, actor, (lines.as_slice(), booked.as_slice()), &found).await
    }

    /// Keeps a day's statement in place of an earlier one, in parts. A day that was not compared yet
    /// is not shown before the last part is there.
    async fn keep_lines(&self, day: BusinessDay, lines: &[StatementLine]) -> Result<(), DayFault> {
        for (no, part) in lines.chunks(LINES_AT_ONCE).enumerate() {
            let txn = self.context.db.begin().await?;
            store::put_lines(&txn, day, no * LINES_AT_ONCE, part).await?;
            self.context.db.commit(txn).await?;
        }
        let txn = self.context.db.begin().await?;
        store::remove_lines_from(&txn, day, lines.len()).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Records a comparison: its tasks and its outcome.
    ///
    /// # Why the comparison is not made in here
    /// It reads a whole day of both sides, and bids are decided by the same writer. What does not
    /// agree is little: that alone is read again under the lock.
    async fn record_day(
        &self,
        day: BusinessDay,
        actor: Principal,
        (lines, booked): (&[StatementLine], &[BookedOperation]),
        found: &Comparison,
    ) -> Result<(), DayFault> {
        let now = self.context.ports.clock.now();
        let is_work = found.differences.len() <= DIFFERENCES_MAX;
        let txn = self.context.db.begin().await?;
        store::hold_day(&txn, day, now).await?;
        if is_work {
            let names: BTreeSet<&String> = found.differences.iter().map(|one| &one.name).collect();
            let names: Vec<String> = names.into_iter().cloned().collect();
            let nothing = (day.start(), day.start());
            let current = store::booked(&txn, &names, nothing).await?;
            let amount = |all: &[BookedOperation], name: &str, kind| {
                let one = all.iter().find(|one| one.name == name && one.kind == kind);
                one.map(|one| one.amount)
            };
            let is_same = |one: &Difference| {
                let (name, kind) = (one.name.as_str(), one.operation);
                amount(&current, name, kind) == amount(booked, name, kind)
            };
            if !found.differences.iter().all(is_same) {
                return Err(DayFault::Moved);
            }
            self.renew_tasks(&txn, day, lines, found).await?;
        }
        let (count, differences) = (lines.len() as u64, found.differences.len() as u64);
        let (totals, is_beyond_work) = (found.totals, !is_work);
        let outcome =
            ReconciledDay { day, at: now, lines: count, totals, differences, is_beyond_work };
        store::put_day(&txn, &outcome).await?;
        let detail = json!({ "lines": count, "differences": differences });
        let object = format!("reconciliation:{day}");
        let entry = audit::Entry { actor, action: Action::MoneyReconcile, object, detail };
        self.audit.record(&txn, entry).await?;
        self.context.db.commit(txn).await?;
        metrics::gauge!("toruk_reconciliation_differences").set(differences as f64);
        if is_beyond_work {
            tracing::error!(%day, differences, "too much of a day differs to be work for people");
        }
        Ok(())
    }

    /// Settles stated payments of our orders that nobody has reported so far: a callback and all
    /// questions were lost, or the money came later than we ask for.
    async fn settle_stated(&self, lines: &[StatementLine]) -> Result<(), Error> {
        let payments = lines.iter().filter(|line| line.kind == OperationKind::Payment);
        let references: Vec<String> = payments.clone().map(|line| line.name.clone()).collect();
        let known = store::known_payments(self.context.db.read(), &references).await?;
        let unknown = payments.filter(|line| !known.contains(&line.name));
        let orders: BTreeSet<_> = unknown.filter_map(|line| line.order).collect();
        for order in orders {
            match self.reconcile(order).await {
                Ok(()) | Err(Error::Store(StoreError::NotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes a task of each new difference, opens those again whose difference is another one now,
    /// and ends those whose difference is gone.
    async fn renew_tasks(
        &self,
        txn: &Txn,
        day: BusinessDay,
        lines: &[StatementLine],
        found: &Comparison,
    ) -> Result<(), Error> {
        let now = self.context.ports.clock.now();
        let mut keys = BTreeSet::new();
        for difference in &found.differences {
            let key = difference.key();
            keys.insert(key.clone());
            let cause = TaskCause::Difference(difference.clone());
            match store::task_of(txn, &key).await? {
                None => {
                    let task = MoneyTask::new(self.context.ports.ids.uuid(), cause, now);
                    store::insert_task(txn, &key, Some(day), &task).await?;
                }
                // It had ended by itself, and is back.
                Some(task) if task.end.as_ref().is_some_and(|end| end.by.is_none()) => {
                    let task = MoneyTask::new(task.id, cause, now);
                    store::update_task(txn, &task, now).await?;
                }
                // What was proposed or explained was another difference.
                Some(task) if !says(&task.cause, difference) => {
                    store::update_task(txn, &task.renew(cause, now), now).await?;
                }
                Some(_) => {}
            }
        }
        let stated: BTreeSet<_> =
            lines.iter().map(|line| (line.kind, line.name.as_str())).collect();
        for task in store::open_tasks(txn, OPEN_TASKS_MAX).await? {
            let TaskCause::Difference(difference) = &task.cause else { continue };
            let Difference { kind, operation, name, .. } = difference;
            let is_gone = match kind {
                DifferenceKind::NotStated => stated.contains(&(*operation, name.as_str())),
                _ => difference.day == day,
            };
            if is_gone && !keys.contains(&difference.key()) {
                // Locked, and as it is now.
                let task = store::task(txn, task.id).await?;
                if let Ok(task) = task.resolve(now) {
                    store::update_task(txn, &task, now).await?;
                }
            }
        }
        Ok(())
    }
}

/// Returns `true` if a task is about this very difference.
fn says(cause: &TaskCause, difference: &Difference) -> bool {
    matches!(cause, TaskCause::Difference(known) if known.says(difference))
}
