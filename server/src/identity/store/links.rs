//! Rows of codes for the next device. A used or replaced one is gone.

use crate::db::{StoreError, Txn};
use crate::entity::{passkey_link, person};
use crate::identity::ceremony::NewPerson;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// A code that was used up.
pub struct UsedLink {
    /// As the passkey's that confirmed it.
    pub recovered_at: Option<Timestamp>,
}

/// Stores a code in place of the person's last one, and removes all that have expired.
pub async fn insert_link(
    txn: &Txn,
    code_hash: &str,
    who: PersonId,
    (expires_at, recovered_at): (Timestamp, Option<Timestamp>),
    now: Timestamp,
) -> Result<(), StoreError> {
    let old = Condition::any()
        .add(passkey_link::Column::Person.eq(who.0))
        .add(passkey_link::Column::ExpiresAt.lte(now.0));
    passkey_link::Entity::delete_many().filter(old).exec(txn).await?;
    let row = passkey_link::ActiveModel {
        code_hash: Set(code_hash.to_owned()),
        person: Set(who.0),
        expires_at: Set(expires_at.0),
        recovered_at: Set(recovered_at.map(|at| at.0)),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The person whose code this is, if it can be used.
pub async fn link(
    db: &impl ConnectionTrait,
    code_hash: &str,
    now: Timestamp,
) -> Result<Option<PersonId>, StoreError> {
    let found = passkey_link::Entity::find_by_id(code_hash)
        .filter(passkey_link::Column::ExpiresAt.gt(now.0))
        .one(db)
        .await?;
    Ok(found.map(|row| PersonId(row.person)))
}

/// Uses a code up; `None` if it was used, replaced or has expired.
pub async fn use_link(
    txn: &Txn,
    code_hash: &str,
    now: Timestamp,
) -> Result<Option<UsedLink>, StoreError> {
    let found = passkey_link::Entity::find_by_id(code_hash).one(txn).await?;
    let used = passkey_link::Entity::delete_many()
        .filter(passkey_link::Column::CodeHash.eq(code_hash))
        .filter(passkey_link::Column::ExpiresAt.gt(now.0))
        .exec(txn)
        .await?;
    let recovered_at = found.and_then(|row| row.recovered_at).map(Timestamp);
    Ok((used.rows_affected == 1).then_some(UsedLink { recovered_at }))
}

/// A person as a registration names them.
pub async fn known_person(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<NewPerson, StoreError> {
    let row = person::Entity::find_by_id(who.0).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(NewPerson { id: who, name: row.name, language: row.language })
}

/// Locks a person until the transaction ends: two acts at once see each other's passkeys.
pub async fn lock_person(txn: &Txn, who: PersonId) -> Result<(), StoreError> {
    let row = person::Entity::find_by_id(who.0).lock_exclusive().one(txn).await?;
    row.map(|_| ()).ok_or(StoreError::NotFound)
}
