//! The winner: proposed at the close, confirmed by signature, and replaced or lost without one.

use super::super::id::{BidderNo, PersonId};
use super::super::instalments::{self, Instalment};
use super::super::money::Tyiyn;
use super::super::rules::Fallback;
use super::super::time::Timestamp;
use super::command::checked_reason;
use crate::domain::auction::{
    Auction, Commitment, ContractFault, DualApproval, Event, Failure, ObjectOfPrice, OfferFault,
    Rejection, Status,
};
use serde::{Deserialize, Serialize};

/// The reason why a proposed winner is replaced or lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LapseReason {
    /// The winner refused the award.
    Refused,
    /// The winner did not confirm in time.
    Timeout,
    /// Officials excluded the winner.
    Disqualified,
}

/// The status of an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AwardStatus {
    /// Waits for the winner's signature.
    Pending,
    /// The winner confirmed the award.
    Active {
        /// Hash of the signed protocol, hex.
        protocol: String,
    },
    /// The award was lost.
    Unsuccessful {
        /// The reason for the loss.
        reason: LapseReason,
    },
}

/// A proposed winner with the price to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Award {
    /// The proposed winner's number.
    pub bidder: BidderNo,
    /// The price to pay, tyiyn.
    pub price: Tyiyn,
    /// The deadline for the confirmation, exclusive.
    pub confirm_by: Timestamp,
    /// The status at present; the winner or time changes it.
    pub status: AwardStatus,
}

impl Auction {
    /// The parts in which the winner of the standing award pays, with days once the contract is
    /// signed; none where the price is paid at once, or is a yearly rent.
    pub fn instalments(&self) -> Vec<Instalment> {
        let is_divided = self.birth.offer.object_of_price != ObjectOfPrice::AnnualRent;
        let plan = self.birth.rules.instalments.filter(|_| is_divided);
        let (Some(plan), Some(award), Some(terms)) =
            (plan, self.standing_award(), self.terms.as_ref())
        else {
            return Vec::new();
        };
        let parts = plan.divide(award.price, terms.guarantee).into_iter();
        let due = |months| self.contract_at.map(|at| instalments::due(at, months, self.holidays()));
        parts.map(|part| Instalment { due: due(part.months), ..part }).collect()
    }
}

/// Proposes a winner; the time to confirm counts from `from`.
pub(super) fn propose(auction: &Auction, bidder: BidderNo, price: Tyiyn, from: Timestamp) -> Event {
    let confirm_by = auction.birth.rules.confirm_by(from, auction.holidays());
    Event::AwardProposed {
        award: Award { bidder, price, confirm_by, status: AwardStatus::Pending },
    }
}

/// Closes applications and offers the lot to the sole applicant at the start price (A20); the time
/// to confirm counts from the deadline for applications, as everyone knew it, but from the offer if
/// that was missed by more than [`start_lateness_max`](crate::domain::rules::RuleProfile::start_lateness_max):
/// nobody loses a guarantee for an answer to what they were not asked.
pub(super) fn offer_to_sole(
    auction: &Auction,
    roster: &[Commitment],
    now: Timestamp,
) -> Vec<Event> {
    const SOLE: BidderNo = BidderNo(1);
    let Some(terms) = &auction.terms else { return Vec::new() };
    let rules = &auction.birth.rules;
    let due = terms.tender_end + rules.drain;
    let from = if now - due > rules.start_lateness_max { now } else { terms.tender_end };
    vec![
        Event::TenderingClosed { participants: roster.to_vec() },
        propose(auction, SOLE, terms.value, from),
    ]
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
    let rules = &auction.birth.rules;
    let contract_by = rules.contract_by(now, auction.holidays());
    let contract_from = rules.contract_days.map(|_| now);
    let protocol = protocol.to_owned();
    Ok(Event::AwardConfirmed { bidder, protocol, contract_by, contract_from })
}

/// Takes in the winner's refusal.
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

/// Excludes the proposed winner, by two officials.
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

/// Ends an award that was not confirmed.
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
    let at = auction.birth.rules.instalments.map(|_| now);
    Ok(Event::ContractSigned { by, document: document.to_owned(), at })
}

/// Records that no contract was concluded (A16).
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

/// The best bidder other than `winner`, by their own last price. There is one only if they raised
/// at least once. Two bidders can't have the same last price: each raise is higher than the one
/// before.
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

/// Continues after a lost award: with the runner-up, once (A13), or to the end (A14).
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

/// Folds an event about the winner and the contract; other events change nothing here.
pub(super) fn evolve(auction: &mut Auction, event: &Event) {
    match event {
        Event::AwardProposed { award } => {
            // After bidding it is there already; the sole applicant's award comes without bidding.
            auction.status = Status::Qualification;
            auction.awards.push(award.clone());
        }
        Event::AwardConfirmed { protocol, contract_by, contract_from, .. } => {
            auction.contract_from = *contract_from;
            auction.status = Status::Awarded;
            auction.contract_by = Some(*contract_by);
            if let Some(award) = auction.awards.last_mut() {
                award.status = AwardStatus::Active { protocol: protocol.clone() };
            }
        }
        Event::ContractSigned { at, .. } => {
            auction.status = Status::Complete;
            auction.contract_at = *at;
        }
        Event::AwardLapsed { reason, .. } => {
            if let Some(award) = auction.awards.last_mut() {
                award.status = AwardStatus::Unsuccessful { reason: *reason };
            }
        }
        _ => {}
    }
}
