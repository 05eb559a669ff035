//! Statements of the bank that officials have sent.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_import")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The statement with its lines, as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// What the list shows of it, as JSON; absent from rows of earlier versions.
    #[sea_orm(column_type = "Text", nullable)]
    pub head: Option<String>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
