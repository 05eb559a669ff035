//! Rows of receipts: the answer to every bid, accepted or refused.

use crate::db::StoreError;
use crate::entity::bid_receipt;
use sea_orm::{ConnectionTrait, EntityTrait as _};
use std::sync::Arc;
use toruk_sync::domain::id::{AuctionId, BidId, DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{Decision, Receipt};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// A receipt as it is stored and sent, and the hash of what its bidder signed.
pub struct StoredReceipt {
    pub bid: BidId,
    pub auction: AuctionId,
    pub person: PersonId,
    pub device: DeviceId,
    pub request_hash: String,
    pub is_accepted: bool,
    pub decided_at: Timestamp,
    /// The signed `Receipt` in JSON.
    pub json: Arc<str>,
}

impl StoredReceipt {
    /// A new receipt of this bidder's.
    pub fn of((person, device): (PersonId, DeviceId), request_hash: String, new: &Receipt) -> Self {
        Self {
            bid: new.body.bid,
            auction: new.body.auction,
            person,
            device,
            request_hash,
            is_accepted: new.body.decision == Decision::Accepted,
            decided_at: new.body.decided_at,
            json: canonical_json(new).into(),
        }
    }

    /// A receipt that was stored.
    pub fn read(
        (person, device): (Uuid, Uuid),
        request_hash: String,
        json: String,
    ) -> Result<Self, StoreError> {
        let receipt: Receipt =
            serde_json::from_str(&json).map_err(StoreError::damaged("bid_receipt"))?;
        let by = (PersonId(person), DeviceId(device));
        Ok(Self { json: json.into(), ..Self::of(by, request_hash, &receipt) })
    }
}

/// The answer to a bid, if there is one.
pub async fn receipt(
    db: &impl ConnectionTrait,
    bid: BidId,
) -> Result<Option<StoredReceipt>, StoreError> {
    bid_receipt::Entity::find_by_id(bid.0).one(db).await?.map(stored).transpose()
}

fn stored(row: bid_receipt::Model) -> Result<StoredReceipt, StoreError> {
    StoredReceipt::read((row.person, row.device), row.request_hash, row.receipt)
}
