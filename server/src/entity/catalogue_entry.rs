//! A published auction by what the catalogue filters, searches and sorts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "catalogue_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub auction: Uuid,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// The current price, or the start price before the first offer.
    pub price: i64,
    /// The moment at which bidding opens.
    pub start: i64,
    /// Length of the auction's log of which this is the state.
    pub seq: i64,
    /// The kind of the lot; `None`, as below, until the server has described the lot.
    #[sea_orm(column_type = "Text", nullable)]
    pub kind: Option<String>,
    /// The region of the lot's address, folded for comparison.
    #[sea_orm(column_type = "Text", nullable)]
    pub region: Option<String>,
    /// The searched text, folded.
    #[sea_orm(column_type = "Text", nullable)]
    pub search: Option<String>,
    /// The members of the card that change with the lot alone, as a JSON object; `None`, as below,
    /// until a server that knows cards has written it.
    #[sea_orm(column_type = "Text", nullable)]
    pub lot_card: Option<String>,
    /// The members of the card that the auction decides, as a JSON object.
    #[sea_orm(column_type = "Text", nullable)]
    pub state_card: Option<String>,
    /// Length of the auction's log of which `state_card` is. A server that knows no cards moves
    /// `seq` alone.
    pub card_seq: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
