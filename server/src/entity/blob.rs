//! A file of a person, whole or on its way.

use sea_orm::entity::prelude::*;

/// A file of a person, whole or on its way.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blob")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    pub size_bytes: i64,
    #[sea_orm(column_type = "Text")]
    pub mime: String,
    pub received_bytes: i64,
    /// Whole, and its hash is right.
    pub stored: bool,
    /// When it was announced; of a whole one, when its last byte had arrived.
    pub created_at: i64,
    /// When it is removed; the end of time once an application refers to it.
    pub expires_at: i64,
    /// `arriving`, `waiting`, `clean`, `unscanned` or `infected`.
    #[sea_orm(column_type = "Text")]
    pub scan: String,
    /// When a waiting one is looked at next.
    pub scan_after: i64,
    /// How often that was begun.
    pub scan_attempts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
