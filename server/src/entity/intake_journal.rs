//! Every command at its arrival, with its time, before it is processed. Append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "intake_journal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub device: Uuid,
    pub op_no: i64,
    pub received_at: i64,
    /// `sha256:` and the hash of the operation in canonical JSON; rows from before it have the JSON.
    #[sea_orm(column_type = "Text")]
    pub raw: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
