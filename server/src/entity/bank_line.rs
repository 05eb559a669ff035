//! Lines of the bank's statements that are booked, each once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bank_line")]
pub struct Model {
    /// A hash of all that the bank says of the transfer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub identity: String,
    pub import: Uuid,
    /// The line as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
