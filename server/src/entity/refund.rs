//! Refunds to be paid and already paid.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund")]
pub struct Model {
    /// Also the refund's id at the payment system.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The payment that is refunded.
    #[sea_orm(column_type = "Text")]
    pub payment: String,
    /// The deposit it releases; `None` for unmatched money.
    pub deposit: Option<Uuid>,
    pub amount_tyiyn: i64,
    pub done_at: Option<i64>,
    pub created_at: i64,
    /// The next attempt to pay it.
    pub next_at: i64,
    /// How often the payment system has refused it.
    pub attempts: i64,
    /// The reason why it waits for people: `large`, `refused` or `bank`.
    #[sea_orm(column_type = "Text", nullable)]
    pub held: Option<String>,
    /// The moment by which the rules want it paid; refunds of earlier versions have none.
    pub due_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
