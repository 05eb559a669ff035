//! The latest records of some kinds.

use super::{LogEntry, signed};
use crate::db::StoreError;
use crate::entity::auction_event::{self, Column};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Record;

/// At most `limit` records of these kinds, the latest ones up to `up_to`, in the order of the log.
/// A kind is the event's name in JSON, of one with fields.
pub async fn latest(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    up_to: u64,
    kinds: &[&str],
    limit: u64,
) -> Result<Vec<LogEntry>, StoreError> {
    let begins = |kind: &&str| Column::Event.starts_with(format!("{{\"{kind}\""));
    let of_kind = kinds.iter().map(begins).fold(Condition::any(), Condition::add);
    let rows = auction_event::Entity::find()
        .filter(Column::Auction.eq(auction.0))
        .filter(Column::Seq.lte(signed(up_to)))
        .filter(of_kind)
        .order_by_desc(Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    let damaged = "auction_event";
    let entry = |row: auction_event::Model| {
        let record = Record {
            auction,
            seq: u64::try_from(row.seq).map_err(StoreError::damaged(damaged))?,
            at: Timestamp(row.at),
            event: serde_json::from_str(&row.event).map_err(StoreError::damaged(damaged))?,
        };
        let head = row.hash.try_into().map_err(|_| StoreError::damaged(damaged)("hash"))?;
        Ok(LogEntry { record, head })
    };
    rows.into_iter().rev().map(entry).collect()
}
