//! A proof of who a person is, from outside of this server: an eID or a certificate.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    /// `eid` or `certificate`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub issuer: String,
    /// Keyed hash of the issuer's name for the person, which may hold their personal number. Hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The account's kind: one human may have an official's account beside a bidder's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    pub person: Uuid,
    pub created_at: i64,
    pub used_at: i64,
    pub revoked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
