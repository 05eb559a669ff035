//! Rows of money: payments, refunds and the ledger.

use super::{CHUNK, key};
use crate::db::{StoreError, Txn};
use crate::entity::payment;
use crate::entity::{ledger_entry, payment_intent};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _, Statement,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::deposit::ledger::Move;
use toruk_sync::domain::deposit::{Mismatch, Payment, Settlement};
use toruk_sync::domain::id::{DepositId, IntentId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// The money that arrived for one attempt.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// The amount, credited or not.
    pub amount: Tyiyn,
    /// The reason why a part of it could not be credited.
    pub mismatch: Option<Mismatch>,
    /// The error of the payment system's clock, if it is at fault; ahead if positive.
    pub clock_fault: Option<TimeSpan>,
    /// `true` if nobody has looked into a wrong clock yet.
    pub is_clock_open: bool,
    /// The payment system's references of the payments.
    pub references: Vec<String>,
}

/// Selects the references that are settled already.
pub async fn known_payments(
    db: &impl ConnectionTrait,
    references: &[String],
) -> Result<BTreeSet<String>, StoreError> {
    let mut found = BTreeSet::new();
    for chunk in references.chunks(CHUNK) {
        let known: Vec<String> = payment::Entity::find()
            .select_only()
            .column(payment::Column::Reference)
            .filter(payment::Column::Reference.is_in(chunk))
            .into_tuple()
            .all(db)
            .await?;
        found.extend(known);
    }
    Ok(found)
}

/// Inserts a new payment.
pub async fn insert_payment(
    txn: &Txn,
    payment: &Payment,
    settlement: &Settlement,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Settlement { intent, unmatched, counted, .. } = settlement;
    let row = payment::ActiveModel {
        reference: Set(payment.reference.clone()),
        intent: Set(intent.id.0),
        amount_tyiyn: Set(payment.amount.get()),
        paid_at: Set(payment.paid_at.0),
        mismatch: Set(unmatched.map(|(_, mismatch)| key(mismatch))),
        unmatched_tyiyn: Set(unmatched.map_or(0, |(amount, _)| amount.get())),
        created_at: Set(now.0),
        clock_fault: Set(counted.clock_fault.map(|off| off.0)),
        clock_reviewed_at: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The time of a payment that belongs to no attempt; it is locked until the transaction ends.
pub async fn unmatched_payment(txn: &Txn, reference: &str) -> Result<Timestamp, StoreError> {
    let row = payment::Entity::find_by_id(reference.to_owned())
        .filter(payment::Column::Intent.eq(Uuid::nil()))
        .lock_exclusive()
        .one(txn)
        .await?;
    Ok(Timestamp(row.ok_or(StoreError::NotFound)?.paid_at))
}

/// Gives a payment that belonged to none to an attempt.
pub async fn attach_payment(
    txn: &Txn,
    reference: &str,
    settlement: &Settlement,
) -> Result<(), StoreError> {
    let Settlement { intent, unmatched, .. } = settlement;
    let rest = unmatched.map_or(0, |(amount, _)| amount.get());
    payment::Entity::update_many()
        .col_expr(payment::Column::Intent, Expr::value(intent.id.0))
        .col_expr(payment::Column::UnmatchedTyiyn, Expr::value(rest))
        .col_expr(payment::Column::Mismatch, Expr::value(unmatched.map(|(_, why)| key(why))))
        .filter(payment::Column::Reference.eq(reference))
        .exec(txn)
        .await?;
    Ok(())
}

/// The moment when the first payment was booked.
pub async fn first_payment_at(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, StoreError> {
    let first = payment::Entity::find().order_by_asc(payment::Column::CreatedAt).one(db).await?;
    Ok(first.map(|row| Timestamp(row.created_at)))
}

/// Inserts a payment that belongs to no attempt, all of it to be refunded.
pub async fn insert_unmatched(
    txn: &Txn,
    payment: &Payment,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = payment::ActiveModel {
        reference: Set(payment.reference.clone()),
        intent: Set(Uuid::nil()),
        amount_tyiyn: Set(payment.amount.get()),
        paid_at: Set(payment.paid_at.0),
        mismatch: Set(Some(key(Mismatch::NotDue))),
        unmatched_tyiyn: Set(payment.amount.get()),
        created_at: Set(now.0),
        clock_fault: Set(None),
        clock_reviewed_at: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The money that arrived for each attempt.
pub async fn received(
    db: &impl ConnectionTrait,
    intents: &[IntentId],
) -> Result<BTreeMap<IntentId, Received>, StoreError> {
    let mut found: BTreeMap<IntentId, Received> = BTreeMap::new();
    for chunk in intents.chunks(CHUNK) {
        let rows = payment::Entity::find()
            .filter(payment::Column::Intent.is_in(chunk.iter().map(|id| id.0)))
            .order_by_asc(payment::Column::CreatedAt)
            .all(db)
            .await?;
        for row in rows {
            let received = found.entry(IntentId(row.intent)).or_default();
            let amount = amount(row.amount_tyiyn, "payment")?;
            received.amount = received.amount.checked_add(amount).unwrap_or(Tyiyn::MAX);
            received.clock_fault = row.clock_fault.map(TimeSpan).or(received.clock_fault);
            received.is_clock_open |= row.clock_fault.is_some() && row.clock_reviewed_at.is_none();
            received.references.push(row.reference);
            if let Some(mismatch) = row.mismatch {
                let mismatch = serde_json::from_value(mismatch.into());
                received.mismatch = Some(mismatch.map_err(StoreError::damaged("payment"))?);
            }
        }
    }
    Ok(found)
}

/// Ends the review of the clock that dated an attempt's payments; returns the number of payments
/// that waited for it.
pub async fn end_clock_review(
    txn: &Txn,
    intent: IntentId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = payment::Entity::update_many()
        .col_expr(payment::Column::ClockReviewedAt, Expr::value(now.0))
        .filter(payment::Column::Intent.eq(intent.0))
        .filter(payment::Column::ClockFault.is_not_null())
        .filter(payment::Column::ClockReviewedAt.is_null())
        .exec(txn)
        .await?;
    Ok(ended.rows_affected)
}

/// The payments that filled deposits, by their references; a deposit is filled by one.
pub async fn credited_references(
    db: &impl ConnectionTrait,
    deposits: &[DepositId],
) -> Result<BTreeMap<DepositId, String>, StoreError> {
    let mut found = BTreeMap::new();
    for chunk in deposits.chunks(CHUNK) {
        let intents: Vec<(Uuid, Uuid)> = payment_intent::Entity::find()
            .select_only()
            .columns([payment_intent::Column::Id, payment_intent::Column::Deposit])
            .filter(payment_intent::Column::Deposit.is_in(chunk.iter().map(|id| id.0)))
            .into_tuple()
            .all(db)
            .await?;
        let deposit_of: BTreeMap<Uuid, Uuid> = intents.into_iter().collect();
        let intents: Vec<Uuid> = deposit_of.keys().copied().collect();
        for chunk in intents.chunks(CHUNK) {
            let rows = payment::Entity::find()
                .filter(payment::Column::Intent.is_in(chunk.iter().copied()))
                .all(db)
                .await?;
            for row in rows.into_iter().filter(|row| row.unmatched_tyiyn < row.amount_tyiyn) {
                if let Some(deposit) = deposit_of.get(&row.intent) {
                    found.insert(DepositId(*deposit), row.reference);
                }
            }
        }
    }
    Ok(found)
}

/// Books a double entry under its key.
pub async fn book(txn: &Txn, key: &str, entry: &Move, now: Timestamp) -> Result<(), StoreError> {
    let row = ledger_entry::ActiveModel {
        key: Set(key.to_owned()),
        debit: Set(entry.debit.to_string()),
        credit: Set(entry.credit.to_string()),
        amount_tyiyn: Set(entry.amount.get()),
        at: Set(now.0),
    };
    row.insert(txn).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Sum {
    account: String,
    amount: i64,
}

/// Credits minus debits by account, with all bidders' deposits as one account `deposits`.
///
/// Computed in SQL, because the ledger only grows; cast, because PostgreSQL sums integers to a
/// decimal.
pub async fn balances(db: &impl ConnectionTrait) -> Result<BTreeMap<String, i64>, StoreError> {
    const BALANCES: &str = "\
        SELECT account, CAST(SUM(amount) AS BIGINT) AS amount FROM ( \
            SELECT CASE WHEN credit LIKE 'deposit:%' THEN 'deposits' ELSE credit END AS account, \
                amount_tyiyn AS amount FROM ledger_entry \
            UNION ALL \
            SELECT CASE WHEN debit LIKE 'deposit:%' THEN 'deposits' ELSE debit END AS account, \
                -amount_tyiyn AS amount FROM ledger_entry \
        ) AS entry GROUP BY account";
    let statement = Statement::from_string(db.get_database_backend(), BALANCES);
    let sums = Sum::find_by_statement(statement).all(db).await?;
    Ok(sums.into_iter().map(|sum| (sum.account, sum.amount)).collect())
}

pub(super) fn amount(tyiyn: i64, table: &'static str) -> Result<Tyiyn, StoreError> {
    Tyiyn::new(tyiyn).map_err(StoreError::damaged(table))
}
