//! The contract of an auction, with the signatures of both sides. Its file is in the data folder.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub auction: Uuid,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// `toruk_sync::signing::ContractPayload` as JSON: what both sign.
    #[sea_orm(column_type = "Text")]
    pub payload: String,
    pub uploaded_by: Uuid,
    pub uploaded_at: i64,
    /// `toruk_sync::protocol::operations::Confirmation` as JSON.
    #[sea_orm(column_type = "Text", nullable)]
    pub winner_confirmation: Option<String>,
    pub winner_signed_at: Option<i64>,
    /// The official who signed for the lot holder.
    pub official: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub official_confirmation: Option<String>,
    pub official_signed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
