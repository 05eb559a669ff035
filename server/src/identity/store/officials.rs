//! Rows of officials: roles, invitations.

use crate::db::{StoreError, Txn};
use crate::entity::{invitation, organisation, person, role_grant};
use crate::identity::ceremony::AccountKind;
use crate::identity::role::Role;
use sea_orm::prelude::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;

/// The content of an invitation.
#[derive(Debug, Clone)]
pub struct Invited {
    pub role: Role,
    /// The organisation to which the role is bound, if any.
    pub organisation: Option<OrganisationId>,
    /// The inviting official; `None` for the machine.
    pub created_by: Option<PersonId>,
    /// The end of its validity.
    pub expires_at: Timestamp,
}

/// All roles of an official.
pub async fn roles(db: &impl ConnectionTrait, who: PersonId) -> Result<BTreeSet<Role>, StoreError> {
    let mine = role_grant::Entity::find().filter(role_grant::Column::Person.eq(who.0));
    mine.all(db).await?.iter().map(|row| role(&row.role)).collect()
}

/// The organisations to which roles of an official are bound.
pub async fn bound_roles(
    db: &impl ConnectionTrait,
    who: PersonId,
) -> Result<BTreeMap<Role, OrganisationId>, StoreError> {
    let bound = role_grant::Entity::find()
        .filter(role_grant::Column::Person.eq(who.0))
        .filter(role_grant::Column::Organisation.is_not_null());
    let rows = bound.all(db).await?;
    let pairs = rows.iter().filter_map(|row| Some((&row.role, OrganisationId(row.organisation?))));
    pairs.map(|(key, organisation)| Ok((role(key)?, organisation))).collect()
}

/// A role that an official has.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    pub person: PersonId,
    pub role: Role,
    /// The organisation to which the role is bound, if any.
    pub organisation: Option<OrganisationId>,
}

/// All granted roles, ordered by person and role.
pub async fn grants(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Grant>, StoreError> {
    let rows = role_grant::Entity::find()
        .order_by_asc(role_grant::Column::Person)
        .order_by_asc(role_grant::Column::Role)
        .limit(limit)
        .all(db)
        .await?;
    let grant = |row: role_grant::Model| {
        let (person, organisation) = (PersonId(row.person), row.organisation.map(OrganisationId));
        Ok(Grant { person, role: role(&row.role)?, organisation })
    };
    rows.into_iter().map(grant).collect()
}

/// Grants a role to a person.
pub async fn grant(
    txn: &Txn,
    who: PersonId,
    invitation: &Invited,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = role_grant::ActiveModel {
        person: Set(who.0),
        role: Set(invitation.role.key().to_owned()),
        organisation: Set(invitation.organisation.map(|organisation| organisation.0)),
        granted_at: Set(now.0),
        granted_by: Set(invitation.created_by.map(|person| person.0)),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Returns `true` if there is an official's account, also one without a role: a server whose
/// officials were all removed is not a new one.
pub async fn has_officials(db: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let officials = person::Column::Kind.eq(AccountKind::Official.key());
    Ok(person::Entity::find().filter(officials).one(db).await?.is_some())
}

/// Returns `true` if the organisation exists.
pub async fn has_organisation(
    db: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<bool, StoreError> {
    Ok(organisation::Entity::find_by_id(id.0).one(db).await?.is_some())
}

/// Inserts a new invitation.
pub async fn insert_invitation(
    txn: &Txn,
    token_hash: &str,
    new: &Invited,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = invitation::ActiveModel {
        token_hash: Set(token_hash.to_owned()),
        role: Set(new.role.key().to_owned()),
        organisation: Set(new.organisation.map(|organisation| organisation.0)),
        created_at: Set(now.0),
        created_by: Set(new.created_by.map(|person| person.0)),
        expires_at: Set(new.expires_at.0),
        used_by: Set(None),
    };
    row.insert(txn).await?;
    Ok(())
}

/// An invitation that can still be used.
pub async fn invitation(
    db: &impl ConnectionTrait,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<Invited>, StoreError> {
    let found = invitation::Entity::find_by_id(token_hash)
        .filter(invitation::Column::ExpiresAt.gt(now.0))
        .filter(invitation::Column::UsedBy.is_null())
        .one(db)
        .await?;
    found.map(invited).transpose()
}

/// Invitations that can still be used, the oldest first, with the hashes of their tokens.
pub async fn open_invitations(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(String, Invited)>, StoreError> {
    let rows = invitation::Entity::find()
        .filter(invitation::Column::ExpiresAt.gt(now.0))
        .filter(invitation::Column::UsedBy.is_null())
        .order_by_asc(invitation::Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.token_hash.clone(), invited(row)?))).collect()
}

fn invited(row: invitation::Model) -> Result<Invited, StoreError> {
    Ok(Invited {
        role: role(&row.role)?,
        organisation: row.organisation.map(OrganisationId),
        created_by: row.created_by.map(PersonId),
        expires_at: Timestamp(row.expires_at),
    })
}

/// Uses an invitation up; `false` if another request did so first.
pub async fn use_invitation(txn: &Txn, token_hash: &str, by: PersonId) -> Result<bool, StoreError> {
    let used = invitation::Entity::update_many()
        .col_expr(invitation::Column::UsedBy, Expr::value(by.0))
        .filter(invitation::Column::TokenHash.eq(token_hash))
        .filter(invitation::Column::UsedBy.is_null())
        .exec(txn)
        .await?;
    Ok(used.rows_affected == 1)
}

/// Parses the role in a row.
fn role(key: &str) -> Result<Role, StoreError> {
    key.parse().map_err(StoreError::damaged("role_grant"))
}
