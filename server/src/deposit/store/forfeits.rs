//! Rows of guarantees that may be kept, and of the opinions on them.

use super::{DepositRow, deposit_row, key};
use crate::db::{StoreError, Txn, reach};
use crate::entity::{deposit, forfeit_proposal};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::deposit::Status;
use toruk_sync::domain::forfeit::ForfeitProposal;
use toruk_sync::domain::id::{DepositId, OrganisationId};
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// An opinion under its own id: another one on the same deposit has another.
#[derive(Debug, Clone)]
pub struct NamedProposal {
    pub id: Uuid,
    pub proposal: ForfeitProposal,
}

/// Deposits that wait for a decision, the oldest first.
pub async fn undecided(
    db: &impl ConnectionTrait,
    organisations: Option<&BTreeSet<OrganisationId>>,
    limit: u64,
) -> Result<Vec<DepositRow>, StoreError> {
    let mut query = deposit::Entity::find()
        .filter(deposit::Column::Status.eq(key(Status::ForfeitProposed)))
        .order_by_asc(deposit::Column::UpdatedAt)
        .order_by_asc(deposit::Column::Id)
        .limit(limit);
    if let Some(own) = organisations {
        query = query.filter(deposit::Column::Auction.in_subquery(reach::auctions(own)));
    }
    query.all(db).await?.into_iter().map(deposit_row).collect()
}

/// The opinions on these deposits, also lapsed ones.
pub async fn forfeit_proposals(
    db: &impl ConnectionTrait,
    deposits: &[DepositId],
) -> Result<BTreeMap<DepositId, NamedProposal>, StoreError> {
    let ids = deposits.iter().map(|id| id.0);
    let rows = forfeit_proposal::Entity::find()
        .filter(forfeit_proposal::Column::Deposit.is_in(ids))
        .all(db)
        .await?;
    let read = |row: forfeit_proposal::Model| {
        let content = serde_json::from_str(&row.content);
        let proposal = content.map_err(StoreError::damaged("forfeit_proposal"))?;
        Ok((DepositId(row.deposit), NamedProposal { id: row.id, proposal }))
    };
    rows.into_iter().map(read).collect()
}

/// Stores an opinion in place of an earlier one; the deposit is locked.
pub async fn put_forfeit_proposal(
    txn: &Txn,
    deposit: DepositId,
    NamedProposal { id, proposal }: &NamedProposal,
) -> Result<(), StoreError> {
    remove_forfeit_proposal(txn, deposit).await?;
    let row = forfeit_proposal::ActiveModel {
        deposit: Set(deposit.0),
        id: Set(*id),
        content: Set(canonical_json(proposal)),
        created_at: Set(proposal.at.0),
    };
    row.insert(txn).await?;
    Ok(())
}

/// Removes the opinion on a deposit; `false` if there was none.
pub async fn remove_forfeit_proposal(txn: &Txn, deposit: DepositId) -> Result<bool, StoreError> {
    let id: Uuid = deposit.0;
    let removed = forfeit_proposal::Entity::delete_by_id(id).exec(txn).await?;
    Ok(removed.rows_affected > 0)
}
