//! Money the payment system reported, once for each of its references.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reference: String,
    pub intent: Uuid,
    pub amount_tyiyn: i64,
    pub paid_at: i64,
    /// The reason why a part could not be credited.
    #[sea_orm(column_type = "Text", nullable)]
    pub mismatch: Option<String>,
    /// The part to be refunded, in tyiyn.
    pub unmatched_tyiyn: i64,
    pub created_at: i64,
    /// The error of the payment system's clock in microseconds, if it is at fault.
    pub clock_fault: Option<i64>,
    /// The moment when an official looked into the wrong clock.
    pub clock_reviewed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
