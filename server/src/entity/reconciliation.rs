//! Days whose statement was compared with the ledger.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconciliation")]
pub struct Model {
    /// As `2026-11-30`, in Bishkek.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: String,
    /// The totals as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
