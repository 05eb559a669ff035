//! Rows of contracts.

use crate::db::{StoreError, Txn};
use crate::entity::contract::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::ContractPayload;

/// A contract's file, and who has signed it.
#[derive(Debug, Clone)]
pub struct StoredContract {
    pub title: String,
    pub payload: ContractPayload,
    pub winner_signed_at: Option<Timestamp>,
    pub official_signed_at: Option<Timestamp>,
}

/// The contract of an auction, if a file was uploaded.
pub async fn contract(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<Option<StoredContract>, StoreError> {
    Entity::find_by_id(auction.0).one(db).await?.map(stored).transpose()
}

/// Puts a file in place of any other; nobody has signed it.
pub async fn put_contract(
    txn: &Txn,
    (title, payload): (&str, &ContractPayload),
    by: PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = ActiveModel {
        auction: Set(payload.auction.0),
        title: Set(title.to_owned()),
        payload: Set(text(payload)?),
        uploaded_by: Set(by.0),
        uploaded_at: Set(now.0),
        winner_confirmation: Set(None),
        winner_signed_at: Set(None),
        official: Set(None),
        official_confirmation: Set(None),
        official_signed_at: Set(None),
    };
    let columns = [Column::Title, Column::Payload, Column::UploadedBy, Column::UploadedAt];
    let replaced = OnConflict::column(Column::Auction).update_columns(columns).to_owned();
    Entity::insert(row).on_conflict(replaced).exec_without_returning(txn).await?;
    Ok(())
}

/// Records the winner's signature.
pub async fn sign_as_winner(
    txn: &Txn,
    auction: AuctionId,
    confirmation: &Confirmation,
    now: Timestamp,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::WinnerConfirmation, Expr::value(text(confirmation)?))
        .col_expr(Column::WinnerSignedAt, Expr::value(now.0))
        .filter(Column::Auction.eq(auction.0))
        .exec(txn)
        .await?;
    Ok(())
}

/// Records the signature of the lot holder's official.
pub async fn sign_as_holder(
    txn: &Txn,
    auction: AuctionId,
    (official, confirmation): (PersonId, &Confirmation),
    now: Timestamp,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::Official, Expr::value(official.0))
        .col_expr(Column::OfficialConfirmation, Expr::value(text(confirmation)?))
        .col_expr(Column::OfficialSignedAt, Expr::value(now.0))
        .filter(Column::Auction.eq(auction.0))
        .exec(txn)
        .await?;
    Ok(())
}

fn stored(row: Model) -> Result<StoredContract, StoreError> {
    Ok(StoredContract {
        title: row.title,
        payload: serde_json::from_str(&row.payload).map_err(StoreError::damaged("contract"))?,
        winner_signed_at: row.winner_signed_at.map(Timestamp),
        official_signed_at: row.official_signed_at.map(Timestamp),
    })
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::damaged("contract"))
}
