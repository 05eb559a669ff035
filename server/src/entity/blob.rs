//! A person's file, complete or still arriving.

use sea_orm::entity::prelude::*;

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
    /// Set if the file is complete and its hash is right.
    pub stored: bool,
    /// The moment of the announcement; for a complete file, of its last byte.
    pub created_at: i64,
    /// The moment of removal; the end of time once an application refers to the file.
    pub expires_at: i64,
    /// `arriving`, `waiting`, `clean`, `unscanned` or `infected`.
    #[sea_orm(column_type = "Text")]
    pub scan: String,
    /// Earliest moment of a waiting file's next scan.
    pub scan_after: i64,
    /// The number of scans begun so far.
    pub scan_attempts: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
