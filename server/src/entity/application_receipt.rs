//! The signed receipt of an act on an application. Append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_receipt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub auction: Uuid,
    pub person: Uuid,
    pub application: Option<Uuid>,
    /// The phone whose operation was decided; absent for an official's act.
    pub device: Option<Uuid>,
    pub op_no: Option<i64>,
    /// The hash of the package that was taken in by this act, hex.
    #[sea_orm(column_type = "Text", nullable)]
    pub package: Option<String>,
    pub is_refused: bool,
    /// The signed `toruk_sync::receipt::ApplicationReceipt` as JSON.
    #[sea_orm(column_type = "Text")]
    pub receipt: String,
    pub decided_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
