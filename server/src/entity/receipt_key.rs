//! A key that receipts are signed with.

use sea_orm::entity::prelude::*;

/// A key that receipts are signed with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt_key")]
pub struct Model {
    /// `sync::receipt::VerifierKey`, as text.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub public_key: String,
    pub since: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
