//! The audit trail. Append-only, hash-chained.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub at: i64,
    /// The person; `None` for the system.
    pub actor: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub role: String,
    /// An action's key, such as `auction.publish`.
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// Kind and id, such as `auction:<id>`.
    #[sea_orm(column_type = "Text")]
    pub object: String,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    /// The entry's link in the hash chain.
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
