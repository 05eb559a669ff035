//! Rows of the audit trail.

use super::entry::{Entry, Row};
use crate::db::advisory_lock::AdvisoryLock;
use crate::db::{StoreError, Txn, reach};
use crate::entity::{application, auction, audit_event, lot};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

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

/// Returns `true` if the same act of the same person was recorded after `since`.
pub async fn has_same_since(
    db: &impl ConnectionTrait,
    entry: &Entry,
    since: Timestamp,
) -> Result<bool, StoreError> {
    use audit_event::Column;
    let person = entry.actor.person().map(|person| person.0);
    let same = audit_event::Entity::find()
        .filter(Column::Object.eq(&*entry.object))
        .filter(Column::Action.eq(entry.action.key()))
        .filter(Column::Detail.eq(canonical_json(&entry.detail)))
        .filter(person.map_or(Column::Actor.is_null(), |person| Column::Actor.eq(person)))
        .filter(Column::At.gt(since.0));
    Ok(same.count(db).await? > 0)
}

/// The objects of the acts that an official may see.
pub enum Objects {
    /// Those whose names begin like this.
    Beginning(&'static str),
    /// These.
    Named(Vec<String>),
}

/// A page before `before` of acts on these objects.
pub async fn page(
    db: &impl ConnectionTrait,
    before: Option<u64>,
    objects: &Objects,
    limit: u64,
) -> Result<Vec<Row>, StoreError> {
    let mut query = audit_event::Entity::find()
        .filter(on(objects))
        .order_by_desc(audit_event::Column::Seq)
        .limit(limit);
    if let Some(before) = before.and_then(|seq| i64::try_from(seq).ok()) {
        query = query.filter(audit_event::Column::Seq.lt(before));
    }
    let rows = query.all(db).await?;
    Ok(rows.into_iter().map(row).collect())
}

/// One act, if it is on one of these objects.
pub async fn act(
    db: &impl ConnectionTrait,
    seq: u64,
    objects: &Objects,
) -> Result<Option<Row>, StoreError> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    let query = audit_event::Entity::find_by_id(seq).filter(on(objects));
    Ok(query.one(db).await?.map(row))
}

/// The newest `limit` lots, auctions and applications of these organisations, each.
pub async fn objects_of(
    db: &impl ConnectionTrait,
    organisations: &BTreeSet<OrganisationId>,
    limit: u64,
) -> Result<Objects, StoreError> {
    let lots = lot::Entity::find()
        .select_only()
        .column(lot::Column::Id)
        .filter(lot::Column::Id.in_subquery(reach::lots(organisations)))
        .order_by_desc(lot::Column::Id)
        .limit(limit);
    let auctions = auction::Entity::find()
        .select_only()
        .column(auction::Column::Id)
        .filter(auction::Column::Id.in_subquery(reach::auctions(organisations)))
        .order_by_desc(auction::Column::Id)
        .limit(limit);
    let applications = application::Entity::find()
        .select_only()
        .column(application::Column::Id)
        .filter(application::Column::Auction.in_subquery(reach::auctions(organisations)))
        .order_by_desc(application::Column::Id)
        .limit(limit);
    let lots: Vec<Uuid> = lots.into_tuple().all(db).await?;
    let auctions: Vec<Uuid> = auctions.into_tuple().all(db).await?;
    let applications: Vec<Uuid> = applications.into_tuple().all(db).await?;
    let kinds = [("lot", lots), ("auction", auctions), ("application", applications)];
    let names = kinds
        .into_iter()
        .flat_map(|(kind, ids)| ids.into_iter().map(move |id| format!("{kind}:{id}")));
    Ok(Objects::Named(names.collect()))
}

fn on(objects: &Objects) -> SimpleExpr {
    match objects {
        Objects::Beginning(prefix) => audit_event::Column::Object.starts_with(*prefix),
        Objects::Named(names) => audit_event::Column::Object.is_in(names.iter().cloned()),
    }
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
