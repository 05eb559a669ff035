//! An operation of a phone and its outcome. Written once; then only acknowledged.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "op_receipt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub device: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub op_no: i64,
    #[sea_orm(column_type = "Text")]
    pub hash: String,
    pub received_at: i64,
    /// `toruk_sync::protocol::operations::Outcome` as JSON, without what was merged, and after
    /// `OUTCOME_DAYS` without the names in a long refusal.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// The auction that the operation concerns.
    pub auction: Option<Uuid>,
    /// The operation's name on the wire.
    #[sea_orm(column_type = "Text")]
    pub operation: String,
    /// The moment when the person had seen the outcome.
    pub acked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
