//! The fixture of the rules' tests: one auction at a fixed start, and events in words.

use super::auction::bidding::{Basis, Bid};
use super::auction::{self, *};
use super::id::{AuctionId, BidId, BidderNo, LotId, OrganisationId, PersonId};
use super::money::{BasisPoints, Tyiyn};
use super::rules::RuleProfile;
use super::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// Monday, 23 November 2026, 10:00 in Bishkek.
pub const START: Timestamp = Timestamp(1_795_406_400_000_000);
pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
/// 1 000 som; a step is 50 som, the guarantee 100.
pub const VALUE: i64 = 100_000;
pub const STEP: i64 = 5_000;

pub const AUTHOR: PersonId = PersonId(Uuid::from_u128(1));
pub const SECOND_PERSON: PersonId = PersonId(Uuid::from_u128(2));
pub const BOTH: DualApproval = DualApproval { proposed: AUTHOR, approved: SECOND_PERSON };

/// `micros` after the start.
pub fn at(micros: i64) -> Timestamp {
    START + TimeSpan(micros)
}

pub fn tyiyn(amount: i64) -> Tyiyn {
    Tyiyn::new(amount).unwrap()
}

/// The price after `raises` raises.
pub fn price(raises: i64) -> Tyiyn {
    tyiyn(VALUE + raises * STEP)
}

pub fn offer() -> Offer {
    Offer {
        object_of_price: ObjectOfPrice::AnnualRent,
        value: tyiyn(VALUE),
        step: BasisPoints(500),
        guarantee: BasisPoints(1_000),
        start: START,
        lease_duration: Some("P3Y".to_owned()),
    }
}

pub fn draft(rules: RuleProfile) -> Auction {
    let id = AuctionId(Uuid::from_u128(10));
    let (auction, _) = create(Birth {
        id,
        lot: LotId(Uuid::from_u128(11)),
        lot_holder: OrganisationId(Uuid::from_u128(12)),
        procuring_entity: OrganisationId(Uuid::from_u128(13)),
        rules,
        offer: offer(),
        author: AUTHOR,
        attempt: 1,
        previous: None,
        root: id,
        value_min: None,
        value_set: None,
    });
    auction
}

/// Submitted to the second person, 16 days before the start.
pub fn review(rules: RuleProfile) -> Auction {
    after(draft(rules), -16 * DAY, &Command::Submit { by: AUTHOR })
}

/// Published 16 days before the start; may be corrected for two more days.
pub fn published(rules: RuleProfile) -> Auction {
    after(
        review(rules),
        -16 * DAY,
        &Command::Publish { by: SECOND_PERSON, documents: 1, lot: None },
    )
}

pub fn tendering(rules: RuleProfile) -> Auction {
    after(published(rules), -13 * DAY, &tick(0))
}

pub fn waiting(rules: RuleProfile, participants: u8) -> Auction {
    after(tendering(rules), -HOUR, &tick(participants))
}

pub fn bidding(rules: RuleProfile, participants: u8) -> Auction {
    after(waiting(rules, participants), 0, &tick(0))
}

/// Bidding in which numbers `bidders` raised one after another, a minute apart from minute 1.
pub fn raised(rules: RuleProfile, bidders: &[u16]) -> Auction {
    let mut auction = bidding(rules, 3);
    for (round, bidder) in (0..).zip(bidders) {
        auction = after(auction, (round + 1) * MINUTE, &raise(*bidder, round));
    }
    auction
}

/// Closed; the last of `bidders` must confirm.
pub fn won(rules: RuleProfile, bidders: &[u16]) -> Auction {
    after(raised(rules, bidders), HOUR, &tick(0))
}

pub fn after(auction: Auction, micros: i64, command: &Command) -> Auction {
    let (next, events) = apply(&auction, command, at(micros)).unwrap();
    assert_eq!(next, events.iter().fold(auction, evolve), "state is the fold of its events");
    next
}

/// A tick with `roster` eligible participants.
pub fn tick(roster: u8) -> Command {
    let roster = (1..=roster).map(|no| Commitment(format!("{no:064x}"))).collect();
    Command::Tick { roster }
}

/// A proper raise by `bidder`, who saw `round` raises.
pub fn raise(bidder: u16, round: i64) -> Command {
    Command::PlaceBid(proper(bidder, round))
}

pub fn proper(bidder: u16, round: i64) -> Bid {
    Bid {
        id: BidId(Uuid::from_u128(u128::from(bidder))),
        bidder: Some(BidderNo(bidder)),
        epoch: 0,
        basis: Basis { round: round.unsigned_abs(), price: price(round) },
        amount: price(round + 1),
        hasty: false,
    }
}

/// Seconds from the start, to the microsecond.
pub fn clock(at: Timestamp) -> String {
    let micros = (at - START).0;
    let (seconds, rest) = (micros.div_euclid(SECOND), micros.rem_euclid(SECOND));
    if rest == 0 { format!("{seconds}s") } else { format!("{seconds}.{rest:06}s") }
}

/// An amount in som, without the spaces.
pub fn som(amount: Tyiyn) -> i64 {
    amount.get() / 100
}

/// An event in a few words.
pub fn say(event: &Event) -> String {
    match event {
        Event::Created { .. } => "created".to_owned(),
        Event::Edited { .. } => "edited".to_owned(),
        Event::Submitted { .. } => "submitted".to_owned(),
        Event::Returned { .. } => "returned".to_owned(),
        Event::Published { .. } => "published".to_owned(),
        Event::Amended { .. } => "amended".to_owned(),
        Event::TenderingOpened => "tendering".to_owned(),
        Event::TenderingClosed { participants } => format!("{} take part", participants.len()),
        Event::BiddingOpened { deadline } => format!("open until {}", clock(*deadline)),
        Event::BidPlaced { bidder, amount, deadline, .. } => {
            format!("{bidder} leads at {} until {}", som(*amount), clock(*deadline))
        }
        Event::BidRefused { bidder, reason, .. } => format!("{bidder} refused: {reason}"),
        Event::Suspended { since, .. } => format!("stopped since {}", clock(*since)),
        Event::ResumeAnnounced { at, .. } => format!("goes on at {}", clock(*at)),
        Event::Resumed { deadline: None, .. } => "goes on".to_owned(),
        Event::Resumed { deadline: Some(end), .. } => format!("goes on until {}", clock(*end)),
        Event::BiddingClosed { deadline } => format!("closed at {}", clock(*deadline)),
        Event::AwardProposed { award } => format!("{} wins at {}", award.bidder, som(award.price)),
        Event::AwardConfirmed { bidder, .. } => format!("{bidder} confirmed"),
        Event::AwardLapsed { bidder, reason } => format!("{bidder} lapsed: {reason:?}"),
        Event::WinnerDisqualified { .. } => "winner excluded".to_owned(),
        Event::ContractSigned { .. } => "contract signed".to_owned(),
        Event::CalendarChanged { contract_by, .. } => {
            let moved = contract_by.map(|by| format!(", contract by {}", clock(by)));
            format!("other days off{}", moved.unwrap_or_default())
        }
        Event::ProtocolKept { .. } => "protocol kept".to_owned(),
        Event::ProtocolSigned { .. } => "protocol signed".to_owned(),
        Event::ContractFailed { fault, .. } => format!("no contract: {fault:?}"),
        Event::Failed { reason } => format!("failed: {reason:?}"),
        Event::Cancelled { .. } => "cancelled".to_owned(),
        Event::Relaunched { .. } => "relaunched".to_owned(),
    }
}

/// Applies `commands` at their moments (microseconds from the start) and compares the results, one
/// line for each command; a rejection is its message.
#[track_caller]
pub fn check(mut auction: Auction, commands: &[(i64, Command)], expected: &[&str]) {
    let mut said = Vec::new();
    for (micros, command) in commands {
        match auction::apply(&auction, command, at(*micros)) {
            Ok((next, events)) => {
                let folded = events.iter().fold(auction, evolve);
                assert_eq!(next, folded, "the state is the fold of its events");
                said.push(events.iter().map(say).collect::<Vec<_>>().join(", "));
                auction = next;
            }
            Err(Rejection::Bid(refusal)) => said.push(refusal.to_string().replace('\u{a0}', " ")),
            Err(rejection) => said.push(rejection.to_string()),
        }
    }
    assert_eq!(said, expected);
}
