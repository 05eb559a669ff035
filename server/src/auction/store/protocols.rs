//! Rows of auctions whose official protocol has still to be made.

use crate::db::{StoreError, Txn};
use crate::entity::protocol_due::{ActiveModel, Column, Entity};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// At most `limit` of them, those that wait longest first.
pub async fn due(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<AuctionId>, StoreError> {
    let rows: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Auction)
        .order_by_asc(Column::Since)
        .order_by_asc(Column::Auction)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(AuctionId).collect())
}

/// Notes that a protocol has to be made.
pub async fn put(txn: &Txn, auction: AuctionId, now: Timestamp) -> Result<(), StoreError> {
    let row = ActiveModel { auction: Set(auction.0), since: Set(now.0) };
    let again = OnConflict::column(Column::Auction).update_column(Column::Since).to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(txn).await?;
    Ok(())
}

/// Puts a protocol that has to be made behind the others.
pub async fn postpone(txn: &Txn, auction: AuctionId, now: Timestamp) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::Since, Expr::value(now.0))
        .filter(Column::Auction.eq(auction.0))
        .exec(txn)
        .await?;
    Ok(())
}

/// Notes that nothing has to be made.
pub async fn remove(txn: &Txn, auction: AuctionId) -> Result<(), StoreError> {
    Entity::delete_by_id(auction.0).exec(txn).await?;
    Ok(())
}
