//! Rows of people, passkeys, sessions, devices and roles.

mod access;
mod erasure;
mod evidence;
mod links;
mod memberships;
mod officials;
mod organisations;
mod passkeys;
mod persons;
mod phones;
mod sessions;

pub use access::{
    Interests, console_sessions, console_sessions_of, delete_console_sessions,
    delete_other_console_sessions, delete_roles, end_invitation, end_invitations_by,
    has_administrator, interests, lock_official, officials, organisation_names,
};
pub use erasure::{destroy_key, end_all_access, forget_person};
pub use evidence::{
    evidence, forget_evidence, has_evidence, list_kept_at, put_evidence, put_revocation_list,
    revocation_list, sweep_lists, unused_lists,
};
pub use links::{insert_link, known_person, link, use_link};
pub use memberships::{
    end_membership, insert_membership, memberships, representatives, valid_powers,
};
pub use officials::*;
pub use organisations::{
    find_organisation, insert_organisation, organisation_named, organisations, update_organisation,
};
pub use passkeys::{
    KnownPasskey, MadePasskey, end_review, has_passkey, insert_passkey, mark_for_review,
    name_passkey, passkey, passkeys, passkeys_of, passkeys_of_officials, passkeys_to_review,
    recovered_at, revoke_passkey, use_passkey,
};
pub use persons::{
    IdentityName, KeptKey, LinkedIdentity, accounts_with_pin, insert_identity, insert_person_key,
    kept_key, link_of, linked, lock_person, person_with_pin, pin_hash, pin_hashes, sealed_pin,
    set_pin, unlink, use_identity,
};
pub use phones::*;
pub use sessions::*;

use super::ceremony::{AccountKind, NewPerson};
use crate::db::{StoreError, Txn};
use crate::entity::{ceremony, person};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbErr,
    EntityTrait as _, QueryFilter as _,
};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Uses a ceremony up until its challenge expires; `false` if another answer did so first. Removes
/// expired ones.
pub async fn spend_ceremony(
    txn: &Txn,
    id: Uuid,
    kind: &str,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    ceremony::Entity::delete_many()
        .filter(ceremony::Column::ExpiresAt.lte(now.0))
        .exec(txn)
        .await?;
    let row = ceremony::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        state: Set(String::new()),
        expires_at: Set(until.0),
    };
    let first = OnConflict::column(ceremony::Column::Id).do_nothing().to_owned();
    let rows = ceremony::Entity::insert(row).on_conflict(first).exec_without_returning(txn).await;
    match rows {
        Ok(rows) => Ok(rows == 1),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Creates a person.
pub async fn insert_person(
    txn: &Txn,
    new: &NewPerson,
    kind: AccountKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = person::ActiveModel {
        id: Set(new.id.0),
        name: Set(new.name.clone()),
        language: Set(new.language.clone()),
        kind: Set(kind.key().to_owned()),
        created_at: Set(now.0),
        ..Default::default()
    };
    row.insert(txn).await?;
    Ok(())
}

/// The kind of a person's account.
pub async fn kind(db: &impl ConnectionTrait, who: PersonId) -> Result<AccountKind, StoreError> {
    let row = person::Entity::find_by_id(who.0).one(db).await?.ok_or(StoreError::NotFound)?;
    let is_official = row.kind == AccountKind::Official.key();
    Ok(if is_official { AccountKind::Official } else { AccountKind::Bidder })
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
