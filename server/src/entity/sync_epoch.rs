//! The database's identity for phones; one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_epoch")]
pub struct Model {
    /// Changes after a restore.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Key that authenticates the cookies of pulls.
    pub cookie_key: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
