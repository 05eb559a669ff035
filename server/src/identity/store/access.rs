//! Rows of what lets officials in, and of what is known of them.

use super::memberships;
use crate::db::{StoreError, Txn};
use crate::entity::{credential, invitation, organisation, person, role_grant, session};
use crate::identity::ceremony::AccountKind;
use crate::identity::role::Role;
use sea_orm::prelude::Expr;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;

/// Databases limit the parameters of one statement.
const AT_ONCE: usize = 500;

/// The facts about a person that may conflict with another's.
#[derive(Debug, Clone)]
pub struct Interests {
    pub person: PersonId,
    pub name: String,
    /// The organisations of their roles, and those they have powers in.
    pub organisations: BTreeSet<OrganisationId>,
    /// The keyed hash of the personal number (ПИН), if it was proven.
    pub pin: Option<String>,
    /// The inviting official.
    pub invited_by: Option<PersonId>,
}

/// An official, whether or not a role is left.
#[derive(Debug, Clone)]
pub struct KnownOfficial {
    pub person: PersonId,
    pub name: String,
    /// The moment of the enrolment.
    pub since: Timestamp,
    /// The inviting official; `None` for the machine.
    pub invited_by: Option<PersonId>,
}

/// The facts about these people that may conflict with others'; unknown ids are absent.
pub async fn interests(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    now: Timestamp,
) -> Result<Vec<Interests>, StoreError> {
    let mut found = Vec::new();
    for some in people.chunks(AT_ONCE) {
        let ids: Vec<_> = some.iter().map(|person| person.0).collect();
        let rows = person::Entity::find().filter(person::Column::Id.is_in(ids.clone()));
        let grants = role_grant::Entity::find().filter(role_grant::Column::Person.is_in(ids));
        let (rows, grants) = (rows.all(db).await?, grants.all(db).await?);
        let powers = memberships::valid_powers(db, some, now).await?;
        found.extend(rows.into_iter().map(|row| {
            let mine = || grants.iter().filter(|grant| grant.person == row.id);
            Interests {
                person: PersonId(row.id),
                organisations: mine()
                    .filter_map(|grant| grant.organisation)
                    .map(OrganisationId)
                    .chain(powers.iter().filter(|(who, _)| who.0 == row.id).map(|(_, of)| *of))
                    .collect(),
                invited_by: mine().find_map(|grant| grant.granted_by).map(PersonId),
                pin: row.pin_hash,
                name: row.name,
            }
        }));
    }
    Ok(found)
}

/// All officials.
pub async fn officials(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<KnownOfficial>, StoreError> {
    let rows = person::Entity::find()
        .filter(person::Column::Kind.eq(AccountKind::Official.key()))
        .order_by_asc(person::Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    let used = invitation::Entity::find().filter(invitation::Column::UsedBy.is_not_null());
    let used = used.order_by_desc(invitation::Column::CreatedAt).limit(limit).all(db).await?;
    let inviters: BTreeMap<_, _> =
        used.into_iter().map(|row| (row.used_by, row.created_by)).collect();
    let official = |row: person::Model| KnownOfficial {
        person: PersonId(row.id),
        name: row.name,
        since: Timestamp(row.created_at),
        invited_by: inviters.get(&Some(row.id)).copied().flatten().map(PersonId),
    };
    Ok(rows.into_iter().map(official).collect())
}

/// Names of organisations that exist.
pub async fn organisation_names(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<OrganisationId>,
) -> Result<BTreeMap<OrganisationId, Text>, StoreError> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let mut names = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let known = organisation::Column::Id.is_in(some.iter().copied());
        for row in organisation::Entity::find().filter(known).all(db).await? {
            let name = serde_json::from_str(&row.name);
            let name = name.map_err(StoreError::damaged("organisation"))?;
            names.insert(OrganisationId(row.id), name);
        }
    }
    Ok(names)
}

/// Console sessions that have not ended, the oldest first: token hash, start, end.
pub async fn console_sessions(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(PersonId, (String, Timestamp, Timestamp))>, StoreError> {
    let rows = session::Entity::find()
        .filter(session::Column::Device.is_null())
        .filter(session::Column::ExpiresAt.gt(now.0))
        .order_by_asc(session::Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    let read = |row: session::Model| {
        let span = (row.token_hash, Timestamp(row.created_at), Timestamp(row.expires_at));
        (PersonId(row.person), span)
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Console sessions of a person that have not ended, the newest first: token hash, start, end.
pub async fn console_sessions_of(
    db: &impl ConnectionTrait,
    who: PersonId,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(String, Timestamp, Timestamp)>, StoreError> {
    let rows = session::Entity::find()
        .filter(session::Column::Person.eq(who.0))
        .filter(session::Column::Device.is_null())
        .filter(session::Column::ExpiresAt.gt(now.0))
        .order_by_desc(session::Column::CreatedAt)
        .limit(limit)
        .all(db)
        .await?;
    let read = |row: session::Model| {
        (row.token_hash, Timestamp(row.created_at), Timestamp(row.expires_at))
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Locks an official until the transaction ends.
pub async fn lock_official(txn: &Txn, who: PersonId) -> Result<(), StoreError> {
    let row = person::Entity::find_by_id(who.0)
        .filter(person::Column::Kind.eq(AccountKind::Official.key()))
        .lock_exclusive()
        .one(txn)
        .await?;
    row.map(|_| ()).ok_or(StoreError::NotFound)
}

/// Removes one role of an official, or all; returns the number of removed ones.
pub async fn delete_roles(txn: &Txn, who: PersonId, only: Option<Role>) -> Result<u64, StoreError> {
    let mut roles = role_grant::Entity::delete_many().filter(role_grant::Column::Person.eq(who.0));
    if let Some(only) = only {
        roles = roles.filter(role_grant::Column::Role.eq(only.key()));
    }
    Ok(roles.exec(txn).await?.rows_affected)
}

/// Removes all console sessions of a person; returns their number.
pub async fn delete_console_sessions(txn: &Txn, who: PersonId) -> Result<u64, StoreError> {
    let mine = session::Entity::delete_many()
        .filter(session::Column::Person.eq(who.0))
        .filter(session::Column::Device.is_null());
    Ok(mine.exec(txn).await?.rows_affected)
}

/// Removes all console sessions of a person but the one with this token hash; returns their number.
pub async fn delete_other_console_sessions(
    txn: &Txn,
    who: PersonId,
    kept: &str,
) -> Result<u64, StoreError> {
    let others = session::Entity::delete_many()
        .filter(session::Column::Person.eq(who.0))
        .filter(session::Column::Device.is_null())
        .filter(session::Column::TokenHash.ne(kept));
    Ok(others.exec(txn).await?.rows_affected)
}

/// Ends an invitation that was not used.
pub async fn end_invitation(txn: &Txn, id: &str, now: Timestamp) -> Result<(), StoreError> {
    invitation::Entity::update_many()
        .col_expr(invitation::Column::ExpiresAt, Expr::value(now.0))
        .filter(invitation::Column::TokenHash.eq(id))
        .filter(invitation::Column::UsedBy.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends the open invitations that an official has made.
pub async fn end_invitations_by(
    txn: &Txn,
    who: PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    invitation::Entity::update_many()
        .col_expr(invitation::Column::ExpiresAt, Expr::value(now.0))
        .filter(invitation::Column::CreatedBy.eq(who.0))
        .filter(invitation::Column::UsedBy.is_null())
        .filter(invitation::Column::ExpiresAt.gt(now.0))
        .exec(txn)
        .await?;
    Ok(())
}

/// Returns `true` if an administrator of the whole server can still sign in. Locks their roles: of two revocations at
/// once, the second sees what the first has left.
pub async fn has_administrator(txn: &Txn) -> Result<bool, StoreError> {
    role_grant::Entity::find()
        .filter(role_grant::Column::Role.eq(Role::Sysadmin.key()))
        .lock_exclusive()
        .all(txn)
        .await?;
    let administrators = Query::select()
        .column(role_grant::Column::Person)
        .from(role_grant::Entity)
        .and_where(role_grant::Column::Role.eq(Role::Sysadmin.key()))
        .and_where(role_grant::Column::Organisation.is_null())
        .to_owned();
    let usable = credential::Entity::find()
        .filter(credential::Column::Person.in_subquery(administrators))
        .filter(credential::Column::RevokedAt.is_null())
        .one(txn)
        .await?;
    Ok(usable.is_some())
}
