//! Rows of the outbox that stand for a notice to all participants of an auction.

use super::super::notice::GroupNotice;
use super::row;
use crate::db::{StoreError, Txn};
use crate::entity::outbox;
use sea_orm::prelude::Expr;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};
use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// The outbox's `kind` of notices to a group.
pub(super) const KIND: &str = "group";

/// The body of a group's row.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct GroupBody {
    notice: GroupNotice,
    made_to: BidderNo,
}

/// A group's notice that is due.
#[derive(Debug, Clone)]
pub struct DueGroup {
    /// Id of its outbox row.
    pub id: Uuid,
    pub notice: GroupNotice,
    /// Participants up to this number have their notice.
    pub made_to: BidderNo,
}

/// Inserts a group's notice, due at `at`.
pub async fn insert(
    txn: &Txn,
    id: Uuid,
    notice: &GroupNotice,
    at: Timestamp,
) -> Result<(), StoreError> {
    let body = first_body(*notice)?;
    outbox::Entity::insert(row(id, KIND, body, at)).exec_without_returning(txn).await?;
    Ok(())
}

/// The body of a row of which no notice is made yet.
pub(super) fn first_body(notice: GroupNotice) -> Result<String, StoreError> {
    body(notice, BidderNo(0))
}

/// Returns `true` if any is due.
pub async fn has_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, StoreError> {
    Ok(due(now).one(db).await?.is_some())
}

/// The oldest that is due and not in another node's hands, locked.
pub async fn lock_due(txn: &Txn, now: Timestamp) -> Result<Option<DueGroup>, StoreError> {
    let row = due(now)
        .order_by_asc(outbox::Column::NextAt)
        .order_by_asc(outbox::Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(txn)
        .await?;
    let group = |row: outbox::Model| {
        let body: GroupBody =
            serde_json::from_str(&row.body).map_err(StoreError::damaged("outbox"))?;
        Ok(DueGroup { id: row.id, notice: body.notice, made_to: body.made_to })
    };
    row.map(group).transpose()
}

/// Records how far a group's notices are made; `None`: they all are.
pub async fn proceed(
    txn: &Txn,
    group: &DueGroup,
    made_to: Option<BidderNo>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = outbox::Entity::update_many().filter(outbox::Column::Id.eq(group.id));
    let update = match made_to {
        Some(made_to) => {
            update.col_expr(outbox::Column::Body, Expr::value(body(group.notice, made_to)?))
        }
        None => update.col_expr(outbox::Column::DoneAt, Expr::value(now.0)),
    };
    update.exec(txn).await?;
    Ok(())
}

fn due(now: Timestamp) -> Select<outbox::Entity> {
    outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(KIND))
        .filter(outbox::Column::DoneAt.is_null())
        .filter(outbox::Column::NextAt.lte(now.0))
}

fn body(notice: GroupNotice, made_to: BidderNo) -> Result<String, StoreError> {
    serde_json::to_string(&GroupBody { notice, made_to }).map_err(StoreError::damaged("outbox"))
}
