//! An auction: the fold of its log, and what lists are sorted by.

use sea_orm::entity::prelude::*;

/// An auction: the fold of its log, and what lists are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Public number.
    #[sea_orm(column_type = "Text")]
    pub number: String,
    pub lot: Uuid,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// Whether outsiders may see it.
    pub published: bool,
    /// `sync::domain::auction::Auction`, JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// The log's length.
    pub seq: i64,
    /// The log's last hash.
    pub head: Vec<u8>,
    /// When a tick is due.
    pub wake_at: Option<i64>,
    /// When bidding opens, as offered.
    pub start: i64,
    pub previous: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
