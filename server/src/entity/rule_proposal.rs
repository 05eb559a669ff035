//! Proposals of profiles of rules.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The proposal as JSON.
    #[sea_orm(column_type = "Text")]
    pub content: String,
    /// `open`, `approved`, `declined` or `withdrawn`.
    #[sea_orm(column_type = "Text")]
    pub fate: String,
    pub decided_by: Option<Uuid>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
