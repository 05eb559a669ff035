//! Who is behind a number. Private.

use sea_orm::entity::prelude::*;

/// Who is behind a number. Private.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub auction: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bidder_no: i64,
    pub person: Uuid,
    pub application: Uuid,
    /// The commitment's salt.
    pub salt: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
