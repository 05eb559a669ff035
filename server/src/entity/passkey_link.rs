//! Codes by which people add a passkey on their next device.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey_link")]
pub struct Model {
    /// SHA-256 of the code, in hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code_hash: String,
    /// The person who made it; one code of a person is open at a time.
    pub person: Uuid,
    /// The end of its validity.
    pub expires_at: i64,
    /// As the passkey's that confirmed it: what it adds waits as long.
    pub recovered_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
