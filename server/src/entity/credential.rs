//! Passkeys and the people they belong to.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    /// WebAuthn's credential id, base64url.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub person: Uuid,
    /// webauthn-rs's record as JSON.
    #[sea_orm(column_type = "Text")]
    pub passkey: String,
    pub created_at: i64,
    pub used_at: Option<i64>,
    /// The phone on which it was made, if that is known.
    pub device: Option<Uuid>,
    /// It signs nobody in since; kept because it verifies what was signed with it.
    pub revoked_at: Option<i64>,
    /// The name that its owner gave it.
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    /// The moment when the account was recovered by this key, or by the key that added it.
    pub recovered_at: Option<i64>,
    /// There may be two copies of it since then, and nobody has looked into it yet.
    pub review_since: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
