//! The guarantee of one application.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deposit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application: Uuid,
    pub auction: Uuid,
    pub person: Uuid,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// The whole `toruk_sync::domain::deposit::Deposit` as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
