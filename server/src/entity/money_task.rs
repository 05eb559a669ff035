//! Money that waits for a person, and how that ended.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "money_task")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// A name of its cause; unique, so that one cause makes one task.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// The day whose reconciliation found it, as `2026-11-30`.
    #[sea_orm(column_type = "Text", nullable)]
    pub day: Option<String>,
    /// The whole `toruk_sync::domain::money_task::MoneyTask` as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
