//! Rows of people, passkeys, sessions, devices and roles.

mod officials;
mod phones;
mod sessions;

pub use officials::*;
pub use phones::*;
pub use sessions::*;

use super::ceremony::{Ceremony, NewPerson};
use crate::db::{StoreError, Txn};
use crate::entity::person;
use crate::entity::{ceremony, credential};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _,
};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

/// Stores a ceremony and removes expired ones.
pub async fn open_ceremony(
    txn: &Txn,
    id: Uuid,
    ceremony: &Ceremony,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    ceremony::Entity::delete_many()
        .filter(ceremony::Column::ExpiresAt.lte(now.0))
        .exec(txn)
        .await?;
    let state = serde_json::to_string(ceremony).map_err(StoreError::damaged("ceremony"))?;
    let row = ceremony::ActiveModel {
        id: Set(id),
        kind: Set(ceremony.kind().to_owned()),
        state: Set(state),
        expires_at: Set(expires_at.0),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The number of ceremonies under way.
pub async fn ceremonies(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let open = ceremony::Entity::find().filter(ceremony::Column::ExpiresAt.gt(now.0));
    Ok(open.count(db).await?)
}

/// A ceremony that can still be finished.
pub async fn ceremony(
    db: &impl ConnectionTrait,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<Ceremony>, StoreError> {
    let row = ceremony::Entity::find_by_id(id)
        .filter(ceremony::Column::ExpiresAt.gt(now.0))
        .one(db)
        .await?;
    row.map(|row| serde_json::from_str(&row.state).map_err(StoreError::damaged("ceremony")))
        .transpose()
}

/// Uses a ceremony up; `false` if another request did so first.
pub async fn close_ceremony(txn: &Txn, id: Uuid) -> Result<bool, StoreError> {
    Ok(ceremony::Entity::delete_by_id(id).exec(txn).await?.rows_affected == 1)
}

/// Creates a person with their first passkey.
pub async fn insert_person(
    txn: &Txn,
    new: &NewPerson,
    credential_id: &str,
    passkey: &Passkey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = person::ActiveModel {
        id: Set(new.id.0),
        name: Set(new.name.clone()),
        language: Set(new.language.clone()),
        created_at: Set(now.0),
    };
    row.insert(txn).await?;
    let row = credential::ActiveModel {
        id: Set(credential_id.to_owned()),
        person: Set(new.id.0),
        passkey: Set(serde_json::to_string(passkey).map_err(StoreError::damaged("credential"))?),
        created_at: Set(now.0),
        used_at: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The person's display name.
pub async fn name(db: &impl ConnectionTrait, who: PersonId) -> Result<String, StoreError> {
    let row = person::Entity::find_by_id(who.0).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(row.name)
}

/// Names of people who exist.
pub async fn names(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<Vec<(PersonId, String)>, StoreError> {
    let ids = people.iter().map(|person| person.0);
    let rows = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (PersonId(row.id), row.name)).collect())
}

/// A passkey by its id, and the person it belongs to.
pub async fn passkey(
    db: &impl ConnectionTrait,
    credential_id: &str,
) -> Result<Option<(PersonId, Passkey)>, StoreError> {
    let row = credential::Entity::find_by_id(credential_id).one(db).await?;
    row.map(|row| Ok((PersonId(row.person), read_passkey(&row)?))).transpose()
}

/// All passkeys of a person.
pub async fn passkeys(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<Vec<Passkey>, StoreError> {
    let mine = credential::Entity::find().filter(credential::Column::Person.eq(who.0));
    mine.all(db).await?.iter().map(read_passkey).collect()
}

fn read_passkey(row: &credential::Model) -> Result<Passkey, StoreError> {
    serde_json::from_str(&row.passkey).map_err(StoreError::damaged("credential"))
}

/// Stores a passkey's counter after its use.
pub async fn use_passkey(
    txn: &Txn,
    credential_id: &str,
    passkey: &Passkey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = credential::ActiveModel {
        id: Set(credential_id.to_owned()),
        passkey: Set(serde_json::to_string(passkey).map_err(StoreError::damaged("credential"))?),
        used_at: Set(Some(now.0)),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}
