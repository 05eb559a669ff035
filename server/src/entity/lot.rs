//! A thing that is sold or leased.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lot")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub area: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub cadastral_number: Option<String>,
    /// The organisation; `None` until it is known.
    pub lot_holder: Option<Uuid>,
    /// The organisation that sells it; `None` if the holder does.
    pub procuring_entity: Option<Uuid>,
    /// The source's price, step and guarantee, JSON; unknown fields are absent.
    #[sea_orm(column_type = "Text")]
    pub offer_hint: String,
    /// The place where the facts were published.
    #[sea_orm(column_type = "Text", nullable)]
    pub source: Option<String>,
    pub synthetic: bool,
    pub created_at: i64,
    pub created_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
