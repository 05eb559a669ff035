//! Rows of people's powers in organisations.

use crate::db::{StoreError, Txn};
use crate::entity::membership;
use crate::identity::firm::{Membership, MembershipId, Power};
use sea_orm::prelude::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait,
    EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;

/// Powers of these people that are valid at `at`: the person and the organisation.
pub async fn valid_powers(
    db: &impl ConnectionTrait,
    people: &[PersonId],
    at: Timestamp,
) -> Result<Vec<(PersonId, OrganisationId)>, StoreError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::Person.is_in(people.iter().map(|who| who.0)))
        .filter(valid_at(at))
        .all(db)
        .await?;
    let pair = |row: membership::Model| (PersonId(row.person), OrganisationId(row.organisation));
    Ok(rows.into_iter().map(pair).collect())
}

/// The people who have powers in an organisation at `at`.
pub async fn representatives(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    at: Timestamp,
) -> Result<Vec<PersonId>, StoreError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::Organisation.eq(organisation.0))
        .filter(valid_at(at))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| PersonId(row.person)).collect())
}

/// All powers that were ever given in an organisation, the newest first.
pub async fn memberships(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    limit: u64,
) -> Result<Vec<Membership>, StoreError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::Organisation.eq(organisation.0))
        .order_by_desc(membership::Column::ValidFrom)
        .order_by_desc(membership::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Gives a person powers.
pub async fn insert_membership(txn: &Txn, new: &Membership) -> Result<(), StoreError> {
    let row = membership::ActiveModel {
        id: Set(new.id.0),
        person: Set(new.person.0),
        organisation: Set(new.organisation.0),
        power: Set(new.power.key().to_owned()),
        document: Set(new.document.clone()),
        valid_from: Set(new.valid_from.0),
        valid_until: Set(new.valid_until.map(|until| until.0)),
        ended_at: Set(new.ended_at.map(|ended| ended.0)),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Ends powers at `at`; `false` if this organisation has no such ones, or they were ended before.
pub async fn end_membership(
    txn: &Txn,
    organisation: OrganisationId,
    id: MembershipId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let ended = membership::Entity::update_many()
        .col_expr(membership::Column::EndedAt, Expr::value(at.0))
        .filter(membership::Column::Id.eq(id.0))
        .filter(membership::Column::Organisation.eq(organisation.0))
        .filter(membership::Column::EndedAt.is_null())
        .exec(txn)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// As [`Membership::is_valid_at`].
fn valid_at(at: Timestamp) -> Condition {
    Condition::all()
        .add(membership::Column::ValidFrom.lte(at.0))
        .add(
            Condition::any()
                .add(membership::Column::ValidUntil.is_null())
                .add(membership::Column::ValidUntil.gt(at.0)),
        )
        .add(
            Condition::any()
                .add(membership::Column::EndedAt.is_null())
                .add(membership::Column::EndedAt.gt(at.0)),
        )
}

fn read(row: membership::Model) -> Result<Membership, StoreError> {
    let power = Power::from_key(&row.power);
    Ok(Membership {
        id: MembershipId(row.id),
        person: PersonId(row.person),
        organisation: OrganisationId(row.organisation),
        power: power.ok_or("no power").map_err(StoreError::damaged("membership"))?,
        document: row.document,
        valid_from: Timestamp(row.valid_from),
        valid_until: row.valid_until.map(Timestamp),
        ended_at: row.ended_at.map(Timestamp),
    })
}
