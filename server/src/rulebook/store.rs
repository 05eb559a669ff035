//! Rows of profiles and their proposals, and the logs on which a profile is tried.

use super::profiles::{ProfileProposal, StoredProfile};
use crate::db::{StoreError, Txn};
use crate::entity::{auction, auction_event, rule_profile, rule_proposal};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::Record;
use uuid::Uuid;

const OPEN: &str = "open";
/// The states of auctions that are over.
const OVER: [&str; 3] = ["complete", "unsuccessful", "cancelled"];

/// The profile in force; `None` as long as that of the configuration is.
pub async fn current(db: &impl ConnectionTrait) -> Result<Option<StoredProfile>, StoreError> {
    let row = rule_profile::Entity::find()
        .order_by_desc(rule_profile::Column::Version)
        .limit(1)
        .one(db)
        .await?;
    row.map(stored).transpose()
}

/// Versions, the newest first.
pub async fn versions(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<StoredProfile>, StoreError> {
    let rows = rule_profile::Entity::find()
        .order_by_desc(rule_profile::Column::Version)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(stored).collect()
}

/// Puts a version in force.
pub async fn insert(txn: &Txn, profile: &StoredProfile) -> Result<(), StoreError> {
    let row = rule_profile::ActiveModel {
        version: Set(i64::from(profile.rules.version)),
        rules: Set(json(&profile.rules)?),
        basis: Set(json(&profile.basis)?),
        reason: Set(profile.reason.clone()),
        proposed_by: Set(profile.proposed_by.0),
        approved_by: Set(profile.approved_by.0),
        approved_at: Set(profile.approved_at.0),
        is_calendar_sent: Set(false),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The version in force, if its calendar is not yet in the logs of all auctions that run.
pub async fn unsent(db: &impl ConnectionTrait) -> Result<Option<StoredProfile>, StoreError> {
    let row = rule_profile::Entity::find()
        .order_by_desc(rule_profile::Column::Version)
        .limit(1)
        .one(db)
        .await?;
    row.filter(|row| !row.is_calendar_sent).map(stored).transpose()
}

/// Notes that a version's calendar is in the logs.
pub async fn sent(txn: &Txn, version: u32) -> Result<(), StoreError> {
    let row = rule_profile::ActiveModel {
        version: Set(i64::from(version)),
        is_calendar_sent: Set(true),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// The open proposal, lapsed or not.
pub async fn open(
    db: &impl ConnectionTrait,
) -> Result<Option<(Uuid, ProfileProposal)>, StoreError> {
    let row = rule_proposal::Entity::find()
        .filter(rule_proposal::Column::Fate.eq(OPEN))
        .order_by_desc(rule_proposal::Column::CreatedAt)
        .order_by_desc(rule_proposal::Column::Id)
        .limit(1)
        .one(db)
        .await?;
    row.map(|row| Ok((row.id, parsed(&row.content, "rule_proposal")?))).transpose()
}

/// Stores a proposal.
pub async fn propose(txn: &Txn, id: Uuid, proposal: &ProfileProposal) -> Result<(), StoreError> {
    let row = rule_proposal::ActiveModel {
        id: Set(id),
        content: Set(json(proposal)?),
        fate: Set(OPEN.to_owned()),
        decided_by: Set(None),
        created_at: Set(proposal.at.0),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Ends a proposal.
pub async fn close(
    txn: &Txn,
    id: Uuid,
    fate: &str,
    by: Option<PersonId>,
) -> Result<(), StoreError> {
    let row = rule_proposal::ActiveModel {
        id: Set(id),
        fate: Set(fate.to_owned()),
        decided_by: Set(by.map(|by| by.0)),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// The ids and public numbers of the auctions that ended last, the latest first.
pub async fn ended(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(AuctionId, String)>, StoreError> {
    let rows: Vec<(Uuid, String)> = auction::Entity::find()
        .select_only()
        .columns([auction::Column::Id, auction::Column::Number])
        .filter(auction::Column::Published.eq(true))
        .filter(auction::Column::Status.is_in(OVER))
        .order_by_desc(auction::Column::UpdatedAt)
        .order_by_desc(auction::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(id, number)| (AuctionId(id), number)).collect())
}

/// The log of an auction; `None` if it has more than `limit` records.
pub async fn log(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    limit: u64,
) -> Result<Option<Vec<Record>>, StoreError> {
    let rows = auction_event::Entity::find()
        .filter(auction_event::Column::Auction.eq(auction.0))
        .order_by_asc(auction_event::Column::Seq)
        .limit(limit + 1)
        .all(db)
        .await?;
    if rows.len() as u64 > limit {
        return Ok(None);
    }
    let record = |row: auction_event::Model| {
        Ok(Record {
            auction,
            seq: u64::try_from(row.seq).map_err(StoreError::damaged("auction_event"))?,
            at: Timestamp(row.at),
            event: parsed(&row.event, "auction_event")?,
        })
    };
    rows.into_iter().map(record).collect::<Result<_, StoreError>>().map(Some)
}

fn stored(row: rule_profile::Model) -> Result<StoredProfile, StoreError> {
    Ok(StoredProfile {
        rules: parsed(&row.rules, "rule_profile")?,
        basis: parsed(&row.basis, "rule_profile")?,
        reason: row.reason,
        proposed_by: PersonId(row.proposed_by),
        approved_by: PersonId(row.approved_by),
        approved_at: Timestamp(row.approved_at),
    })
}

fn parsed<T: DeserializeOwned>(text: &str, table: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(StoreError::damaged(table))
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::damaged("rule_profile"))
}
