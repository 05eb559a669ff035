//! A fingerprint of `person.key`, so that no node hashes and wraps with another one.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_secret")]
pub struct Model {
    /// Derived from the key by HKDF; reveals nothing of it. Hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    pub since: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
