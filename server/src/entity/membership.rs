//! A person's powers in an organisation.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person: Uuid,
    pub organisation: Uuid,
    /// `head` or `representative`.
    #[sea_orm(column_type = "Text")]
    pub power: String,
    /// The paper on which the powers rest: its name, number and date.
    #[sea_orm(column_type = "Text")]
    pub document: String,
    pub valid_from: i64,
    /// The first moment without the powers; `None` if their paper names no end.
    pub valid_until: Option<i64>,
    /// Ended before that by an official or the organisation.
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
