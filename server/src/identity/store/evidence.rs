//! Rows of what signatures by certificate rest on.

use crate::db::{StoreError, Txn};
use crate::entity::{revocation_list, signature_evidence};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _,
};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Keeps the evidence of what was signed, in place of an earlier signature's.
pub async fn put_evidence(
    txn: &Txn,
    object: &str,
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

/// Removes all evidence of a person's signatures.
pub async fn forget_evidence(txn: &Txn, person: PersonId) -> Result<(), StoreError> {
    signature_evidence::Entity::delete_many()
        .filter(signature_evidence::Column::Person.eq(person.0))
        .exec(txn)
        .await?;
    Ok(())
}

/// Keeps a list of revoked certificates once.
pub async fn put_revocation_list(
    txn: &Txn,
    sha256: &str,
    der: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = revocation_list::ActiveModel {
        sha256: Set(sha256.to_owned()),
        der: Set(der.to_vec()),
        kept_at: Set(now.0),
    };
    let known = OnConflict::column(revocation_list::Column::Sha256).do_nothing().to_owned();
    revocation_list::Entity::insert(row).on_conflict(known).exec_without_returning(txn).await?;
    Ok(())
}

/// A list of revoked certificates, DER.
pub async fn revocation_list(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = revocation_list::Entity::find_by_id(sha256).one(db).await?;
    Ok(row.map(|row| row.der))
}
