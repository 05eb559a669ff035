//! Rows of a person who is forgotten.

use crate::db::{StoreError, Txn};
use crate::entity::{
    credential, device, identity, membership, passkey_link, person, person_key, session,
};
use sea_orm::prelude::Expr;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _,
};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Stands where a name or a paper was.
const FORGOTTEN: &str = "—";

/// Destroys a person's key for good, also if they never had one: none is made later.
pub async fn destroy_key(txn: &Txn, who: PersonId, now: Timestamp) -> Result<(), StoreError> {
    let (person, wrapped, destroyed_at) = (Set(who.0), Set(None), Set(Some(now.0)));
    let row = person_key::ActiveModel { person, wrapped, destroyed_at };
    let columns = [person_key::Column::Wrapped, person_key::Column::DestroyedAt];
    let same = OnConflict::column(person_key::Column::Person).update_columns(columns).to_owned();
    person_key::Entity::insert(row).on_conflict(same).exec_without_returning(txn).await?;
    Ok(())
}

/// Replaces the name, and removes the number and the proven identities.
pub async fn forget_person(txn: &Txn, who: PersonId, now: Timestamp) -> Result<(), StoreError> {
    let row = person::ActiveModel {
        id: Set(who.0),
        name: Set(FORGOTTEN.to_owned()),
        pin_hash: Set(None),
        pin_sealed: Set(None),
        ..Default::default()
    };
    row.update(txn).await?;
    identity::Entity::delete_many().filter(identity::Column::Person.eq(who.0)).exec(txn).await?;
    membership::Entity::update_many()
        .col_expr(membership::Column::Document, Expr::value(FORGOTTEN))
        .filter(membership::Column::Person.eq(who.0))
        .exec(txn)
        .await?;
    membership::Entity::update_many()
        .col_expr(membership::Column::EndedAt, Expr::value(now.0))
        .filter(membership::Column::Person.eq(who.0))
        .filter(membership::Column::EndedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends every way in: sessions, codes, phones and passkeys. Phones and passkeys stay without their
/// names, to verify what they signed.
pub async fn end_all_access(txn: &Txn, who: PersonId, now: Timestamp) -> Result<(), StoreError> {
    session::Entity::delete_many().filter(session::Column::Person.eq(who.0)).exec(txn).await?;
    passkey_link::Entity::delete_many()
        .filter(passkey_link::Column::Person.eq(who.0))
        .exec(txn)
        .await?;
    device::Entity::update_many()
        .col_expr(device::Column::PushToken, Expr::value(None::<String>))
        .col_expr(device::Column::Name, Expr::value(None::<String>))
        .filter(device::Column::Person.eq(who.0))
        .exec(txn)
        .await?;
    device::Entity::update_many()
        .col_expr(device::Column::RevokedAt, Expr::value(now.0))
        .filter(device::Column::Person.eq(who.0))
        .filter(device::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    credential::Entity::update_many()
        .col_expr(credential::Column::Name, Expr::value(None::<String>))
        .filter(credential::Column::Person.eq(who.0))
        .exec(txn)
        .await?;
    credential::Entity::update_many()
        .col_expr(credential::Column::RevokedAt, Expr::value(now.0))
        .filter(credential::Column::Person.eq(who.0))
        .filter(credential::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}
