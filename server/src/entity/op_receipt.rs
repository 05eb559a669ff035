//! An operation of a phone and its outcome. Written once; then only seen.

use sea_orm::entity::prelude::*;

/// An operation of a phone and its outcome. Written once; then only seen.
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
    /// `sync::protocol::sync::Outcome`, JSON.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// What it was about.
    pub auction: Option<Uuid>,
    /// By its name on the wire.
    #[sea_orm(column_type = "Text")]
    pub operation: String,
    /// When its person had seen the outcome.
    pub acked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
