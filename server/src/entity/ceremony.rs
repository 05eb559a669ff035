//! A finished passkey ceremony, kept until its challenge expires, so that an answer counts once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ceremony")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `registration`, `enrolment`, `sign_in` or `console_sign_in`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Empty; older versions kept the state of open ceremonies here.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
