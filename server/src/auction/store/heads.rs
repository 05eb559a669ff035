//! Lengths and heads of the logs.

use crate::db::StoreError;
use crate::db::witness::LogHead;
use crate::entity::{auction, auction_event};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use toruk_sync::domain::id::AuctionId;
use uuid::Uuid;

/// The heads of at most `limit` auctions, in the order of ids.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<(Uuid, LogHead)>, StoreError> {
    let mut query = auction::Entity::find()
        .select_only()
        .columns([auction::Column::Id, auction::Column::Seq, auction::Column::Head])
        .order_by_asc(auction::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(auction::Column::Id.gt(after));
    }
    let rows: Vec<(Uuid, i64, Vec<u8>)> = query.into_tuple().all(db).await?;
    let head = |(id, seq, hash): (Uuid, i64, Vec<u8>)| {
        let seq = u64::try_from(seq).map_err(StoreError::damaged("auction"))?;
        let hash = hash.try_into().map_err(|_| StoreError::damaged("auction")("head"))?;
        Ok((id, LogHead { seq, hash }))
    };
    rows.into_iter().map(head).collect()
}

/// The hash of one record.
pub async fn hash_at(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    seq: u64,
) -> Result<Option<[u8; 32]>, StoreError> {
    let row = auction_event::Entity::find_by_id((auction.0, super::signed(seq))).one(db).await?;
    Ok(row.and_then(|row| row.hash.try_into().ok()))
}

/// The public number of an auction.
pub async fn number(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<Option<String>, StoreError> {
    Ok(auction::Entity::find_by_id(auction.0).one(db).await?.map(|row| row.number))
}
