//! What a person was told.

use sea_orm::entity::prelude::*;

/// What a person was told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub auction: Uuid,
    /// The log's length then.
    pub seq: i64,
    pub expires_at: i64,
    pub created_at: i64,
    /// When a push gateway took it for one of his phones.
    pub delivered_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
