//! Rows of proven identities, sealed personal numbers and people's keys.

use crate::db::{StoreError, Txn};
use crate::entity::{identity, person, person_key};
use crate::identity::ceremony::AccountKind;
use crate::identity::proven::Provider;
use sea_orm::prelude::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Databases limit the parameters of one statement.
const AT_ONCE: usize = 500;

/// An identity as its row is named.
pub struct IdentityName {
    pub provider: Provider,
    pub issuer: String,
    /// The keyed hash of the issuer's name for the person.
    pub subject: String,
}

/// The person that an identity is linked to.
pub struct LinkedIdentity {
    pub person: PersonId,
    pub is_revoked: bool,
}

/// A person's key as it is kept; `wrapped` is `None` once it was destroyed.
pub struct KeptKey {
    pub wrapped: Option<Vec<u8>>,
}

/// Locks a person until the transaction ends.
pub async fn lock_person(txn: &Txn, who: PersonId) -> Result<(), StoreError> {
    let row = person::Entity::find_by_id(who.0).lock_exclusive().one(txn).await?;
    row.map(|_| ()).ok_or(StoreError::NotFound)
}

/// The keyed hash of a person's number.
pub async fn pin_hash(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<Option<String>, StoreError> {
    let row = person::Entity::find_by_id(who.0).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(row.pin_hash)
}

/// The sealed number of a person.
pub async fn sealed_pin(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = person::Entity::find_by_id(who.0).one(db).await?.ok_or(StoreError::NotFound)?;
    Ok(row.pin_sealed)
}

/// The person of this kind whose number has this hash, and whose account has not ended.
pub async fn person_with_pin(
    db: &impl ConnectionTrait,
    kind: AccountKind,
    hash: &str,
) -> Result<Option<PersonId>, StoreError> {
    let row = person::Entity::find()
        .filter(person::Column::Kind.eq(kind.key()))
        .filter(person::Column::PinHash.eq(hash))
        .filter(person::Column::RetiredAt.is_null())
        .one(db)
        .await?;
    Ok(row.map(|row| PersonId(row.id)))
}

/// The people of each kind whose number has this hash, also of accounts that have ended.
pub async fn accounts_with_pin(
    db: &impl ConnectionTrait,
    hash: &str,
) -> Result<Vec<PersonId>, StoreError> {
    let rows = person::Entity::find().filter(person::Column::PinHash.eq(hash)).all(db).await?;
    Ok(rows.into_iter().map(|row| PersonId(row.id)).collect())
}

/// The keyed hashes of people's numbers; who has none is absent.
pub async fn pin_hashes(
    db: &impl ConnectionTrait,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, String>, StoreError> {
    let mut hashes = BTreeMap::new();
    for some in people.chunks(AT_ONCE) {
        let ids = person::Column::Id.is_in(some.iter().map(|who| who.0));
        let rows = person::Entity::find().filter(ids).all(db).await?;
        hashes.extend(rows.into_iter().filter_map(|row| Some((PersonId(row.id), row.pin_hash?))));
    }
    Ok(hashes)
}

/// Stores a person's number, and the name that was proven with it.
pub async fn set_pin(
    txn: &Txn,
    who: PersonId,
    hash: &str,
    sealed: Vec<u8>,
    name: Option<&str>,
) -> Result<(), StoreError> {
    let mut row = person::ActiveModel {
        id: Set(who.0),
        pin_hash: Set(Some(hash.to_owned())),
        pin_sealed: Set(Some(sealed)),
        ..Default::default()
    };
    if let Some(name) = name {
        row.name = Set(name.to_owned());
    }
    row.update(txn).await?;
    Ok(())
}

/// A person's key, also one that was destroyed.
pub async fn kept_key(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<Option<KeptKey>, StoreError> {
    let row = person_key::Entity::find_by_id(who.0).one(db).await?;
    Ok(row.map(|row| KeptKey { wrapped: row.wrapped }))
}

/// Stores a person's first key.
pub async fn insert_person_key(
    txn: &Txn,
    who: PersonId,
    wrapped: Vec<u8>,
) -> Result<(), StoreError> {
    let (person, wrapped) = (Set(who.0), Set(Some(wrapped)));
    person_key::ActiveModel { person, wrapped, destroyed_at: Set(None) }.insert(txn).await?;
    Ok(())
}

/// The person of this kind that an identity is linked to.
pub async fn linked(
    db: &impl ConnectionTrait,
    kind: AccountKind,
    name: &IdentityName,
) -> Result<Option<LinkedIdentity>, StoreError> {
    let row = identity::Entity::find_by_id(key(kind, name)).one(db).await?;
    Ok(row.map(|row| LinkedIdentity {
        person: PersonId(row.person),
        is_revoked: row.revoked_at.is_some(),
    }))
}

/// Links an identity to a person.
pub async fn insert_identity(
    txn: &Txn,
    kind: AccountKind,
    who: PersonId,
    name: &IdentityName,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (provider, issuer, subject, kind) = key(kind, name);
    let row = identity::ActiveModel {
        provider: Set(provider),
        issuer: Set(issuer),
        subject: Set(subject),
        kind: Set(kind),
        person: Set(who.0),
        created_at: Set(now.0),
        used_at: Set(now.0),
        revoked_at: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Records that an identity has signed in. Returns `false` if it is not linked any more.
pub async fn use_identity(
    txn: &Txn,
    kind: AccountKind,
    name: &IdentityName,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (provider, issuer, subject, kind) = key(kind, name);
    let used = identity::Entity::update_many()
        .col_expr(identity::Column::UsedAt, Expr::value(now.0))
        .filter(identity::Column::Provider.eq(provider))
        .filter(identity::Column::Issuer.eq(issuer))
        .filter(identity::Column::Subject.eq(subject))
        .filter(identity::Column::Kind.eq(kind))
        .exec(txn)
        .await?;
    Ok(used.rows_affected > 0)
}

/// The moments when an identity of this provider was linked to a person, and last used; `None` if
/// none is.
pub async fn link_of(
    db: &impl ConnectionTrait,
    who: PersonId,
    provider: Provider,
) -> Result<Option<(Timestamp, Timestamp)>, StoreError> {
    let row = identity::Entity::find()
        .filter(identity::Column::Person.eq(who.0))
        .filter(identity::Column::Provider.eq(provider.key()))
        .filter(identity::Column::RevokedAt.is_null())
        .one(db)
        .await?;
    Ok(row.map(|row| (Timestamp(row.created_at), Timestamp(row.used_at))))
}

/// As [`link_of`], of all officials.
pub async fn links_of_officials(
    db: &impl ConnectionTrait,
    provider: Provider,
    limit: u64,
) -> Result<Vec<(PersonId, Timestamp, Timestamp)>, StoreError> {
    let rows = identity::Entity::find()
        .filter(identity::Column::Kind.eq(AccountKind::Official.key()))
        .filter(identity::Column::Provider.eq(provider.key()))
        .filter(identity::Column::RevokedAt.is_null())
        .limit(limit)
        .all(db)
        .await?;
    let link = |row: identity::Model| {
        (PersonId(row.person), Timestamp(row.created_at), Timestamp(row.used_at))
    };
    Ok(rows.into_iter().map(link).collect())
}

/// Ends an official's account for good: their number may be another account's now, and nothing is
/// linked to this one any more.
pub async fn retire(txn: &Txn, who: PersonId, now: Timestamp) -> Result<(), StoreError> {
    let (id, retired_at) = (Set(who.0), Set(Some(now.0)));
    person::ActiveModel { id, retired_at, ..Default::default() }.update(txn).await?;
    for provider in Provider::ALL {
        unlink(txn, who, provider).await?;
    }
    Ok(())
}

/// Removes what links identities of this provider to a person; returns the number of links.
pub async fn unlink(txn: &Txn, who: PersonId, provider: Provider) -> Result<u64, StoreError> {
    let own = identity::Entity::delete_many()
        .filter(identity::Column::Person.eq(who.0))
        .filter(identity::Column::Provider.eq(provider.key()));
    Ok(own.exec(txn).await?.rows_affected)
}

fn key(kind: AccountKind, name: &IdentityName) -> (String, String, String, String) {
    let IdentityName { provider, issuer, subject } = name;
    (provider.key().to_owned(), issuer.clone(), subject.clone(), kind.key().to_owned())
}
