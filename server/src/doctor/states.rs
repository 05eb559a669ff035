//! States of deposits, attempts to pay and tasks against the ledger.

use super::findings::{Damage, Examination};
use super::ledger::Books;
use crate::db::StoreError;
use crate::entity::{deposit, money_task, payment_intent};
use sea_orm::{ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryOrder as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::deposit::{Deposit, Intent, IntentStatus, Status};
use toruk_sync::domain::money_task::{MoneyTask, TaskCause};
use uuid::Uuid;

/// Rows that are read at a time.
const ROWS: u64 = 1_000;

pub async fn examine(
    db: &impl ConnectionTrait,
    books: &Books,
    found: &mut Examination,
) -> Result<(), StoreError> {
    deposits(db, books, found).await?;
    attempts(db, books, found).await?;
    let waiting = tasks(db, found).await?;
    adrift(books, &waiting, found);
    Ok(())
}

async fn deposits(
    db: &impl ConnectionTrait,
    books: &Books,
    found: &mut Examination,
) -> Result<(), StoreError> {
    let query = deposit::Entity::find().order_by_asc(deposit::Column::Id);
    let mut pages = query.paginate(db, ROWS);
    let mut known = BTreeSet::new();
    while let Some(rows) = pages.fetch_and_next().await? {
        for row in rows {
            found.deposits += 1;
            let account = format!("deposit:{}", row.id);
            let balance = books.balance(&account);
            known.insert(account);
            let Some(state) = whole::<Deposit>(&row.state, &row.status, row.id, found) else {
                continue;
            };
            let is_held =
                matches!(state.status, Status::Paid | Status::Held | Status::ForfeitProposed);
            let expected = if is_held { i128::from(state.amount.get()) } else { 0 };
            if balance != expected {
                let why = format!("{} with {balance} instead of {expected}", row.status);
                found.wrong(Damage::DepositUnbalanced, row.id, why);
            }
            let open = books.refunds_of(row.id).filter(|refund| refund.done_at.is_none()).count();
            if open != usize::from(state.status == Status::Releasing) {
                let why = format!("{} with {open} refunds under way", row.status);
                found.wrong(Damage::MoneyAdrift, row.id, why);
            }
        }
    }
    for account in books.balances.keys().filter(|name| name.starts_with("deposit:")) {
        if !known.contains(account) {
            found.wrong(Damage::DepositUnbalanced, account, "there is no such deposit");
        }
    }
    Ok(())
}

async fn attempts(
    db: &impl ConnectionTrait,
    books: &Books,
    found: &mut Examination,
) -> Result<(), StoreError> {
    let mut received: BTreeMap<Uuid, i128> = BTreeMap::new();
    for row in books.payments.values() {
        *received.entry(row.intent).or_default() += i128::from(row.amount_tyiyn);
    }
    // Payments that belong to no attempt.
    received.remove(&Uuid::nil());
    let query = payment_intent::Entity::find().order_by_asc(payment_intent::Column::Id);
    let mut pages = query.paginate(db, ROWS);
    while let Some(rows) = pages.fetch_and_next().await? {
        for row in rows {
            found.attempts += 1;
            let came = received.remove(&row.id).unwrap_or_default();
            let Some(state) = whole::<Intent>(&row.state, &row.status, row.id, found) else {
                continue;
            };
            use IntentStatus::{Succeeded, SucceededLate};
            let is_paid = matches!(state.status, Succeeded | SucceededLate);
            // One that was paid too little stays open.
            if is_paid && came == 0 || !is_paid && came >= i128::from(state.amount.get()) {
                let why = format!("{} with {came} paid", row.status);
                found.wrong(Damage::IntentUnbalanced, row.id, why);
            }
        }
    }
    for (intent, came) in received {
        let why = format!("{came} paid, and there is no such attempt");
        found.wrong(Damage::IntentUnbalanced, intent, why);
    }
    Ok(())
}

/// Examines the tasks; returns the bank transfers and refunds that wait for people.
async fn tasks(
    db: &impl ConnectionTrait,
    found: &mut Examination,
) -> Result<BTreeSet<String>, StoreError> {
    let query = money_task::Entity::find().order_by_asc(money_task::Column::Id);
    let mut pages = query.paginate(db, ROWS);
    let mut waiting = BTreeSet::new();
    while let Some(rows) = pages.fetch_and_next().await? {
        for row in rows {
            let Ok(task) = serde_json::from_str::<MoneyTask>(&row.state) else {
                found.wrong(Damage::StateTorn, row.id, "its state can't be read");
                continue;
            };
            if task.status() != row.status {
                let why = format!("{} and {}", row.status, task.status());
                found.wrong(Damage::StateTorn, row.id, why);
            }
            if task.end.is_none() {
                waiting.extend(match task.cause {
                    TaskCause::BankLine(line) => Some(line.name),
                    TaskCause::RefundRefused { refund, .. }
                    | TaskCause::RefundLarge { refund, .. }
                    | TaskCause::RefundByBank { refund, .. } => Some(refund.to_string()),
                    TaskCause::Difference(_) => None,
                });
            }
        }
    }
    Ok(waiting)
}

/// Money that is owed, with no refund under way and nobody to see to it.
fn adrift(books: &Books, waiting: &BTreeSet<String>, found: &mut Examination) {
    let mut refunded: BTreeMap<&str, i128> = BTreeMap::new();
    for row in books.refunds.iter().filter(|row| row.deposit.is_none()) {
        *refunded.entry(&row.payment).or_default() += i128::from(row.amount_tyiyn);
    }
    for row in books.payments.values() {
        let back = refunded.get(row.reference.as_str()).copied().unwrap_or_default();
        let owed = i128::from(row.unmatched_tyiyn);
        if back != owed && !(back == 0 && waiting.contains(&row.reference)) {
            let why = format!("{owed} is owed, and {back} goes back");
            found.wrong(Damage::MoneyAdrift, &row.reference, why);
        }
    }
    for row in books.refunds.iter().filter(|row| row.held.is_some() && row.done_at.is_none()) {
        if !waiting.contains(&row.id.to_string()) {
            found.wrong(Damage::MoneyAdrift, row.id, "it is held, and nobody sees to it");
        }
    }
}

/// A state that its column agrees with.
fn whole<T: DeserializeOwned + HasStatus>(
    state: &str,
    column: &str,
    id: Uuid,
    found: &mut Examination,
) -> Option<T> {
    let Ok(read) = serde_json::from_str::<T>(state) else {
        found.wrong(Damage::StateTorn, id, "its state can't be read");
        return None;
    };
    let status = word(&read.status());
    if status != column {
        found.wrong(Damage::StateTorn, id, format!("{column} and {status}"));
    }
    Some(read)
}

trait HasStatus {
    type Status: Serialize;

    fn status(&self) -> Self::Status;
}

impl HasStatus for Deposit {
    type Status = Status;

    fn status(&self) -> Status {
        self.status
    }
}

impl HasStatus for Intent {
    type Status = IntentStatus;

    fn status(&self) -> IntentStatus {
        self.status
    }
}

fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
