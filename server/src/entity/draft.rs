//! A person's draft for one auction.

use sea_orm::entity::prelude::*;

/// A person's draft for one auction.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draft")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person: Uuid,
    pub auction: Uuid,
    /// `sync::draft::DraftState`, JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// An application came of it.
    pub closed: bool,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
