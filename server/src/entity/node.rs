//! A process that takes bids, as its last beat left it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "node")]
pub struct Model {
    /// A new one at each start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The number of beats so far: the others see by it that the node lives, without its clock.
    pub beats: i64,
    /// The last moment at which it took and decided bids.
    pub alive_at: i64,
    /// Every bid that it stamped before this is decided; the end of time after an orderly stop.
    pub decided_to: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
