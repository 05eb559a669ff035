//! Rows of refunds.

use super::money::amount;
use crate::db::{StoreError, Txn};
use crate::entity::refund;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    ExprTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::id::DepositId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// The reason why a refund waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Two people send it.
    Large,
    /// The payment system refused it too often.
    Refused,
    /// It goes back by a bank transfer.
    Bank,
}

impl Hold {
    fn key(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Refused => "refused",
            Self::Bank => "bank",
        }
    }
}

/// A refund to be paid.
#[derive(Debug, Clone)]
pub struct RefundRow {
    /// Also the refund's id at the payment system.
    pub id: Uuid,
    /// The reference of the payment that is refunded.
    pub payment: String,
    /// The deposit it releases; `None` for unmatched money.
    pub deposit: Option<DepositId>,
    pub amount: Tyiyn,
    /// How often the payment system has refused it.
    pub attempts: u32,
    /// The moment by which the rules want it paid.
    pub due_at: Option<Timestamp>,
}

/// Inserts a refund to be paid, at once or when people say so.
pub async fn insert_refund(
    txn: &Txn,
    refund: &RefundRow,
    hold: Option<Hold>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = refund::ActiveModel {
        id: Set(refund.id),
        payment: Set(refund.payment.clone()),
        deposit: Set(refund.deposit.map(|deposit| deposit.0)),
        amount_tyiyn: Set(refund.amount.get()),
        done_at: Set(None),
        created_at: Set(now.0),
        next_at: Set(now.0),
        attempts: Set(0),
        held: Set(hold.map(|hold| hold.key().to_owned())),
        due_at: Set(refund.due_at.map(|at| at.0)),
    };
    row.insert(txn).await?;
    Ok(())
}

/// A refund that is not paid yet, locked until the transaction ends.
pub async fn refund(txn: &Txn, id: Uuid) -> Result<RefundRow, StoreError> {
    let row = refund::Entity::find_by_id(id)
        .filter(refund::Column::DoneAt.is_null())
        .lock_exclusive()
        .one(txn)
        .await?;
    refund_row(row.ok_or(StoreError::NotFound)?)
}

/// Refunds to be paid by `now` that wait for nobody, the longest due first.
pub async fn due_refunds(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<RefundRow>, StoreError> {
    let rows = refund::Entity::find()
        .filter(refund::Column::DoneAt.is_null())
        .filter(refund::Column::Held.is_null())
        .filter(refund::Column::NextAt.lte(now.0))
        .order_by_asc(refund::Column::NextAt)
        .order_by_asc(refund::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(refund_row).collect()
}

/// Refunds that the rules wanted paid by `now`, the longest due first.
pub async fn overdue_refunds(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<RefundRow>, StoreError> {
    let rows = refund::Entity::find()
        .filter(refund::Column::DoneAt.is_null())
        .filter(refund::Column::DueAt.lte(now.0))
        .order_by_asc(refund::Column::DueAt)
        .order_by_asc(refund::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(refund_row).collect()
}

/// Sets the next attempt to pay a refund, behind all that are due; `refused` counts it.
pub async fn postpone_refund(
    txn: &Txn,
    id: Uuid,
    at: Timestamp,
    refused: bool,
) -> Result<(), StoreError> {
    let counted = Expr::col(refund::Column::Attempts).add(i64::from(refused));
    refund::Entity::update_many()
        .col_expr(refund::Column::NextAt, Expr::value(at.0))
        .col_expr(refund::Column::Attempts, counted)
        .filter(refund::Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// Keeps a refund for people, or lets it go out at `now` with a new count of attempts.
pub async fn hold_refund(
    txn: &Txn,
    id: Uuid,
    hold: Option<Hold>,
    now: Timestamp,
) -> Result<(), StoreError> {
    refund::Entity::update_many()
        .col_expr(refund::Column::Held, Expr::value(hold.map(Hold::key)))
        .col_expr(refund::Column::NextAt, Expr::value(now.0))
        .col_expr(refund::Column::Attempts, Expr::value(0_i64))
        .filter(refund::Column::Id.eq(id))
        .filter(refund::Column::DoneAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Marks a refund as paid; `false` if it was already.
pub async fn finish_refund(txn: &Txn, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let done = refund::Entity::update_many()
        .col_expr(refund::Column::DoneAt, Expr::value(now.0))
        .filter(refund::Column::Id.eq(id))
        .filter(refund::Column::DoneAt.is_null())
        .exec(txn)
        .await?;
    Ok(done.rows_affected > 0)
}

fn refund_row(row: refund::Model) -> Result<RefundRow, StoreError> {
    Ok(RefundRow {
        id: row.id,
        payment: row.payment,
        deposit: row.deposit.map(DepositId),
        amount: amount(row.amount_tyiyn, "refund")?,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        due_at: row.due_at.map(Timestamp),
    })
}
