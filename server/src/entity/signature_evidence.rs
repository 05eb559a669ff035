//! A signature by certificate with its chain and its issuers' answers.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signature_evidence")]
pub struct Model {
    /// The signed object, such as `application:<id>`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub object: String,
    pub person: Uuid,
    /// `toruk_server::identity::KeptEvidence` as JSON, sealed under the person's key.
    #[sea_orm(column_type = "Text")]
    pub content: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
