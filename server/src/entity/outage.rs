//! A time in which bids could not be placed or decided.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outage")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub since: i64,
    pub until: i64,
    /// The only auction that it concerns; `None`: all.
    pub auction: Option<Uuid>,
    /// Set if it concerned one node, and others took bids.
    pub is_partial: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
