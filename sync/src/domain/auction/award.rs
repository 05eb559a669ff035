//! The winner: proposed at the close, confirmed by signature, replaced or lost when silent.

use super::super::id::{BidderNo, PersonId};
use super::super::money::Tyiyn;
use super::super::rules::Fallback;
use super::super::time::Timestamp;
use super::command::checked_reason;
use crate::domain::auction::{
    Auction, ContractFault, DualApproval, Event, Failure, OfferFault, Rejection, Status,
};
use serde::{Deserialize, Serialize};

/// Why a proposed winner is one no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LapseReason {
    /// He said so.
    Refused,
    /// His time passed.
    Timeout,
    /// Officials excluded him.
    Disqualified,
}

/// Where an award stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AwardStatus {
    /// Waits for the winner's signature.
    Pending,
    /// Confirmed.
    Active {
        /// Hash of the signed protocol, hex.
        protocol: String,
    },
    /// Lost.
    Unsuccessful {
        /// Why.
        reason: LapseReason,
    },
}

/// A proposed winner and his price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Award {
    /// Who.
    pub bidder: BidderNo,
    /// At which price.
    pub price: Tyiyn,
    /// A confirmation received at this moment or later is late.
    pub confirm_by: Timestamp,
    /// Where it stands.
    pub status: AwardStatus,
}

/// Proposes a winner; his time to confirm counts from `from`.
pub(super) fn propose(auction: &Auction, bidder: BidderNo, price: Tyiyn, from: Timestamp) -> Event {
    let confirm_by = auction.birth.rules.confirm_by(from);
    Event::AwardProposed {
        award: Award { bidder, price, confirm_by, status: AwardStatus::Pending },
    }
}

/// The winner confirms (A12, manual step 30).
pub(super) fn confirm(
    auction: &Auction,
    bidder: BidderNo,
    protocol: &str,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let award = pending(auction, bidder)?;
    if now >= award.confirm_by {
        return Err(Rejection::TooLate);
    }
    let contract_by = now + auction.birth.rules.contract_period;
    Ok(Event::AwardConfirmed { bidder, protocol: protocol.to_owned(), contract_by })
}

/// The winner refuses.
pub(super) fn refuse(
    auction: &Auction,
    bidder: BidderNo,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let award = pending(auction, bidder)?;
    if now >= award.confirm_by {
        return Err(Rejection::TooLate);
    }
    Ok(next(auction, bidder, LapseReason::Refused, now))
}

/// Two officials exclude the proposed winner.
pub(super) fn disqualify(
    auction: &Auction,
    by: DualApproval,
    reason: &str,
    document: &str,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let (Status::Qualification, Some(award)) = (auction.status, auction.pending_award()) else {
        return Err(Rejection::WrongState);
    };
    by.check()?;
    if now >= award.confirm_by {
        return Err(Rejection::TooLate);
    }
    if document.trim().is_empty() {
        return Err(Rejection::Offer(OfferFault::DocumentMissing));
    }
    let (reason, document) = (checked_reason(reason)?, document.to_owned());
    let mut events = vec![Event::WinnerDisqualified { by, reason, document }];
    events.extend(next(auction, award.bidder, LapseReason::Disqualified, now));
    Ok(events)
}

/// The winner's time passed.
pub(super) fn lapse(auction: &Auction, reason: LapseReason) -> Vec<Event> {
    auction
        .pending_award()
        .map_or_else(Vec::new, |award| next(auction, award.bidder, reason, award.confirm_by))
}

/// The contract is signed (A15).
pub(super) fn sign_contract(
    auction: &Auction,
    by: PersonId,
    document: &str,
    now: Timestamp,
) -> Result<Event, Rejection> {
    if auction.status != Status::Awarded {
        return Err(Rejection::WrongState);
    }
    if auction.contract_by.is_some_and(|contract_by| now >= contract_by) {
        return Err(Rejection::TooLate);
    }
    Ok(Event::ContractSigned { by, document: document.to_owned() })
}

/// No contract came about (A16).
pub(super) fn fail_contract(
    auction: &Auction,
    by: PersonId,
    fault: ContractFault,
) -> Result<Vec<Event>, Rejection> {
    if auction.status != Status::Awarded {
        return Err(Rejection::WrongState);
    }
    let reason = Failure::ContractNotConcluded;
    Ok(vec![Event::ContractFailed { by, fault }, Event::Failed { reason }])
}

/// The best bidder other than `winner`, by his own last price. He exists only if he raised at
/// least once. Two bidders cannot have the same last price: each raise is higher than the last.
pub fn runner_up(auction: &Auction, winner: BidderNo) -> Option<(BidderNo, Tyiyn)> {
    let others = auction.best.iter().filter(|(bidder, _)| **bidder != winner);
    others.max_by_key(|(_, price)| **price).map(|(bidder, price)| (*bidder, *price))
}

fn pending(auction: &Auction, bidder: BidderNo) -> Result<&Award, Rejection> {
    let award = match auction.status {
        Status::Qualification => auction.pending_award().ok_or(Rejection::WrongState)?,
        _ => return Err(Rejection::WrongState),
    };
    if award.bidder != bidder {
        return Err(Rejection::NotTheWinner);
    }
    Ok(award)
}

/// After a lost award: the runner-up once (A13), or the end (A14).
fn next(auction: &Auction, lost: BidderNo, reason: LapseReason, from: Timestamp) -> Vec<Event> {
    let lapsed = Event::AwardLapsed { bidder: lost, reason };
    let first_award = auction.awards.len() == 1;
    let heir = match auction.birth.rules.fallback {
        Fallback::RunnerUp if first_award => runner_up(auction, lost),
        _ => None,
    };
    match heir {
        Some((bidder, price)) => vec![lapsed, propose(auction, bidder, price, from)],
        None => vec![lapsed, Event::Failed { reason: Failure::WinnerDefault }],
    }
}

/// Folds a fact about the winner; other facts are not its business.
pub(super) fn evolve(auction: &mut Auction, event: &Event) {
    match event {
        Event::AwardProposed { award } => auction.awards.push(award.clone()),
        Event::AwardConfirmed { protocol, contract_by, .. } => {
            auction.status = Status::Awarded;
            auction.contract_by = Some(*contract_by);
            if let Some(award) = auction.awards.last_mut() {
                award.status = AwardStatus::Active { protocol: protocol.clone() };
            }
        }
        Event::AwardLapsed { reason, .. } => {
            if let Some(award) = auction.awards.last_mut() {
                award.status = AwardStatus::Unsuccessful { reason: *reason };
            }
        }
        _ => {}
    }
}
