//! The person behind each participant's number. Private.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub auction: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bidder_no: i64,
    pub person: Uuid,
    pub application: Uuid,
    /// Salt of the public commitment.
    pub salt: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
