//! A list of revoked certificates on which the evidence of a signature rests.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence_list")]
pub struct Model {
    /// The signed object; empty for lists from before this was noted.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub object: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub sha256: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
