//! What time alone does to an auction.

use super::super::time::Timestamp;
use super::award::{self, LapseReason};
use super::event::{Event, evolve};
use super::suspension::{self, SuspendedBy, SuspensionCause};
use super::{Auction, Commitment, Failure, Status, bidding};

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
            award::offer_to_sole(auction, roster)
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
