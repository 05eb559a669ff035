//! One attempt to pay a deposit.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_intent")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub deposit: Uuid,
    pub person: Uuid,
    /// The whole `toruk_sync::domain::deposit::Intent` as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    pub created_at: i64,
    pub expires_at: i64,
    /// The next question to the payment system; `None` while there is nothing to ask about, or no
    /// longer.
    pub ask_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
