//! Rows of participants: who has which number in an auction, and what opens the number's
//! commitment. Written once, when applications close.

use crate::db::{StoreError, Txn};
use crate::entity::participant;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use std::collections::{BTreeMap, HashMap};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, PersonId};
use toruk_sync::receipt::Opening;
use uuid::Uuid;

/// The person behind a number.
pub struct Participant {
    pub bidder_no: BidderNo,
    pub person: PersonId,
    pub application: ApplicationId,
}

pub async fn insert_participants(
    txn: &Txn,
    auction: AuctionId,
    participants: &[(Participant, [u8; 32])],
) -> Result<(), StoreError> {
    let rows = participants.iter().map(|(who, salt)| participant::ActiveModel {
        auction: Set(auction.0),
        bidder_no: Set(i64::from(who.bidder_no.0)),
        person: Set(who.person.0),
        application: Set(who.application.0),
        salt: Set(salt.to_vec()),
    });
    participant::Entity::insert_many(rows).exec(txn).await?;
    Ok(())
}

pub async fn participants(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<Vec<Participant>, StoreError> {
    let rows = participant::Entity::find()
        .filter(participant::Column::Auction.eq(auction.0))
        .order_by_asc(participant::Column::BidderNo)
        .all(db)
        .await?;
    rows.into_iter().map(who).collect()
}

/// The numbers of an auction's participants, by person.
pub async fn bidder_numbers(
    db: &impl ConnectionTrait,
    auction: AuctionId,
) -> Result<HashMap<PersonId, BidderNo>, StoreError> {
    let rows: Vec<(Uuid, i64)> = participant::Entity::find()
        .select_only()
        .columns([participant::Column::Person, participant::Column::BidderNo])
        .filter(participant::Column::Auction.eq(auction.0))
        .into_tuple()
        .all(db)
        .await?;
    rows.into_iter().map(|(person, number)| Ok((PersonId(person), bidder_no(number)?))).collect()
}

/// The person with this number.
pub async fn person_of(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    bidder: BidderNo,
) -> Result<Option<PersonId>, StoreError> {
    let row = participant::Entity::find_by_id((auction.0, i64::from(bidder.0))).one(db).await?;
    Ok(row.map(|row| PersonId(row.person)))
}

pub async fn number_of(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    person: PersonId,
) -> Result<Option<BidderNo>, StoreError> {
    let row = participant::Entity::find()
        .filter(participant::Column::Auction.eq(auction.0))
        .filter(participant::Column::Person.eq(person.0))
        .one(db)
        .await?;
    row.map(|row| Ok(who(row)?.bidder_no)).transpose()
}

/// The openings of a person's commitments, by auction.
pub async fn openings_of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<BTreeMap<AuctionId, Opening>, StoreError> {
    let rows = participant::Entity::find()
        .filter(participant::Column::Person.eq(person.0))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((AuctionId(row.auction), opening(row)?))).collect()
}

/// The opening of one number's commitment.
pub async fn opening_of(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    number: BidderNo,
) -> Result<Option<Opening>, StoreError> {
    let row = participant::Entity::find_by_id((auction.0, i64::from(number.0))).one(db).await?;
    row.map(opening).transpose()
}

fn opening(row: participant::Model) -> Result<Opening, StoreError> {
    let (auction, salt) = (AuctionId(row.auction), hex::encode(&row.salt));
    let Participant { bidder_no: bidder, application, .. } = who(row)?;
    Ok(Opening { auction, bidder, application, salt })
}

fn who(row: participant::Model) -> Result<Participant, StoreError> {
    Ok(Participant {
        bidder_no: bidder_no(row.bidder_no)?,
        person: PersonId(row.person),
        application: ApplicationId(row.application),
    })
}

fn bidder_no(number: i64) -> Result<BidderNo, StoreError> {
    Ok(BidderNo(u16::try_from(number).map_err(StoreError::damaged("participant"))?))
}
