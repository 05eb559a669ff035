//! Rows of receipts: the answer to every bid, accepted or refused.

use crate::db::{StoreError, Txn};
use crate::entity::bid_receipt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use std::collections::HashMap;
use toruk_sync::domain::id::{BidId, DeviceId, PersonId};
use toruk_sync::receipt::Receipt;
use toruk_sync::signing::canonical_json;

/// A receipt and the hash of what its bidder signed.
pub struct StoredReceipt {
    pub person: PersonId,
    pub device: DeviceId,
    pub request_hash: String,
    pub receipt: Receipt,
}

pub async fn receipt(
    db: &impl ConnectionTrait,
    bid: BidId,
) -> Result<Option<StoredReceipt>, StoreError> {
    bid_receipt::Entity::find_by_id(bid.0).one(db).await?.map(stored).transpose()
}

/// Earlier answers to these bids.
pub async fn receipts(
    txn: &Txn,
    bids: impl IntoIterator<Item = BidId>,
) -> Result<HashMap<BidId, StoredReceipt>, StoreError> {
    let rows = bid_receipt::Entity::find()
        .filter(bid_receipt::Column::Bid.is_in(bids.into_iter().map(|bid| bid.0)))
        .all(txn)
        .await?;
    rows.into_iter().map(|row| Ok((BidId(row.bid), stored(row)?))).collect()
}

pub async fn insert_receipts(txn: &Txn, receipts: &[StoredReceipt]) -> Result<(), StoreError> {
    if receipts.is_empty() {
        return Ok(());
    }
    let rows = receipts.iter().map(|stored| {
        let body = &stored.receipt.body;
        bid_receipt::ActiveModel {
            bid: Set(body.bid.0),
            auction: Set(body.auction.0),
            person: Set(stored.person.0),
            device: Set(stored.device.0),
            request_hash: Set(stored.request_hash.clone()),
            receipt: Set(canonical_json(&stored.receipt)),
            decided_at: Set(body.decided_at.0),
        }
    });
    bid_receipt::Entity::insert_many(rows).exec_without_returning(txn).await?;
    Ok(())
}

fn stored(row: bid_receipt::Model) -> Result<StoredReceipt, StoreError> {
    Ok(StoredReceipt {
        person: PersonId(row.person),
        device: DeviceId(row.device),
        request_hash: row.request_hash,
        receipt: serde_json::from_str(&row.receipt).map_err(StoreError::damaged("bid_receipt"))?,
    })
}
