//! Auctions: the fold of each log, and the columns by which lists are sorted.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub number: String,
    pub lot: Uuid,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// Set if the public may see it.
    pub published: bool,
    /// The whole `toruk_sync::domain::auction::Auction` as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// Length of the log, in records.
    pub seq: i64,
    /// Hash of the log's last record.
    pub head: Vec<u8>,
    /// The moment when the next tick is due.
    pub wake_at: Option<i64>,
    /// The offered moment at which bidding opens.
    pub start: i64,
    pub previous: Option<Uuid>,
    /// The organisation on whose balance the lot stood when the auction was created.
    pub lot_holder: Option<Uuid>,
    /// The organisation that runs it.
    pub procuring_entity: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
