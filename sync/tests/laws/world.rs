//! One auction, published and ready to be played.

use toruk_sync::domain::auction::{
    Auction, Birth, Command, Commitment, Event, ObjectOfPrice, Offer, apply, create,
};
use toruk_sync::domain::id::{AuctionId, LotId, OrganisationId, PersonId};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// Monday, 23 November 2026, 10:00 in Bishkek.
pub const START: Timestamp = Timestamp(1_795_406_400_000_000);
pub const AUTHOR: PersonId = PersonId(Uuid::from_u128(1));
pub const SECOND_PERSON: PersonId = PersonId(Uuid::from_u128(2));
pub const PARTICIPANTS: u16 = 4;

pub fn birth(rules: RuleProfile) -> Birth {
    let id = AuctionId(Uuid::from_u128(10));
    Birth {
        id,
        lot: LotId(Uuid::from_u128(11)),
        lot_holder: OrganisationId(Uuid::from_u128(12)),
        procuring_entity: OrganisationId(Uuid::from_u128(13)),
        rules,
        offer: Offer {
            object_of_price: ObjectOfPrice::AnnualRent,
            value: Tyiyn::new(100_000).unwrap(),
            step: BasisPoints(500),
            guarantee: BasisPoints(1_000),
            start: START,
            lease_duration: Some("P3Y".to_owned()),
        },
        author: AUTHOR,
        attempt: 1,
        previous: None,
        root: id,
        value_min: None,
        value_set: None,
    }
}

pub fn tick() -> Command {
    tick_of(PARTICIPANTS)
}

/// A tick with this number of eligible applicants.
pub fn tick_of(eligible: u16) -> Command {
    let roster = (1..=eligible).map(|no| Commitment(format!("{no:064x}"))).collect();
    Command::Tick { roster }
}

/// Published; the log so far.
pub fn published(rules: RuleProfile) -> (Auction, Vec<Event>) {
    let (mut auction, mut log) = create(birth(rules));
    let published_at = START - TimeSpan::days(16);
    let publish = Command::Publish { by: SECOND_PERSON, documents: 1, lot: None };
    for command in [Command::Submit { by: AUTHOR }, publish] {
        let (next, events) = apply(&auction, &command, published_at).unwrap();
        auction = next;
        log.extend(events);
    }
    (auction, log)
}
