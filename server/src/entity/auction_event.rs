//! One record of an auction's log. Append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auction_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub auction: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub at: i64,
    /// `toruk_sync::domain::auction::Event` as canonical JSON.
    #[sea_orm(column_type = "Text")]
    pub event: String,
    /// The record's link in the hash chain.
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
