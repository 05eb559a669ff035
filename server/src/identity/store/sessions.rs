//! Rows of sessions, read in bulk.

use crate::db::{StoreError, Txn};
use crate::entity::{device, session};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use std::collections::HashSet;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// At most `limit` sessions that ended before `before`, by the hashes of their tokens.
pub async fn ended_sessions(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<String>, StoreError> {
    let ended = session::Entity::find()
        .select_only()
        .column(session::Column::TokenHash)
        .filter(session::Column::ExpiresAt.lt(before.0))
        .limit(limit)
        .into_tuple();
    Ok(ended.all(db).await?)
}

/// Removes these sessions that ended before `before`; returns how many.
pub async fn sweep_sessions(
    txn: &Txn,
    ended: Vec<String>,
    before: Timestamp,
) -> Result<u64, StoreError> {
    let of_ended = session::Column::TokenHash.is_in(ended);
    Ok(session::Entity::delete_many()
        .filter(of_ended)
        // One that was used meanwhile goes on.
        .filter(session::Column::ExpiresAt.lt(before.0))
        .exec(txn)
        .await?
        .rows_affected)
}

/// Filters these sessions: keeps those that have not ended and whose phone is not revoked.
pub async fn lasting(
    db: &impl ConnectionTrait,
    token_hashes: impl Iterator<Item = &str>,
    now: Timestamp,
) -> Result<HashSet<String>, StoreError> {
    let rows: Vec<(String, Option<Uuid>)> = session::Entity::find()
        .select_only()
        .columns([session::Column::TokenHash, session::Column::Device])
        .filter(session::Column::TokenHash.is_in(token_hashes))
        .filter(session::Column::ExpiresAt.gt(now.0))
        .into_tuple()
        .all(db)
        .await?;
    let phones = rows.iter().filter_map(|(_, phone)| *phone);
    let revoked: Vec<Uuid> = device::Entity::find()
        .select_only()
        .column(device::Column::Id)
        .filter(device::Column::Id.is_in(phones))
        .filter(device::Column::RevokedAt.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    let revoked: HashSet<Uuid> = revoked.into_iter().collect();
    let lasts = |phone: &Option<Uuid>| phone.is_none_or(|phone| !revoked.contains(&phone));
    Ok(rows.into_iter().filter(|(_, phone)| lasts(phone)).map(|(hash, _)| hash).collect())
}
