//! Lines of the payment system's statements, as they were received.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statement_line")]
pub struct Model {
    /// The day whose statement it is in, as `2026-11-30`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: String,
    /// Its place in the statement, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i64,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The whole `toruk_sync::domain::reconciliation::StatementLine` as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
