//! A person with an account: a bidder or an official, never both.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// One of `ky`, `ru` and `en`.
    #[sea_orm(column_type = "Text")]
    pub language: String,
    /// `bidder` or `official`, for ever.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Keyed hash of the personal number (ПИН), hex; unique among accounts of one kind that have not
    /// ended.
    #[sea_orm(column_type = "Text", nullable)]
    pub pin_hash: Option<String>,
    /// The personal number, sealed under the person's key.
    pub pin_sealed: Option<Vec<u8>>,
    pub created_at: i64,
    /// The moment when an official's account lost its last role: it never gets another.
    pub retired_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
