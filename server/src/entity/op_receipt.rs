//! An operation of a phone and its outcome; written once.

use sea_orm::entity::prelude::*;

/// An operation of a phone and its outcome; written once.
#[sea_orm::model]
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
}

impl ActiveModelBehavior for ActiveModel {}
