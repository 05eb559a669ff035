//! The answer to a bid, repeated when it is asked for again. Append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bid_receipt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bid: Uuid,
    pub auction: Uuid,
    pub person: Uuid,
    pub device: Uuid,
    /// SHA-256 of the signed package and signature, hex.
    #[sea_orm(column_type = "Text")]
    pub request_hash: String,
    /// The signed `toruk_sync::receipt::Receipt` as JSON.
    #[sea_orm(column_type = "Text")]
    pub receipt: String,
    pub decided_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
