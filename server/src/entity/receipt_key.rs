//! The public keys of this server's receipts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt_key")]
pub struct Model {
    /// A `toruk_sync::receipt::VerifierKey` in its text form.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub public_key: String,
    pub since: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
