//! Profiles of rules in versions; the highest one is in force.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rule_profile")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// `toruk_sync::domain::rules::RuleProfile` as JSON.
    #[sea_orm(column_type = "Text")]
    pub rules: String,
    /// The legal basis of fields as JSON, by their names.
    #[sea_orm(column_type = "Text")]
    pub basis: String,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub proposed_by: Uuid,
    pub approved_by: Uuid,
    pub approved_at: i64,
    /// Set once its calendar is in the log of every auction that runs.
    pub is_calendar_sent: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
