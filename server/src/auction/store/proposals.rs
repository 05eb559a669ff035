//! Rows of proposals that wait for a second person.

use crate::db::StoreError;
use crate::entity::proposal;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::proposal::Proposal;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// Most proposals of one auction that are read; a person's newer one replaces their older.
const OPEN_MAX: u64 = 100;
const OPEN: &str = "open";

/// The outcome of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Approved,
    Declined,
    Withdrawn,
    Lapsed,
}

impl Fate {
    fn key(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }
}

pub async fn insert(
    db: &impl ConnectionTrait,
    id: Uuid,
    auction: AuctionId,
    proposal: &Proposal,
) -> Result<(), StoreError> {
    let row = proposal::ActiveModel {
        id: Set(id),
        auction: Set(auction.0),
        status: Set(OPEN.to_owned()),
        content: Set(canonical_json(proposal)),
        created_at: Set(proposal.at.0),
        decided_by: Set(None),
        decided_at: Set(None),
    };
    row.insert(db).await?;
    Ok(())
}

/// Open proposals of an auction, the oldest first, including lapsed ones.
pub async fn open(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<Vec<(Uuid, Proposal)>, StoreError> {
    let rows = proposal::Entity::find()
        .filter(proposal::Column::Auction.eq(auction.0))
        .filter(proposal::Column::Status.eq(OPEN))
        .order_by_asc(proposal::Column::CreatedAt)
        .order_by_asc(proposal::Column::Id)
        .limit(OPEN_MAX)
        .all(db)
        .await?;
    let read = |row: proposal::Model| {
        let content = serde_json::from_str(&row.content);
        Ok((row.id, content.map_err(StoreError::damaged("proposal"))?))
    };
    rows.into_iter().map(read).collect()
}

/// Ends a proposal with its outcome.
pub async fn close(
    db: &impl ConnectionTrait,
    id: Uuid,
    fate: Fate,
    by: Option<PersonId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = proposal::ActiveModel {
        id: Set(id),
        status: Set(fate.key().to_owned()),
        decided_by: Set(by.map(|by| by.0)),
        decided_at: Set(Some(now.0)),
        ..Default::default()
    };
    row.update(db).await?;
    Ok(())
}
