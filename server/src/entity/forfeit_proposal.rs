//! An official's opinion on a guarantee that may be kept, until another one decides.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "forfeit_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub deposit: Uuid,
    /// Each opinion has its own, so that what an official decides about is what they have read.
    pub id: Uuid,
    /// The whole `toruk_sync::domain::forfeit::ForfeitProposal` as JSON.
    #[sea_orm(column_type = "Text")]
    pub content: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
