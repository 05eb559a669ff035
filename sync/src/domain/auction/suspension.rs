//! Suspension (§5.8): while the clock is stopped there are no bids and no deadlines.

use super::super::time::{TimeSpan, Timestamp};
use super::bidding::Phase;
use super::command::{DualApproval, Rejection};
use super::event::Event;
use crate::domain::auction::{Auction, Status};
use serde::{Deserialize, Serialize};

/// The source of a suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspendedBy {
    /// The system, after an outage.
    Watchdog,
    /// Two operators, by consent.
    Operators(DualApproval),
}

/// The cause of a suspension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspensionCause {
    /// The auction could not start in time.
    LateStart,
    /// The service was down during an open window.
    Outage,
    /// Operators noticed a technical fault.
    TechnicalFault,
}

/// A suspension. While it lasts there are no bids and no deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suspension {
    /// The first moment at which bids were impossible.
    pub since: Timestamp,
    /// The cause of the suspension.
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
    if !matches!(auction.status, Status::Waiting | Status::Bidding) {
        return Err(Rejection::WrongState);
    }
    if let Some(standing) = &auction.suspension {
        // An outage covered the announced resumption: bidders who came for it found nothing, so it
        // must be announced again. The clock has been stopped all the time.
        let swallowed = standing.resume_at.is_some_and(|resume_at| resume_at <= now);
        return match by {
            SuspendedBy::Watchdog if swallowed => {
                Ok(Event::Suspended { by, cause, since: standing.since })
            }
            _ => Err(Rejection::WrongState),
        };
    }
    if let SuspendedBy::Operators(people) = by {
        people.check()?;
    }
    // Accepted bids stay binding, so an outage can't have begun before the last of them. A stamp
    // after the deadline belongs to a rejected bid.
    let in_time = |at: &Timestamp| auction.closes_at().is_none_or(|deadline| *at < deadline);
    let since = since.min(now);
    let since = auction.stamped_at.filter(in_time).map_or(since, |last| last.max(since));
    if auction.closes_at().is_some_and(|deadline| since >= deadline) {
        return Err(Rejection::TooLate);
    }
    Ok(Event::Suspended { by, cause, since })
}

pub(super) fn announce_resume(
    auction: &Auction,
    by: DualApproval,
    at: Timestamp,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let Some(suspension) = &auction.suspension else {
        return Err(Rejection::WrongState);
    };
    by.check()?;
    // The clock runs again from then on, whether or not a tick has written it.
    if suspension.resume_at.is_some_and(|resume_at| resume_at <= now) {
        return Err(Rejection::TooLate);
    }
    if at < now + auction.birth.rules.resume_notice_min {
        return Err(Rejection::ResumeTooSoon);
    }
    Ok(Event::ResumeAnnounced { by, at })
}

/// Starts the clock again. A first-offer window continues with its remaining time, but at least the
/// rules' minimum; a raise window starts again in full; if bidding had not opened it opens, but
/// never before its promised start.
///
/// A resumption that was itself missed by more than the rules allow counts from now; otherwise
/// bidders would lose time that they could not use.
pub(super) fn resume(auction: &Auction, suspension: &Suspension, now: Timestamp) -> Vec<Event> {
    let rules = &auction.birth.rules;
    let announced = suspension.resume_at.unwrap_or(now);
    let at = if now - announced > rules.start_lateness_max { now } else { announced };
    let hard_stop = auction.hard_stop.map(|stop| stop + stood_still(auction, suspension, at));
    let Some(round) = auction.round else {
        let resumed = Event::Resumed { deadline: None, hard_stop };
        if at < auction.birth.offer.start {
            // The promised start is still valid; the next tick opens at it.
            return vec![resumed];
        }
        let deadline = at + rules.first_window;
        return vec![resumed, Event::BiddingOpened { deadline }];
    };
    let deadline = match round.phase {
        Phase::FirstOffer => {
            let left = (round.deadline - suspension.since).min(rules.first_window);
            at + left.max(rules.resume_window_min)
        }
        // The old deadline is later only if the first window is a minimum; no bidder loses it.
        Phase::Raising => (at + rules.raise_window).max(round.deadline),
    };
    vec![Event::Resumed { deadline: Some(deadline), hard_stop }]
}

/// The bidding time that a suspension has taken until `at`; none before the start.
fn stood_still(auction: &Auction, suspension: &Suspension, at: Timestamp) -> TimeSpan {
    let from = suspension.since.max(auction.birth.offer.start);
    (at - from).max(TimeSpan::ZERO)
}

/// Folds an event about the clock; other events change nothing here.
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
        Event::Resumed { deadline, hard_stop } => {
            auction.resumed_at = auction.suspension.take().and_then(|it| it.resume_at);
            auction.hard_stop = hard_stop.or(auction.hard_stop);
            auction.epoch = auction.epoch.saturating_add(1);
            auction.refused.clear();
            if let (Some(round), Some(deadline)) = (&mut auction.round, deadline) {
                round.deadline = *deadline;
            }
        }
        _ => {}
    }
}
