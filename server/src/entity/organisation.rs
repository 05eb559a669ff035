//! A balance holder, an organiser, or a firm that applies.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Text in three languages, JSON.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The register that gave the identifier, such as `KG-INN`; `None` until it is known.
    #[sea_orm(column_type = "Text", nullable)]
    pub scheme: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub identifier: Option<String>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
