//! An auction's entry in the catalogue follows its state, in the same transaction.

use super::{LockedAuction, signed, status};
use crate::db::{StoreError, Txn};
use crate::entity::catalogue_entry::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

/// Writes what changes with the state; what is known of the lot stays. One statement for all
/// auctions of a batch of bids.
pub async fn follow<'a>(
    txn: &Txn,
    auctions: impl Iterator<Item = &'a LockedAuction>,
) -> Result<(), StoreError> {
    let row = |locked: &LockedAuction| ActiveModel {
        auction: Set(locked.auction.birth.id.0),
        status: Set(status(&locked.auction)),
        price: Set(locked.auction.price().get()),
        start: Set(locked.auction.birth.offer.start.0),
        seq: Set(signed(locked.seq)),
        kind: Set(None),
        region: Set(None),
        search: Set(None),
    };
    let rows: Vec<ActiveModel> =
        auctions.filter(|locked| locked.auction.is_public()).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns = [Column::Status, Column::Price, Column::Start, Column::Seq];
    let known = OnConflict::column(Column::Auction).update_columns(columns).to_owned();
    Entity::insert_many(rows).on_conflict(known).exec_without_returning(txn).await?;
    Ok(())
}
