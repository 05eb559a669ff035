//! The guarantee of one application.

use sea_orm::entity::prelude::*;

/// The guarantee of one application.
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
    /// `sync::domain::deposit::Deposit`, JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
