//! Rows of heartbeats, and the auctions whose clock runs.

use crate::db::StoreError;
use crate::entity::{auction, heartbeat};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Key of the service that takes bids.
const SERVICE: &str = "bids";

/// The last heartbeat of any node.
pub async fn alive_at(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, StoreError> {
    let row = heartbeat::Entity::find_by_id(SERVICE).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(row.alive_at.map(Timestamp))
}

/// Records a heartbeat at `now`; an earlier one of a slower node changes nothing.
pub async fn beat(db: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
    if alive_at(db).await?.is_some_and(|known| known >= now) {
        return Ok(());
    }
    let row =
        heartbeat::ActiveModel { service: Set(SERVICE.to_owned()), alive_at: Set(Some(now.0)) };
    row.update(db).await?;
    Ok(())
}

/// Returns `true` if any auction takes bids, or soon will.
pub async fn is_needed(db: &impl ConnectionTrait) -> Result<bool, StoreError> {
    Ok(!running(db, None, 1).await?.is_empty())
}

/// Auctions that wait for their start or are in their bidding, after `after` in the order of ids.
pub async fn running(
    db: &impl ConnectionTrait,
    after: Option<AuctionId>,
    limit: u64,
) -> Result<Vec<AuctionId>, StoreError> {
    let statuses = [Status::Waiting, Status::Bidding].map(|status| super::key(&status));
    let mut query = auction::Entity::find()
        .select_only()
        .column(auction::Column::Id)
        .filter(auction::Column::Status.is_in(statuses))
        .order_by_asc(auction::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(auction::Column::Id.gt(after.0));
    }
    let ids: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(ids.into_iter().map(AuctionId).collect())
}
