//! Rows of organisations, as far as they name who somebody may act for.

use crate::db::{StoreError, Txn};
use crate::entity::organisation;
use crate::identity::firm::{FirmName, Organisation};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::BTreeSet;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::OrganisationId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::signing::canonical_json;

/// Organisations, the oldest first; with `reach` only these.
pub async fn organisations(
    db: &impl ConnectionTrait,
    reach: Option<&BTreeSet<OrganisationId>>,
    limit: u64,
) -> Result<Vec<Organisation>, StoreError> {
    let mut query = organisation::Entity::find();
    if let Some(reach) = reach {
        query = query.filter(organisation::Column::Id.is_in(reach.iter().map(|id| id.0)));
    }
    let rows = query
        .order_by_asc(organisation::Column::CreatedAt)
        .order_by_asc(organisation::Column::Id)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// One organisation.
pub async fn find_organisation(
    db: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<Organisation, StoreError> {
    let row = organisation::Entity::find_by_id(id.0).one(db).await?.ok_or(StoreError::NotFound)?;
    read(row)
}

/// The organisation that a register has under this identifier.
pub async fn organisation_named(
    db: &impl ConnectionTrait,
    name: &FirmName,
) -> Result<Option<OrganisationId>, StoreError> {
    let row = organisation::Entity::find()
        .filter(organisation::Column::Scheme.eq(&name.scheme))
        .filter(organisation::Column::Identifier.eq(&name.identifier))
        .one(db)
        .await?;
    Ok(row.map(|row| OrganisationId(row.id)))
}

/// Creates an organisation.
pub async fn insert_organisation(
    txn: &Txn,
    new: &Organisation,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut row = written(new);
    row.created_at = Set(at.0);
    row.insert(txn).await?;
    Ok(())
}

/// Changes an organisation's name and identifier.
pub async fn update_organisation(txn: &Txn, new: &Organisation) -> Result<(), StoreError> {
    written(new).update(txn).await?;
    Ok(())
}

fn written(organisation: &Organisation) -> organisation::ActiveModel {
    let Organisation { id, name, firm } = organisation;
    organisation::ActiveModel {
        id: Set(id.0),
        name: Set(canonical_json(name)),
        scheme: Set(firm.as_ref().map(|firm| firm.scheme.clone())),
        identifier: Set(firm.as_ref().map(|firm| firm.identifier.clone())),
        ..Default::default()
    }
}

fn read(row: organisation::Model) -> Result<Organisation, StoreError> {
    let name: Text =
        serde_json::from_str(&row.name).map_err(StoreError::damaged("organisation"))?;
    let firm = row.scheme.zip(row.identifier);
    let firm = firm.map(|(scheme, identifier)| FirmName { scheme, identifier });
    Ok(Organisation { id: OrganisationId(row.id), name, firm })
}
