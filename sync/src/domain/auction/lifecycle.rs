//! What time alone does, and the officials' part: editing, publishing, correcting, cancelling,
//! relaunching.

use super::super::id::{AuctionId, PersonId};
use super::super::lot::SealedLot;
use super::super::money::Tyiyn;
use super::super::time::Timestamp;
use super::award::{self, LapseReason};
use super::bidding;
use super::command::{Command, DualApproval, Rejection, checked_reason};
use super::event::{Event, evolve};
use super::offer::{Offer, OfferFault, Terms, freeze};
use super::suspension::{self, SuspendedBy, SuspensionCause};
use crate::domain::auction::{Auction, Birth, Commitment, Failure, Status};

/// Applies everything that is due by time, step by step, so that a late tick ends where punctual
/// ones would have.
pub(super) fn tick(
    auction: &Auction,
    roster: &[Commitment],
    now: Timestamp,
) -> (Auction, Vec<Event>) {
    let mut auction = auction.clone();
    let mut events = Vec::new();
    while auction.wake_at().is_some_and(|wake_at| wake_at <= now) {
        let due = due(&auction, roster, now);
        if due.is_empty() {
            break;
        }
        auction = due.iter().fold(auction, evolve);
        events.extend(due);
    }
    (auction, events)
}

fn due(auction: &Auction, roster: &[Commitment], now: Timestamp) -> Vec<Event> {
    let rules = &auction.birth.rules;
    if let Some(suspension) = &auction.suspension {
        return suspension::resume(auction, suspension, now);
    }
    match auction.status {
        Status::Rectification => vec![Event::TenderingOpened],
        Status::Tendering if roster.is_empty() => {
            vec![Event::Failed { reason: Failure::NoApplications }]
        }
        Status::Tendering if roster.len() == 1 && rules.offers_to_sole_applicant() => {
            award::offer_to_sole(auction, roster, now)
        }
        Status::Tendering if roster.len() < usize::from(rules.min_participants) => {
            vec![Event::Failed { reason: Failure::InsufficientParticipants }]
        }
        Status::Tendering => vec![Event::TenderingClosed { participants: roster.to_vec() }],
        Status::Waiting => vec![open(auction, now)],
        Status::Bidding => bidding::close(auction),
        Status::Qualification => award::lapse(auction, LapseReason::Timeout),
        _ => Vec::new(),
    }
}

/// Opens bidding at the promised moment (A6), or stops the clock if that moment was missed by more
/// than the rules allow (A7): participants who came in time would have lost a part of their window.
fn open(auction: &Auction, now: Timestamp) -> Event {
    let rules = &auction.birth.rules;
    let start = auction.birth.offer.start;
    if now - start > rules.start_lateness_max {
        return Event::Suspended {
            by: SuspendedBy::Watchdog,
            cause: SuspensionCause::LateStart,
            since: start,
        };
    }
    Event::BiddingOpened { deadline: start + rules.first_window }
}

/// The starting data of the next attempt (A19): lot, rules and parties of `previous`, and the start
/// price that [`programmed_value`] sets, or one that is at most
/// [`super::super::rules::RuleProfile::relaunch_cut_max`] lower. The caller copies the documents,
/// records `reason`, and records the successor by [`Command::Relaunch`].
///
/// # Errors
/// [`Rejection::WrongState`] unless `previous` failed or was cancelled,
/// [`Rejection::AlreadyRelaunched`], [`OfferFault::PriceNotProgrammed`],
/// [`OfferFault::PriceCutTooDeep`], and [`Rejection::ReasonNeeded`] if the price is lowered without a
/// reason, where the reason is not the programme.
pub fn successor(
    previous: &Auction,
    id: AuctionId,
    offer: Offer,
    author: PersonId,
    reason: &str,
) -> Result<Birth, Rejection> {
    if !matches!(previous.status, Status::Unsuccessful | Status::Cancelled) {
        return Err(Rejection::WrongState);
    }
    if previous.successor.is_some() {
        return Err(Rejection::AlreadyRelaunched);
    }
    let before = previous.birth.offer.value;
    let value_set = programmed_value(previous);
    if value_set.is_some_and(|value| offer.value != value) {
        return Err(Rejection::Offer(OfferFault::PriceNotProgrammed));
    }
    let cut = before.share(previous.birth.rules.relaunch_cut_max).unwrap_or(Tyiyn::ZERO);
    let value_min = before.checked_sub(cut).unwrap_or(Tyiyn::ZERO);
    if offer.value < value_min {
        return Err(Rejection::Offer(OfferFault::PriceCutTooDeep));
    }
    if offer.value < before && value_set.is_none() {
        checked_reason(reason)?;
    }
    Ok(Birth {
        id,
        offer,
        author,
        attempt: next_attempt(previous),
        value_set,
        previous: Some(previous.birth.id),
        value_min: Some(value_min),
        ..previous.birth.clone()
    })
}

/// The start price of the attempt after this one, where the rules have a programme for it.
pub fn programmed_value(previous: &Auction) -> Option<Tyiyn> {
    let birth = &previous.birth;
    // Only a price that nobody offered more for falls: a winner who defaulted, and a decision to
    // cancel, say nothing of it.
    let was_too_dear = matches!(
        previous.failure,
        Some(Failure::NoApplications | Failure::InsufficientParticipants | Failure::NoFirstOffer)
    );
    let value = birth.rules.programmed_value(next_attempt(previous), birth.offer.value);
    value.filter(|_| was_too_dear)
}

fn next_attempt(previous: &Auction) -> u32 {
    previous.birth.attempt.saturating_add(1)
}

/// Decides an official's command.
pub(super) fn administer(
    auction: &Auction,
    command: &Command,
    now: Timestamp,
) -> Result<Event, Rejection> {
    match (command, auction.status) {
        (Command::Edit { by, offer }, Status::Draft) => {
            Ok(Event::Edited { by: *by, offer: offer.clone() })
        }
        (Command::Submit { by }, Status::Draft) => Ok(Event::Submitted { by: *by }),
        (Command::Return { by, reason }, Status::Review) => {
            Ok(Event::Returned { by: *by, reason: checked_reason(reason)? })
        }
        (Command::Publish { by, documents, lot }, Status::Review) => {
            if auction.submitted_by == Some(*by) || auction.birth.author == *by {
                return Err(Rejection::SecondPersonNeeded);
            }
            let is_bare = lot.as_ref().is_some_and(|lot| lot.lot().documents.is_empty());
            if *documents == 0 || is_bare {
                return Err(Rejection::Offer(OfferFault::DocumentMissing));
            }
            let terms = frozen(auction, &auction.birth.offer, lot.as_ref(), now)?;
            let lot = lot.as_ref().map(|lot| lot.lot().clone());
            Ok(Event::Published { by: *by, terms, lot })
        }
        (Command::Amend { by, approved, offer, lot }, Status::Rectification) => {
            amend(auction, (*by, *approved), offer, lot.as_ref(), now)
        }
        (Command::Cancel { by, reason, document }, _) => {
            cancel(auction, *by, reason, document, now)
        }
        (Command::Relaunch { by, successor }, Status::Unsuccessful | Status::Cancelled) => {
            match auction.successor {
                Some(_) => Err(Rejection::AlreadyRelaunched),
                None => Ok(Event::Relaunched { by: *by, successor: *successor }),
            }
        }
        _ => Err(Rejection::WrongState),
    }
}

/// A correction of the offer, the lot's facts or its documents. Where the facts were published,
/// two people are needed and the whole lot is published again.
fn amend(
    auction: &Auction,
    (by, approved): (PersonId, Option<PersonId>),
    offer: &Offer,
    lot: Option<&SealedLot>,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let current = auction.terms.as_ref().ok_or(Rejection::WrongState)?;
    if now >= current.rectification_end {
        return Err(Rejection::TooLate);
    }
    if current.lot_hash.is_some() {
        let approved = approved.ok_or(Rejection::SecondPersonNeeded)?;
        DualApproval { proposed: by, approved }.check()?;
        let lot = lot.ok_or(Rejection::WrongState)?;
        if lot.lot().facts.id != auction.birth.lot {
            return Err(Rejection::WrongState);
        }
        if lot.lot().documents.is_empty() {
            return Err(Rejection::Offer(OfferFault::DocumentMissing));
        }
    }
    // The correction period and the notice period were promised at publication: a correction
    // neither prolongs the one nor shortens the other.
    let published_at = current.rectification_end - auction.birth.rules.rectification;
    let terms = frozen(auction, offer, lot, published_at)?;
    let lot = lot.map(|lot| lot.lot().clone());
    Ok(Event::Amended { by, approved, offer: offer.clone(), terms, lot })
}

/// The terms of `offer` and `lot` as published at `published_at`.
fn frozen(
    auction: &Auction,
    offer: &Offer,
    lot: Option<&SealedLot>,
    published_at: Timestamp,
) -> Result<Terms, Rejection> {
    if auction.birth.value_set.is_some_and(|value| offer.value != value) {
        return Err(Rejection::Offer(OfferFault::PriceNotProgrammed));
    }
    if auction.birth.value_min.is_some_and(|value_min| offer.value < value_min) {
        return Err(Rejection::Offer(OfferFault::PriceCutTooDeep));
    }
    let terms = freeze(offer, &auction.birth.rules, published_at).map_err(Rejection::Offer)?;
    Ok(Terms { lot_hash: lot.map(|lot| lot.hash().to_owned()), ..terms })
}

fn cancel(
    auction: &Auction,
    by: DualApproval,
    reason: &str,
    document: &str,
    now: Timestamp,
) -> Result<Event, Rejection> {
    if auction.is_over() {
        return Err(Rejection::WrongState);
    }
    by.check()?;
    // Before bidding, an ordinary decision needs a minimum of time; from the opening on, only a
    // legal ground ends the auction, at any moment (A18). The same holds if a fault has stopped the
    // clock, or if a missed start could not be made up for.
    let ordinary = auction.suspension.is_none()
        && !matches!(auction.status, Status::Bidding | Status::Qualification | Status::Awarded);
    let start = auction.birth.offer.start;
    let cutoff = auction.birth.rules.cancel_until(start, auction.holidays());
    if ordinary && auction.is_public() && now > cutoff {
        return Err(Rejection::TooLate);
    }
    if auction.is_public() && document.trim().is_empty() {
        return Err(Rejection::Offer(OfferFault::DocumentMissing));
    }
    Ok(Event::Cancelled { by, reason: checked_reason(reason)?, document: document.to_owned() })
}
