//! The officials' part: writing, publishing, mending, cancelling, relaunching.

use super::auction::{Auction, Status};
use super::command::{Command, Rejection, TwoPeople, given};
use super::event::Event;
use super::id::PersonId;
use super::offer::{Offer, OfferFault, Terms, freeze};
use super::rules::RuleProfile;
use super::time::{TimeSpan, Timestamp};

/// Decides what an official asks.
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
            Ok(Event::Returned { by: *by, reason: given(reason)? })
        }
        (Command::Publish { by, documents }, Status::Review) => {
            if auction.submitted_by == Some(*by) || auction.birth.author == *by {
                return Err(Rejection::SecondPersonNeeded);
            }
            if *documents == 0 {
                return Err(Rejection::Offer(OfferFault::DocumentMissing));
            }
            let terms = freeze(&auction.birth.offer, &auction.birth.rules, now);
            Ok(Event::Published { by: *by, terms: terms.map_err(Rejection::Offer)? })
        }
        (Command::Amend { by, offer }, Status::Rectification) => amend(auction, *by, offer, now),
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

fn amend(
    auction: &Auction,
    by: PersonId,
    offer: &Offer,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let current = auction.terms.as_ref().ok_or(Rejection::WrongState)?;
    if now >= current.rectification_end {
        return Err(Rejection::TooLate);
    }
    // The period to mend was promised at publication; mending does not prolong it, nor does it
    // ask for the notice period anew.
    let rules = RuleProfile { notice_period: TimeSpan::ZERO, ..auction.birth.rules.clone() };
    let frozen = freeze(offer, &rules, now).map_err(Rejection::Offer)?;
    if frozen.tender_end <= current.rectification_end {
        return Err(Rejection::Offer(OfferFault::NoTimeForApplications));
    }
    let terms = Terms { rectification_end: current.rectification_end, ..frozen };
    Ok(Event::Amended { by, offer: offer.clone(), terms })
}

fn cancel(
    auction: &Auction,
    by: TwoPeople,
    reason: &str,
    document: &str,
    now: Timestamp,
) -> Result<Event, Rejection> {
    if auction.is_over() {
        return Err(Rejection::WrongState);
    }
    by.check()?;
    // Before the bidding an ordinary decision needs time; from the opening on only a legal
    // ground ends it, at any moment (A18).
    let ordinary =
        !matches!(auction.status, Status::Bidding | Status::Qualification | Status::Awarded);
    let cutoff = auction.birth.offer.start - auction.birth.rules.cancel_cutoff;
    if ordinary && auction.is_public() && now > cutoff {
        return Err(Rejection::TooLate);
    }
    Ok(Event::Cancelled { by, reason: given(reason)?, document: document.to_owned() })
}
