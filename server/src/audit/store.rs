//! Rows of the audit trail.

use super::entry::{Entry, Row};
use crate::db::advisory_lock::AdvisoryLock;
use crate::db::{StoreError, Txn};
use crate::entity::audit_event;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::signing::canonical_json;

/// Appends one act at the end of the chain.
pub async fn append(txn: &Txn, entry: &Entry, at: Timestamp) -> Result<(), StoreError> {
    AdvisoryLock::Audit.acquire(txn).await?;
    let last = audit_event::Entity::find().order_by_desc(audit_event::Column::Seq).one(txn).await?;
    let (seq, previous) = last.map_or((1, vec![0; 32]), |row| (row.seq + 1, row.hash));
    let detail = canonical_json(&entry.detail);
    let content = canonical_json(&json!([
        seq,
        at,
        entry.actor.person(),
        entry.actor.role_key(),
        entry.action.key(),
        entry.object,
        detail
    ]));
    let mut hasher = Sha256::new();
    hasher.update(&previous);
    hasher.update(content);
    let row = audit_event::ActiveModel {
        seq: Set(seq),
        at: Set(at.0),
        actor: Set(entry.actor.person().map(|person| person.0)),
        role: Set(entry.actor.role_key().to_owned()),
        action: Set(entry.action.key().to_owned()),
        object: Set(entry.object.clone()),
        detail: Set(detail),
        hash: Set(hasher.finalize().to_vec()),
    };
    row.insert(txn).await?;
    Ok(())
}

/// A page before `before` of acts on objects that begin with `object`.
pub async fn page(
    db: &impl ConnectionTrait,
    before: Option<u64>,
    object: &str,
    limit: u64,
) -> Result<Vec<Row>, StoreError> {
    let mut query = audit_event::Entity::find()
        .filter(audit_event::Column::Object.starts_with(object))
        .order_by_desc(audit_event::Column::Seq)
        .limit(limit);
    if let Some(before) = before.and_then(|seq| i64::try_from(seq).ok()) {
        query = query.filter(audit_event::Column::Seq.lt(before));
    }
    let rows = query.all(db).await?;
    Ok(rows.into_iter().map(row).collect())
}

fn row(row: audit_event::Model) -> Row {
    Row {
        seq: u64::try_from(row.seq).unwrap_or_default(),
        at: Timestamp(row.at),
        actor: row.actor.map(PersonId),
        role: row.role,
        action: row.action,
        object: row.object,
        detail: row.detail,
        hash: hex::encode(row.hash),
    }
}
