//! Rows of passkeys.

use crate::db::{StoreError, Txn};
use crate::entity::{credential, person};
use crate::identity::ceremony::AccountKind;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use webauthn_rs::prelude::Passkey;

/// A new passkey and its owner.
pub struct MadePasskey<'a> {
    /// WebAuthn's credential id, base64url.
    pub id: &'a str,
    pub passkey: &'a Passkey,
    pub person: PersonId,
    /// The phone on which it was made.
    pub device: Option<DeviceId>,
    /// The moment when the account was recovered by it, or by the key that added it.
    pub recovered_at: Option<Timestamp>,
}

/// The data of a passkey beside its key.
#[derive(Debug, Clone)]
pub struct KnownPasskey {
    /// WebAuthn's credential id, base64url.
    pub id: String,
    pub person: PersonId,
    /// The name that its owner gave it.
    pub name: Option<String>,
    /// The phone on which it was made, if that is known.
    pub device: Option<DeviceId>,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// Inserts a new passkey.
pub async fn insert_passkey(
    txn: &Txn,
    made: &MadePasskey<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(made.passkey).map_err(StoreError::damaged("credential"))?;
    let row = credential::ActiveModel {
        id: Set(made.id.to_owned()),
        person: Set(made.person.0),
        passkey: Set(text),
        created_at: Set(now.0),
        used_at: Set(None),
        device: Set(made.device.map(|device| device.0)),
        revoked_at: Set(None),
        name: Set(None),
        recovered_at: Set(made.recovered_at.map(|at| at.0)),
        review_since: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// A passkey that signs in, by its id, and the person it belongs to.
pub async fn passkey(
    db: &impl ConnectionTrait,
    credential_id: &str,
) -> Result<Option<(PersonId, Passkey)>, StoreError> {
    let row = credential::Entity::find_by_id(credential_id)
        .filter(credential::Column::RevokedAt.is_null())
        .one(db)
        .await?;
    row.map(|row| Ok((PersonId(row.person), read_passkey(&row)?))).transpose()
}

/// Returns `true` if the id was ever used, also by a revoked passkey.
pub async fn has_passkey(db: &impl ConnectionTrait, id: &str) -> Result<bool, StoreError> {
    Ok(credential::Entity::find_by_id(id).one(db).await?.is_some())
}

/// All passkeys with which a person signs.
pub async fn passkeys(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<Vec<Passkey>, StoreError> {
    let mine = credential::Entity::find()
        .filter(credential::Column::Person.eq(who.0))
        .filter(credential::Column::RevokedAt.is_null());
    mine.all(db).await?.iter().map(read_passkey).collect()
}

/// All passkeys of these people, revoked ones too, the oldest first.
pub async fn passkeys_of(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<Vec<KnownPasskey>, StoreError> {
    let rows = credential::Entity::find()
        .filter(credential::Column::Person.is_in(people.iter().map(|person| person.0)))
        .order_by_asc(credential::Column::CreatedAt)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(known).collect())
}

/// The passkeys with which officials sign in, the oldest first.
pub async fn passkeys_of_officials(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<KnownPasskey>, StoreError> {
    let officials = Query::select()
        .column(person::Column::Id)
        .from(person::Entity)
        .and_where(person::Column::Kind.eq(AccountKind::Official.key()))
        .to_owned();
    let rows = credential::Entity::find()
        .filter(credential::Column::Person.in_subquery(officials))
        .filter(credential::Column::RevokedAt.is_null())
        .order_by_asc(credential::Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(known).collect())
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

/// The moment when the account was recovered by this passkey, if it was.
pub async fn recovered_at(
    db: &impl ConnectionTrait,
    id: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row = credential::Entity::find_by_id(id).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(row.recovered_at.map(Timestamp))
}

/// Stores the name that its owner gave a passkey.
pub async fn name_passkey(txn: &Txn, id: &str, name: &str) -> Result<(), StoreError> {
    let name = Set(Some(name.to_owned()));
    let row = credential::ActiveModel { id: Set(id.to_owned()), name, ..Default::default() };
    row.update(txn).await?;
    Ok(())
}

/// Marks a passkey of which there may be two copies; the first such moment stays.
pub async fn mark_for_review(txn: &Txn, id: &str, now: Timestamp) -> Result<(), StoreError> {
    credential::Entity::update_many()
        .col_expr(credential::Column::ReviewSince, Expr::value(now.0))
        .filter(credential::Column::Id.eq(id))
        .filter(credential::Column::ReviewSince.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends the review of a passkey; returns `false` if it is not to be reviewed.
pub async fn end_review(txn: &Txn, id: &str) -> Result<bool, StoreError> {
    let ended = credential::Entity::update_many()
        .col_expr(credential::Column::ReviewSince, Expr::value(Option::<i64>::None))
        .filter(credential::Column::Id.eq(id))
        .filter(credential::Column::ReviewSince.is_not_null())
        .exec(txn)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Passkeys that sign in and are to be reviewed, with the moment since when; the first to be marked
/// first.
pub async fn passkeys_to_review(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<(KnownPasskey, Timestamp)>, StoreError> {
    let rows = credential::Entity::find()
        .filter(credential::Column::ReviewSince.is_not_null())
        .filter(credential::Column::RevokedAt.is_null())
        .order_by_asc(credential::Column::ReviewSince)
        .limit(limit)
        .all(db)
        .await?;
    let since = |row: &credential::Model| Timestamp(row.review_since.unwrap_or_default());
    Ok(rows.into_iter().map(|row| (since(&row), row)).map(|(at, row)| (known(row), at)).collect())
}

/// Revokes a passkey: it signs nobody in any more.
pub async fn revoke_passkey(txn: &Txn, id: &str, now: Timestamp) -> Result<(), StoreError> {
    let (id, revoked_at) = (Set(id.to_owned()), Set(Some(now.0)));
    let row = credential::ActiveModel { id, revoked_at, ..Default::default() };
    row.update(txn).await?;
    Ok(())
}

fn known(row: credential::Model) -> KnownPasskey {
    KnownPasskey {
        id: row.id,
        person: PersonId(row.person),
        name: row.name,
        device: row.device.map(DeviceId),
        created_at: Timestamp(row.created_at),
        used_at: row.used_at.map(Timestamp),
        revoked_at: row.revoked_at.map(Timestamp),
    }
}

fn read_passkey(row: &credential::Model) -> Result<Passkey, StoreError> {
    serde_json::from_str(&row.passkey).map_err(StoreError::damaged("credential"))
}
