//! Rows of attempts to pay, by what they are looked for.

use super::{CHUNK, IntentRow, intent_row, key};
use crate::db::{StoreError, Txn, reach};
use crate::entity::{deposit, payment, payment_intent};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, ExprTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use std::collections::BTreeSet;
use toruk_sync::domain::deposit::IntentStatus;
use toruk_sync::domain::id::{DepositId, IntentId, OrganisationId};
use toruk_sync::domain::time::Timestamp;

/// Finds an attempt; within a transaction it is locked until that ends.
pub async fn intent(
    db: &impl ConnectionTrait,
    id: IntentId,
) -> Result<Option<IntentRow>, StoreError> {
    let row = payment_intent::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    row.map(intent_row).transpose()
}

/// The attempts to pay deposits, the newest first.
pub async fn intents_of(
    db: &impl ConnectionTrait,
    deposits: &[DepositId],
) -> Result<Vec<IntentRow>, StoreError> {
    let mut found = Vec::new();
    for chunk in deposits.chunks(CHUNK) {
        let query = payment_intent::Entity::find()
            .filter(payment_intent::Column::Deposit.is_in(chunk.iter().map(|id| id.0)))
            .order_by_desc(payment_intent::Column::CreatedAt);
        found.extend(intents(query, db).await?);
    }
    Ok(found)
}

/// The newest attempts to pay, from `before` on; at most `limit`.
pub async fn newest_intents(
    db: &impl ConnectionTrait,
    reach: Option<&BTreeSet<OrganisationId>>,
    before: Option<(Timestamp, IntentId)>,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    let mut query = newest(reach, limit);
    if let Some((at, id)) = before {
        let same =
            payment_intent::Column::CreatedAt.eq(at.0).and(payment_intent::Column::Id.lt(id.0));
        query = query.filter(payment_intent::Column::CreatedAt.lt(at.0).or(same));
    }
    intents(query, db).await
}

/// The newest attempts whose payments a wrong clock has dated and nobody has looked into.
pub async fn intents_with_open_clock(
    db: &impl ConnectionTrait,
    reach: Option<&BTreeSet<OrganisationId>>,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    let open = payment::Entity::find()
        .select_only()
        .column(payment::Column::Intent)
        .filter(payment::Column::ClockFault.is_not_null())
        .filter(payment::Column::ClockReviewedAt.is_null())
        .into_query();
    let query = newest(reach, limit).filter(payment_intent::Column::Id.in_subquery(open));
    intents(query, db).await
}

fn newest(reach: Option<&BTreeSet<OrganisationId>>, limit: u64) -> Select<payment_intent::Entity> {
    let query = payment_intent::Entity::find()
        .order_by_desc(payment_intent::Column::CreatedAt)
        .order_by_desc(payment_intent::Column::Id)
        .limit(limit);
    let Some(reach) = reach else { return query };
    let own = deposit::Entity::find()
        .select_only()
        .column(deposit::Column::Id)
        .filter(deposit::Column::Auction.in_subquery(reach::auctions(reach)))
        .into_query();
    query.filter(payment_intent::Column::Deposit.in_subquery(own))
}

/// Attempts whose time has passed but that are not marked as expired yet.
pub async fn expired_intents(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    intents(expired(now, limit), db).await
}

/// As [`expired_intents`], locked until the transaction ends.
pub async fn hold_expired_intents(
    txn: &Txn,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    intents(expired(now, limit).lock_exclusive(), txn).await
}

/// Attempts about which the payment system is to be asked by `now`, the longest due first: whichever
/// are asked about move behind all others, so nothing waits behind those that never end.
pub async fn due_questions(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<IntentRow>, StoreError> {
    let query = payment_intent::Entity::find()
        .filter(payment_intent::Column::AskAt.lte(now.0))
        .order_by_asc(payment_intent::Column::AskAt)
        .order_by_asc(payment_intent::Column::Id)
        .limit(limit);
    intents(query, db).await
}

/// Sets the next question about these attempts; `None`: there is none.
pub async fn ask_next(
    txn: &Txn,
    attempts: &[IntentId],
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    for chunk in attempts.chunks(CHUNK) {
        payment_intent::Entity::update_many()
            .col_expr(payment_intent::Column::AskAt, Expr::value(at.map(|at| at.0)))
            .filter(payment_intent::Column::Id.is_in(chunk.iter().map(|id| id.0)))
            .exec(txn)
            .await?;
    }
    Ok(())
}

fn expired(now: Timestamp, limit: u64) -> Select<payment_intent::Entity> {
    use IntentStatus::{CodeIssued, Created, Pending, Redirected};
    in_status([Created, CodeIssued, Redirected, Pending])
        .filter(payment_intent::Column::ExpiresAt.lte(now.0))
        .order_by_asc(payment_intent::Column::ExpiresAt)
        // Always in one order: two nodes may lock them at once.
        .order_by_asc(payment_intent::Column::Id)
        .limit(limit)
}

fn in_status<const N: usize>(status: [IntentStatus; N]) -> Select<payment_intent::Entity> {
    payment_intent::Entity::find().filter(payment_intent::Column::Status.is_in(status.map(key)))
}

async fn intents(
    query: Select<payment_intent::Entity>,
    db: &impl ConnectionTrait,
) -> Result<Vec<IntentRow>, StoreError> {
    query.all(db).await?.into_iter().map(intent_row).collect()
}
