//! Rows by which the applicants of one auction are compared.

use super::json::parsed;
use super::{Stored, stored};
use crate::db::StoreError;
use crate::entity::{application, auction, device, participant};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::application::Status;
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::id::{AuctionId, BidderNo, PersonId};
use uuid::Uuid;

/// Databases limit the parameters of one statement.
const AT_ONCE: usize = 500;

/// Former auctions in which two people took part together.
#[derive(Debug, Clone, Copy, Default)]
pub struct SharedPast {
    pub auctions: usize,
    /// Of these, with an offer of one of the two.
    pub with_a_bid: usize,
    /// Of these, with offers of both.
    pub with_both_bidding: usize,
}

/// The applications to an auction that were not withdrawn, the oldest first.
pub async fn compared(
    db: &impl ConnectionTrait,
    auction: AuctionId,
    limit: u64,
) -> Result<Vec<Stored>, StoreError> {
    let rows = application::Entity::find()
        .filter(application::Column::Auction.eq(auction.0))
        .filter(application::Column::Status.ne(super::key(Status::Withdrawn)))
        .order_by_asc(application::Column::ReceivedAt)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(stored).collect()
}

/// Those of `others` whose accounts are used on a phone of this person: its installation has one
/// push address for all accounts on it.
pub async fn sharing_a_phone(
    db: &impl ConnectionTrait,
    person: PersonId,
    others: &[PersonId],
) -> Result<BTreeSet<PersonId>, StoreError> {
    let phones = device::Entity::find().filter(device::Column::PushToken.is_not_null());
    let own = phones.clone().filter(device::Column::Person.eq(person.0)).all(db).await?;
    let tokens: Vec<String> = own.into_iter().filter_map(|phone| phone.push_token).collect();
    let mut sharing = BTreeSet::new();
    for some in others.chunks(AT_ONCE) {
        let theirs = phones
            .clone()
            .filter(device::Column::Person.is_in(some.iter().map(|other| other.0)))
            .filter(device::Column::PushToken.is_in(&tokens))
            .all(db)
            .await?;
        sharing.extend(theirs.into_iter().map(|phone| PersonId(phone.person)));
    }
    Ok(sharing)
}

/// The newest auctions of a person, as far as one of `others` took part in them.
pub async fn shared_past(
    db: &impl ConnectionTrait,
    person: PersonId,
    others: &[PersonId],
    limit: u64,
) -> Result<BTreeMap<PersonId, SharedPast>, StoreError> {
    let own = participant::Entity::find().filter(participant::Column::Person.eq(person.0));
    let own = own.order_by_desc(participant::Column::Auction).limit(limit).all(db).await?;
    let own: BTreeMap<Uuid, i64> =
        own.into_iter().map(|row| (row.auction, row.bidder_no)).collect();
    let auctions = auction::Entity::find().filter(auction::Column::Id.is_in(own.keys().copied()));
    let mut bidding: BTreeMap<Uuid, BTreeSet<i64>> = BTreeMap::new();
    for row in auctions.all(db).await? {
        let state: Auction = parsed(&row.state, "auction")?;
        let numbers = state.best.keys().map(|BidderNo(number)| i64::from(*number));
        bidding.insert(row.id, numbers.collect());
    }
    let mut past: BTreeMap<PersonId, SharedPast> = BTreeMap::new();
    for some in others.chunks(AT_ONCE) {
        let theirs = participant::Entity::find()
            .filter(participant::Column::Auction.is_in(own.keys().copied()))
            .filter(participant::Column::Person.is_in(some.iter().map(|other| other.0)))
            .all(db)
            .await?;
        for row in theirs {
            let bids = |number: Option<&i64>| {
                let numbers = bidding.get(&row.auction);
                numbers.zip(number).is_some_and(|(numbers, number)| numbers.contains(number))
            };
            let (we, they) = (bids(own.get(&row.auction)), bids(Some(&row.bidder_no)));
            let shared = past.entry(PersonId(row.person)).or_default();
            shared.auctions += 1;
            shared.with_a_bid += usize::from(we || they);
            shared.with_both_bidding += usize::from(we && they);
        }
    }
    Ok(past)
}
