//! One person's application to one auction.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub auction: Uuid,
    pub person: Uuid,
    pub device: Uuid,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// Keyed hash of the applicant's personal number, if it was proven: one human applies once.
    #[sea_orm(column_type = "Text", nullable)]
    pub pin_hash: Option<String>,
    /// The firm that applies; `None` for a human.
    pub organisation: Option<Uuid>,
    /// The whole `toruk_sync::domain::application::Application` as JSON.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// The signed package, canonical bytes as text.
    #[sea_orm(column_type = "Text")]
    pub package: String,
    #[sea_orm(column_type = "Text")]
    pub confirmation: String,
    pub received_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
