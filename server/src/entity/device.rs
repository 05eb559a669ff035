//! One installation of the app.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person: Uuid,
    /// Its number in the person's drafts; never reused.
    pub actor: i64,
    #[sea_orm(column_type = "Text")]
    pub platform: String,
    /// P-256 point in SEC 1 form.
    pub public_key: Vec<u8>,
    #[sea_orm(column_type = "Text", nullable)]
    pub push_token: Option<String>,
    /// Number of the next operation.
    pub next_op_no: i64,
    pub created_at: i64,
    pub revoked_at: Option<i64>,
    /// Registered before proofs of possession: its bids may be signed as `BidPayloadV1`.
    pub signs_v1: bool,
    /// The name that its owner gave it.
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
