//! Rows of nodes and outages, and the auctions whose clock runs.

use crate::db::StoreError;
use crate::entity::{auction, node, outage};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::auction::{Outage, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// Outages are kept this long after their end, longer than any window.
const OUTAGES_KEPT: TimeSpan = TimeSpan::days(30);
/// Most outages that are read for one window; the latest count.
const OUTAGES_READ: u64 = 1_000;

/// A node's own row, or another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    pub id: Uuid,
    /// The number of its beats.
    pub beats: i64,
    /// The last moment at which it took and decided bids.
    pub alive_at: Timestamp,
    /// Every bid that it stamped before this is decided.
    pub decided_to: Timestamp,
}

impl Node {
    /// The mark of a node that stamps no bids any more.
    pub const LEFT: Timestamp = Timestamp(i64::MAX);
}

/// All nodes that may have bids to decide, and those that ended.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Node>, StoreError> {
    let rows = node::Entity::find().order_by_asc(node::Column::Id).all(db).await?;
    let node = |row: node::Model| Node {
        id: row.id,
        beats: row.beats,
        alive_at: Timestamp(row.alive_at),
        decided_to: Timestamp(row.decided_to),
    };
    Ok(rows.into_iter().map(node).collect())
}

/// Inserts a node that beats for the first time.
pub async fn insert(db: &impl ConnectionTrait, node: Node) -> Result<(), StoreError> {
    let row = node::ActiveModel {
        id: Set(node.id),
        beats: Set(node.beats),
        alive_at: Set(node.alive_at.0),
        decided_to: Set(node.decided_to.0),
    };
    row.insert(db).await?;
    Ok(())
}

/// Stores a node's beat; `false` if another node has removed its row.
pub async fn update(db: &impl ConnectionTrait, node: Node) -> Result<bool, StoreError> {
    let row = node::ActiveModel {
        beats: Set(node.beats),
        alive_at: Set(node.alive_at.0),
        decided_to: Set(node.decided_to.0),
        ..Default::default()
    };
    let of_node = node::Column::Id.eq(node.id);
    let updated = node::Entity::update_many().set(row).filter(of_node).exec(db).await?;
    Ok(updated.rows_affected == 1)
}

/// Removes a node as it was read; `false` if it has beaten since.
pub async fn remove(db: &impl ConnectionTrait, node: Node) -> Result<bool, StoreError> {
    let as_read =
        Condition::all().add(node::Column::Id.eq(node.id)).add(node::Column::Beats.eq(node.beats));
    let removed = node::Entity::delete_many().filter(as_read).exec(db).await?;
    Ok(removed.rows_affected == 1)
}

/// Records an outage, of one auction or of all, and sweeps old ones.
pub async fn insert_outage(
    db: &impl ConnectionTrait,
    id: Uuid,
    outage: Outage,
    auction: Option<AuctionId>,
) -> Result<(), StoreError> {
    let row = outage::ActiveModel {
        id: Set(id),
        since: Set(outage.since.0),
        until: Set(outage.until.0),
        auction: Set(auction.map(|auction| auction.0)),
        is_partial: Set(outage.is_partial),
    };
    row.insert(db).await?;
    let old = outage::Column::Until.lt((outage.since - OUTAGES_KEPT).0);
    outage::Entity::delete_many().filter(old).exec(db).await?;
    Ok(())
}

/// The outages that concern an auction and ended after `from`, the latest first.
pub async fn outages(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    from: Timestamp,
) -> Result<Vec<Outage>, StoreError> {
    let concerned = Condition::any()
        .add(outage::Column::Auction.is_null())
        .add(outage::Column::Auction.eq(auction.0));
    let rows = outage::Entity::find()
        .filter(outage::Column::Until.gte(from.0))
        .filter(concerned)
        .order_by_desc(outage::Column::Until)
        .limit(OUTAGES_READ)
        .all(db)
        .await?;
    let outage = |row: outage::Model| Outage {
        since: Timestamp(row.since),
        until: Timestamp(row.until),
        is_partial: row.is_partial,
    };
    Ok(rows.into_iter().map(outage).collect())
}

/// Returns `true` if any auction takes bids, or soon will.
pub async fn is_needed(db: &impl ConnectionTrait) -> Result<bool, StoreError> {
    Ok(!running(db, None, None, 1).await?.is_empty())
}

/// Auctions that wait for their start or are in their bidding, after `after` in the order of ids;
/// with `due_by` only those whose clock has something to do by then, or is stopped.
pub async fn running(
    db: &impl ConnectionTrait,
    after: Option<AuctionId>,
    due_by: Option<Timestamp>,
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
    if let Some(due_by) = due_by {
        query = query.filter(auction::Column::WakeAt.lte(due_by.0));
    }
    let ids: Vec<Uuid> = query.into_tuple().all(db).await?;
    Ok(ids.into_iter().map(AuctionId).collect())
}
