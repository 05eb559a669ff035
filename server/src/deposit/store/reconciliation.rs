//! Rows of the payment system's statements, and what the ledger has of the same operations.

use super::money::amount;
use super::{CHUNK, parsed, text};
use crate::db::{StoreError, Txn};
use crate::deposit::reconciled_day::ReconciledDay;
use crate::entity::{ledger_entry, payment, reconciliation, refund, statement_line};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::deposit::ledger::Account;
use toruk_sync::domain::reconciliation::{
    BookedOperation, OperationKind, OperationName, StatementLine,
};
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Locks a day until the transaction ends, so that it is compared by one node at a time.
pub async fn hold_day(txn: &Txn, day: BusinessDay, now: Timestamp) -> Result<(), StoreError> {
    let row = reconciliation::ActiveModel {
        day: Set(day.to_string()),
        state: Set("null".to_owned()),
        updated_at: Set(now.0),
    };
    let known = OnConflict::column(reconciliation::Column::Day).do_nothing().to_owned();
    reconciliation::Entity::insert(row).on_conflict(known).exec_without_returning(txn).await?;
    reconciliation::Entity::find_by_id(day.to_string()).lock_exclusive().one(txn).await?;
    Ok(())
}

/// Stores the outcome of a day that is held.
pub async fn put_day(txn: &Txn, day: &ReconciledDay) -> Result<(), StoreError> {
    let row = reconciliation::ActiveModel {
        day: Set(day.day.to_string()),
        state: Set(text(day, "reconciliation")?),
        updated_at: Set(day.at.0),
    };
    row.update(txn).await?;
    Ok(())
}

/// A day's comparison.
pub async fn reconciled_day(
    db: &impl ConnectionTrait,
    day: BusinessDay,
) -> Result<Option<ReconciledDay>, StoreError> {
    let row = reconciliation::Entity::find_by_id(day.to_string()).one(db).await?;
    row.map_or(Ok(None), |row| parsed(&row.state, "reconciliation"))
}

/// The newest days that were compared.
pub async fn reconciled_days(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<ReconciledDay>, StoreError> {
    let rows = reconciliation::Entity::find()
        .order_by_desc(reconciliation::Column::Day)
        .limit(limit)
        .all(db)
        .await?;
    rows.iter().map(|row| parsed(&row.state, "reconciliation")).collect()
}

/// Keeps lines of a day's statement, the first of them with this number, in place of earlier ones.
pub async fn put_lines(
    txn: &Txn,
    day: BusinessDay,
    first: usize,
    lines: &[StatementLine],
) -> Result<(), StoreError> {
    let day = day.to_string();
    let first = number(first)?;
    let mut rows = Vec::new();
    for (no, line) in (first..).zip(lines) {
        rows.push(statement_line::ActiveModel {
            day: Set(day.clone()),
            no: Set(no),
            kind: Set(line.kind.key().to_owned()),
            name: Set(line.name.clone()),
            state: Set(text(line, "statement_line")?),
        });
    }
    let known = OnConflict::columns([statement_line::Column::Day, statement_line::Column::No])
        .update_columns([
            statement_line::Column::Kind,
            statement_line::Column::Name,
            statement_line::Column::State,
        ])
        .to_owned();
    for chunk in rows.chunks(CHUNK) {
        statement_line::Entity::insert_many(chunk.to_vec())
            .on_conflict(known.clone())
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// Removes the lines of a day from this number on: an earlier statement had more.
pub async fn remove_lines_from(
    txn: &Txn,
    day: BusinessDay,
    first: usize,
) -> Result<(), StoreError> {
    statement_line::Entity::delete_many()
        .filter(statement_line::Column::Day.eq(day.to_string()))
        .filter(statement_line::Column::No.gte(number(first)?))
        .exec(txn)
        .await?;
    Ok(())
}

fn number(place: usize) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(StoreError::damaged("statement_line"))
}

/// The statement of a day, at most `limit` lines.
pub async fn lines_of(
    db: &impl ConnectionTrait,
    day: BusinessDay,
    limit: u64,
) -> Result<Vec<StatementLine>, StoreError> {
    let rows = statement_line::Entity::find()
        .filter(statement_line::Column::Day.eq(day.to_string()))
        .order_by_asc(statement_line::Column::No)
        .limit(limit)
        .all(db)
        .await?;
    rows.iter().map(|row| parsed(&row.state, "statement_line")).collect()
}

/// Those of these operations that the statements of other days name.
pub async fn stated_elsewhere(
    db: &impl ConnectionTrait,
    day: BusinessDay,
    names: &[String],
) -> Result<BTreeSet<OperationName>, StoreError> {
    let mut found = BTreeSet::new();
    for chunk in names.chunks(CHUNK) {
        let rows = statement_line::Entity::find()
            .filter(statement_line::Column::Day.ne(day.to_string()))
            .filter(statement_line::Column::Name.is_in(chunk))
            .all(db)
            .await?;
        for row in rows {
            let line: StatementLine = parsed(&row.state, "statement_line")?;
            found.insert((line.kind, line.name));
        }
    }
    Ok(found)
}

/// Payments and refunds of the ledger that went through the payment system: those of these names,
/// and those booked from `from` until `until`.
pub async fn booked(
    db: &impl ConnectionTrait,
    names: &[String],
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<BookedOperation>, StoreError> {
    let mut payments = payment::Entity::find()
        .filter(payment::Column::CreatedAt.gte(from.0))
        .filter(payment::Column::CreatedAt.lt(until.0))
        .all(db)
        .await?;
    let mut refunds = refund::Entity::find()
        .filter(refund::Column::DoneAt.gte(from.0))
        .filter(refund::Column::DoneAt.lt(until.0))
        .all(db)
        .await?;
    for chunk in names.chunks(CHUNK) {
        let named = payment::Entity::find().filter(payment::Column::Reference.is_in(chunk));
        payments.extend(named.all(db).await?);
        let ids = chunk.iter().filter_map(|name| name.parse::<Uuid>().ok());
        let named = refund::Entity::find()
            .filter(refund::Column::Id.is_in(ids))
            .filter(refund::Column::DoneAt.is_not_null());
        refunds.extend(named.all(db).await?);
    }
    let mut keys: BTreeMap<String, (OperationName, Timestamp)> = BTreeMap::new();
    for row in payments {
        let name = (OperationKind::Payment, row.reference.clone());
        for kind in ["payment", "unmatched"] {
            let key = format!("{kind}:{}", row.reference);
            keys.insert(key, (name.clone(), Timestamp(row.created_at)));
        }
    }
    for row in refunds {
        let name = (OperationKind::Refund, row.id.to_string());
        let of = row.deposit.map_or(row.payment, |deposit| deposit.to_string());
        let at = Timestamp(row.done_at.unwrap_or(row.created_at));
        keys.insert(format!("refund:{of}"), (name, at));
    }
    summed(db, keys).await
}

/// The sum of the entries under these keys, by operation. One without entries is of zero tyiyn;
/// one whose entries are on other accounts than the payment system's is left out.
async fn summed(
    db: &impl ConnectionTrait,
    keys: BTreeMap<String, (OperationName, Timestamp)>,
) -> Result<Vec<BookedOperation>, StoreError> {
    let account = Account::Gateway.to_string();
    let mut sums: BTreeMap<OperationName, (i64, Timestamp)> =
        keys.values().map(|(name, at)| (name.clone(), (0, *at))).collect();
    let all: Vec<&String> = keys.keys().collect();
    for chunk in all.chunks(CHUNK) {
        let entries = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::Key.is_in(chunk.iter().copied()))
            .all(db)
            .await?;
        for entry in entries {
            let Some((name, _)) = keys.get(&entry.key) else { continue };
            let side = match name.0 {
                OperationKind::Payment => &entry.debit,
                OperationKind::Refund => &entry.credit,
            };
            if *side != account {
                sums.remove(name);
            } else if let Some((sum, _)) = sums.get_mut(name) {
                *sum = sum.saturating_add(entry.amount_tyiyn);
            }
        }
    }
    let operation = |((kind, name), (sum, at))| {
        let amount = amount(sum, "ledger_entry")?;
        Ok(BookedOperation { kind, name, amount, at })
    };
    sums.into_iter().map(operation).collect()
}
