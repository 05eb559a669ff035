//! Rows of what signatures by certificate rest on.

use crate::db::{StoreError, Txn};
use crate::entity::{evidence_list, revocation_list, signature_evidence};
use sea_orm::sea_query::{Expr, OnConflict, Query as SeaSelect, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use std::collections::BTreeSet;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Keeps the evidence of what was signed, in place of an earlier signature's, and names the lists
/// on which it rests.
pub async fn put_evidence(
    txn: &Txn,
    (object, lists): (&str, &BTreeSet<String>),
    person: PersonId,
    content: String,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = signature_evidence::ActiveModel {
        object: Set(object.to_owned()),
        person: Set(person.0),
        content: Set(content),
        created_at: Set(now.0),
    };
    use signature_evidence::Column;
    let columns = [Column::Person, Column::Content, Column::CreatedAt];
    let replaced = OnConflict::column(Column::Object).update_columns(columns).to_owned();
    signature_evidence::Entity::insert(row)
        .on_conflict(replaced)
        .exec_without_returning(txn)
        .await?;
    evidence_list::Entity::delete_many()
        .filter(evidence_list::Column::Object.eq(object))
        .exec(txn)
        .await?;
    let rests_on = |sha256: &String| evidence_list::ActiveModel {
        object: Set(object.to_owned()),
        sha256: Set(sha256.clone()),
    };
    if !lists.is_empty() {
        let rows = lists.iter().map(rests_on);
        evidence_list::Entity::insert_many(rows).exec_without_returning(txn).await?;
    }
    Ok(())
}

/// Returns `true` if there is evidence of what was signed.
pub async fn has_evidence(db: &impl ConnectionTrait, object: &str) -> Result<bool, StoreError> {
    let named = signature_evidence::Column::Object.eq(object);
    Ok(signature_evidence::Entity::find().filter(named).count(db).await? > 0)
}

/// The sealed evidence of what was signed, and whose it is.
pub async fn evidence(
    db: &impl ConnectionTrait,
    object: &str,
) -> Result<Option<(PersonId, String)>, StoreError> {
    let row = signature_evidence::Entity::find_by_id(object).one(db).await?;
    Ok(row.map(|row| (PersonId(row.person), row.content)))
}

/// Removes the evidence of what was signed; returns the number of rows.
pub async fn drop_evidence(txn: &Txn, object: &str) -> Result<u64, StoreError> {
    evidence_list::Entity::delete_many()
        .filter(evidence_list::Column::Object.eq(object))
        .exec(txn)
        .await?;
    let dropped = signature_evidence::Entity::delete_by_id(object).exec(txn).await?;
    Ok(dropped.rows_affected)
}

/// Objects with this beginning whose evidence was kept before `before`.
pub async fn waiting_evidence(
    db: &impl ConnectionTrait,
    beginning: &str,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<String>, StoreError> {
    let rows = signature_evidence::Entity::find()
        .select_only()
        .column(signature_evidence::Column::Object)
        .filter(signature_evidence::Column::Object.starts_with(beginning))
        .filter(signature_evidence::Column::CreatedAt.lt(before.0))
        .limit(limit);
    Ok(rows.into_tuple().all(db).await?)
}

/// Removes all evidence of a person's signatures.
pub async fn forget_evidence(txn: &Txn, person: PersonId) -> Result<(), StoreError> {
    let own = signature_evidence::Column::Person.eq(person.0);
    let objects = SeaSelect::select()
        .column(signature_evidence::Column::Object)
        .from(signature_evidence::Entity)
        .and_where(own.clone())
        .to_owned();
    evidence_list::Entity::delete_many()
        .filter(evidence_list::Column::Object.in_subquery(objects))
        .exec(txn)
        .await?;
    signature_evidence::Entity::delete_many().filter(own).exec(txn).await?;
    Ok(())
}

/// The moment when a list was stored, or was last needed.
pub async fn list_kept_at(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let found = revocation_list::Entity::find_by_id(sha256)
        .select_only()
        .column(revocation_list::Column::KeptAt)
        .into_tuple::<i64>()
        .one(db)
        .await?;
    Ok(found.map(Timestamp))
}

/// Keeps a list of revoked certificates once, needed `now`.
pub async fn put_revocation_list(
    txn: &Txn,
    sha256: &str,
    der: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    use revocation_list::Column;
    let known = revocation_list::Entity::update_many()
        .col_expr(Column::KeptAt, Expr::value(now.0))
        .filter(Column::Sha256.eq(sha256))
        .exec(txn)
        .await?;
    if known.rows_affected > 0 {
        return Ok(());
    }
    let row = revocation_list::ActiveModel {
        sha256: Set(sha256.to_owned()),
        der: Set(der.to_vec()),
        kept_at: Set(now.0),
    };
    let known = OnConflict::column(Column::Sha256).update_column(Column::KeptAt).to_owned();
    revocation_list::Entity::insert(row).on_conflict(known).exec_without_returning(txn).await?;
    Ok(())
}

/// Lists that were last needed before `before`, and on which no evidence rests.
pub async fn unused_lists(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<String>, StoreError> {
    use revocation_list::Column;
    let rows = revocation_list::Entity::find()
        .select_only()
        .column(Column::Sha256)
        .filter(Column::KeptAt.lt(before.0))
        .filter(Column::Sha256.not_in_subquery(needed()))
        .limit(limit);
    Ok(rows.into_tuple().all(db).await?)
}

/// Removes these lists, but those that were needed meanwhile. Returns how many.
pub async fn sweep_lists(
    txn: &Txn,
    unused: Vec<String>,
    before: Timestamp,
) -> Result<u64, StoreError> {
    use revocation_list::Column;
    let swept = revocation_list::Entity::delete_many()
        .filter(Column::Sha256.is_in(unused))
        .filter(Column::KeptAt.lt(before.0))
        .filter(Column::Sha256.not_in_subquery(needed()));
    Ok(swept.exec(txn).await?.rows_affected)
}

fn needed() -> SelectStatement {
    SeaSelect::select().column(evidence_list::Column::Sha256).from(evidence_list::Entity).to_owned()
}

/// A list of revoked certificates, DER.
pub async fn revocation_list(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = revocation_list::Entity::find_by_id(sha256).one(db).await?;
    Ok(row.map(|row| row.der))
}
