//! Notifications sent to a person.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub auction: Uuid,
    /// Length of the auction's log at that time.
    pub seq: i64,
    pub expires_at: i64,
    pub created_at: i64,
    /// The moment when a push gateway accepted it for one of the person's phones.
    pub delivered_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
