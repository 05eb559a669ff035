//! A thing that is sold or leased.

use sea_orm::entity::prelude::*;

/// A thing that is sold or leased.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lot")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Text, JSON.
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// Text, JSON.
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub area: Option<String>,
    /// JSON.
    #[sea_orm(column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub cadastral_number: Option<String>,
    /// Organisation; none until somebody says.
    pub lot_holder: Option<Uuid>,
    /// What the source says of price, step and guarantee, JSON; a field it doesn't say is absent.
    #[sea_orm(column_type = "Text")]
    pub offer_hint: String,
    /// Where the facts were published.
    #[sea_orm(column_type = "Text", nullable)]
    pub source: Option<String>,
    pub synthetic: bool,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
