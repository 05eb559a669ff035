//! Rows of sessions and phones.

use crate::db::{StoreError, Txn};
use crate::entity::person;
use crate::entity::{credential, device, session};
use sea_orm::prelude::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeMap;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::Actor;

/// A session that has not ended.
#[derive(Debug, Clone)]
pub struct Session {
    pub person: PersonId,
    /// The phone; `None` for the console.
    pub device: Option<DeviceId>,
    /// The moment of the sign-in.
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// As the passkey's that signed in.
    pub recovered_at: Option<Timestamp>,
}

/// A phone and its owner.
#[derive(Debug, Clone)]
pub struct Device {
    /// The id that the phone chose.
    pub id: DeviceId,
    pub person: PersonId,
    /// The phone's number in the person's drafts.
    pub actor: Actor,
    /// `android`, `ios` or `terminal`.
    pub platform: String,
    /// The phone's public key: P-256, SEC 1.
    pub public_key: Vec<u8>,
    /// The address of the phone's pushes.
    pub push_token: Option<String>,
    pub is_revoked: bool,
    /// Its bids may be signed as `BidPayloadV1`: it was registered without a proof of its key.
    pub signs_v1: bool,
    /// The name that its owner gave it.
    pub name: Option<String>,
    /// The moment when it was added, or got another key.
    pub created_at: Timestamp,
}

/// Starts a session in place of the phone's last one, and removes the person's ended ones.
pub async fn insert_session(
    txn: &Txn,
    token_hash: &str,
    new: &Session,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut old = Condition::any().add(session::Column::ExpiresAt.lte(now.0));
    if let Some(device) = new.device {
        old = old.add(session::Column::Device.eq(device.0));
    }
    session::Entity::delete_many()
        .filter(session::Column::Person.eq(new.person.0))
        .filter(old)
        .exec(txn)
        .await?;
    let row = session::ActiveModel {
        token_hash: Set(token_hash.to_owned()),
        person: Set(new.person.0),
        device: Set(new.device.map(|device| device.0)),
        created_at: Set(new.created_at.0),
        expires_at: Set(new.expires_at.0),
        recovered_at: Set(new.recovered_at.map(|at| at.0)),
    };
    row.insert(txn).await?;
    Ok(())
}

/// A session that has not ended.
pub async fn session(
    db: &impl ConnectionTrait,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<Session>, StoreError> {
    let found = session::Entity::find_by_id(token_hash)
        .filter(session::Column::ExpiresAt.gt(now.0))
        .one(db)
        .await?;
    Ok(found.map(|row| Session {
        person: PersonId(row.person),
        device: row.device.map(DeviceId),
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        recovered_at: row.recovered_at.map(Timestamp),
    }))
}

/// Moves a session's end; a session that was ended meanwhile stays ended.
pub async fn prolong_session(
    txn: &Txn,
    token_hash: &str,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::ExpiresAt, Expr::value(expires_at.0))
        .filter(session::Column::TokenHash.eq(token_hash))
        .exec(txn)
        .await?;
    Ok(())
}

/// Removes the session of a token.
pub async fn delete_session(txn: &Txn, token_hash: &str) -> Result<(), StoreError> {
    session::Entity::delete_by_id(token_hash).exec(txn).await?;
    Ok(())
}

/// The phone with this id, if it is known.
pub async fn device(db: &impl ConnectionTrait, id: DeviceId) -> Result<Option<Device>, StoreError> {
    device::Entity::find_by_id(id.0).one(db).await?.map(phone).transpose()
}

/// A person's phones, revoked ones too, the oldest first.
pub async fn devices(db: &impl ConnectionTrait, who: PersonId) -> Result<Vec<Device>, StoreError> {
    let mine = device::Entity::find().filter(device::Column::Person.eq(who.0));
    let mine = mine.order_by_asc(device::Column::CreatedAt).order_by_asc(device::Column::Id);
    mine.all(db).await?.into_iter().map(phone).collect()
}

/// The moment when a phone was added, or got another key, in an account that other phones or passkeys had used before;
/// `None` if it is the first.
pub async fn joined_at(
    db: &impl ConnectionTrait,
    who: PersonId,
    id: DeviceId,
) -> Result<Option<Timestamp>, StoreError> {
    let this = device::Entity::find_by_id(id.0).one(db).await?.ok_or(StoreError::NotFound)?;
    let before = this.created_at;
    let phones = device::Entity::find()
        .filter(device::Column::Person.eq(who.0))
        .filter(device::Column::CreatedAt.lt(before));
    let passkeys = credential::Entity::find()
        .filter(credential::Column::Person.eq(who.0))
        .filter(credential::Column::CreatedAt.lt(before));
    let is_first = phones.one(db).await?.is_none() && passkeys.one(db).await?.is_none();
    Ok((!is_first).then_some(Timestamp(before)))
}

/// Revokes a phone; its pushes end.
pub async fn revoke_device(txn: &Txn, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
    let row = device::ActiveModel {
        id: Set(id.0),
        push_token: Set(None),
        revoked_at: Set(Some(now.0)),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// A person's phones, revoked ones too. Locks the person, so that two of their phones can't get the
/// same number.
pub async fn devices_for_change(txn: &Txn, who: PersonId) -> Result<Vec<Device>, StoreError> {
    person::Entity::find_by_id(who.0).lock_exclusive().one(txn).await?;
    devices(txn, who).await
}

/// Inserts a phone that is new to the server.
pub async fn insert_device(txn: &Txn, new: &Device) -> Result<(), StoreError> {
    let row = device::ActiveModel {
        id: Set(new.id.0),
        person: Set(new.person.0),
        actor: Set(i64::from(new.actor)),
        platform: Set(new.platform.clone()),
        public_key: Set(new.public_key.clone()),
        push_token: Set(None),
        next_op_no: Set(1),
        created_at: Set(new.created_at.0),
        revoked_at: Set(None),
        signs_v1: Set(new.signs_v1),
        name: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Stores the platform and key of a phone that signs in again.
pub async fn update_device(txn: &Txn, renewed: &Device) -> Result<(), StoreError> {
    let row = device::ActiveModel {
        id: Set(renewed.id.0),
        platform: Set(renewed.platform.clone()),
        public_key: Set(renewed.public_key.clone()),
        signs_v1: Set(renewed.signs_v1),
        ..Default::default()
    };
    row.update(txn).await?;
    Ok(())
}

/// Counts a phone as added at `now`.
pub async fn restart_device(txn: &Txn, id: DeviceId, now: Timestamp) -> Result<(), StoreError> {
    let row = device::ActiveModel { id: Set(id.0), created_at: Set(now.0), ..Default::default() };
    row.update(txn).await?;
    Ok(())
}

/// Returns `true` if a phone of another person has this key, or had it until it was revoked.
pub async fn is_key_of_another(
    txn: &Txn,
    person: PersonId,
    public_key: &[u8],
) -> Result<bool, StoreError> {
    let others = device::Entity::find()
        .filter(device::Column::PublicKey.eq(public_key.to_vec()))
        .filter(device::Column::Person.ne(person.0));
    Ok(others.one(txn).await?.is_some())
}

/// Sets the address of a phone's pushes. Other phones that have the same one keep it.
pub async fn set_push_token(
    txn: &Txn,
    id: DeviceId,
    token: Option<String>,
) -> Result<(), StoreError> {
    let row = device::ActiveModel { id: Set(id.0), push_token: Set(token), ..Default::default() };
    row.update(txn).await?;
    Ok(())
}

fn phone(row: device::Model) -> Result<Device, StoreError> {
    Ok(Device {
        id: DeviceId(row.id),
        person: PersonId(row.person),
        actor: Actor::try_from(row.actor).map_err(StoreError::damaged("device"))?,
        platform: row.platform,
        public_key: row.public_key,
        push_token: row.push_token,
        is_revoked: row.revoked_at.is_some(),
        signs_v1: row.signs_v1,
        name: row.name,
        created_at: Timestamp(row.created_at),
    })
}

/// The begins and ends of the sessions of a person's phones, also of those that have ended a short
/// while ago.
pub async fn session_ends(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<BTreeMap<DeviceId, (Timestamp, Timestamp)>, StoreError> {
    let mine = session::Entity::find().filter(session::Column::Person.eq(who.0)).all(db).await?;
    let end = |row: session::Model| {
        let span = (Timestamp(row.created_at), Timestamp(row.expires_at));
        Some((DeviceId(row.device?), span))
    };
    Ok(mine.into_iter().filter_map(end).collect())
}

/// Names a phone.
pub async fn name_device(txn: &Txn, id: DeviceId, name: &str) -> Result<(), StoreError> {
    let (id, name) = (Set(id.0), Set(Some(name.to_owned())));
    device::ActiveModel { id, name, ..Default::default() }.update(txn).await?;
    Ok(())
}
