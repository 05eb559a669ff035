//! The stopped clock (§5.8): while it stands there are no bids and no deadlines.

use super::auction::{Auction, Status};
use super::bidding::Phase;
use super::command::{Rejection, TwoPeople};
use super::event::Event;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who stopped the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspendedBy {
    /// The system, after an outage.
    Watchdog,
    /// Two operators.
    Operators(TwoPeople),
}

/// Why the clock was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspensionCause {
    /// The start could not be made in time.
    LateStart,
    /// The service was down across an open window.
    Outage,
    /// A technical fault that operators saw.
    TechnicalFault,
}

/// A stopped clock. While it stands there are no bids and no deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suspension {
    /// From when on bids were impossible.
    pub since: Timestamp,
    /// Why.
    pub cause: SuspensionCause,
    /// The announced moment of resumption.
    pub resume_at: Option<Timestamp>,
}

pub(super) fn suspend(
    auction: &Auction,
    by: SuspendedBy,
    cause: SuspensionCause,
    since: Timestamp,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let stoppable = matches!(auction.status, Status::Waiting | Status::Bidding);
    if !stoppable || auction.suspension.is_some() {
        return Err(Rejection::WrongState);
    }
    if let SuspendedBy::Operators(people) = by {
        people.check()?;
    }
    // Bids accepted stay binding, so an outage cannot have begun before the last of them.
    let since = since.min(now).max(auction.stamped_at.unwrap_or(since.min(now)));
    if auction.closes_at().is_some_and(|deadline| since >= deadline) {
        return Err(Rejection::TooLate);
    }
    Ok(Event::Suspended { by, cause, since })
}

pub(super) fn announce_resume(
    auction: &Auction,
    by: TwoPeople,
    at: Timestamp,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let Some(suspension) = &auction.suspension else {
        return Err(Rejection::WrongState);
    };
    by.check()?;
    // The clock runs again since then, whether or not a tick has written it.
    if suspension.resume_at.is_some_and(|resume_at| resume_at <= now) {
        return Err(Rejection::TooLate);
    }
    if at < now + auction.birth.rules.resume_notice_min {
        return Err(Rejection::ResumeTooSoon);
    }
    Ok(Event::ResumeAnnounced { by, at })
}

/// Starts the clock again: a first-offer window goes on with what was left of it, but not less
/// than the rules' minimum; a raise window begins anew in full; bidding that had not opened opens,
/// but never before its promised start.
///
/// A resumption that was itself missed by more than the rules allow counts from now, or bidders
/// would lose time that nobody could use.
pub(super) fn resume(auction: &Auction, suspension: &Suspension, now: Timestamp) -> Vec<Event> {
    let rules = &auction.birth.rules;
    let announced = suspension.resume_at.unwrap_or(now);
    let at = if now - announced > rules.start_lateness_max { now } else { announced };
    let Some(round) = auction.round else {
        if at < auction.birth.offer.start {
            // The promised start still stands; the next tick opens at it.
            return vec![Event::Resumed { deadline: None }];
        }
        let deadline = at + rules.first_window;
        return vec![Event::Resumed { deadline: None }, Event::BiddingOpened { deadline }];
    };
    let deadline = match round.phase {
        Phase::FirstOffer => {
            let left = (round.deadline - suspension.since).min(rules.first_window);
            at + left.max(rules.resume_window_min)
        }
        // The old deadline is later only where the first window is a minimum; no bidder loses it.
        Phase::Raising => (at + rules.raise_window).max(round.deadline),
    };
    vec![Event::Resumed { deadline: Some(deadline) }]
}

/// Folds a fact about the clock; other facts are not its business.
pub(super) fn evolve(auction: &mut Auction, event: &Event) {
    match event {
        Event::Suspended { cause, since, .. } => {
            auction.suspension = Some(Suspension { since: *since, cause: *cause, resume_at: None });
        }
        Event::ResumeAnnounced { at, .. } => {
            if let Some(suspension) = &mut auction.suspension {
                suspension.resume_at = Some(*at);
            }
        }
        Event::Resumed { deadline } => {
            auction.suspension = None;
            auction.epoch += 1;
            if let (Some(round), Some(deadline)) = (&mut auction.round, deadline) {
                round.deadline = *deadline;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
