//! The calendar of working days of an auction that runs.
//!
//! # Why it is not frozen with the other rules
//! Days off are moved by decree, often late in the year, for everybody at once. A deadline in
//! working days that kept the old calendar would end on a day on which no office is open. It never
//! moves back: what was promised to people stays.

use super::command::{DualApproval, Rejection};
use super::event::Event;
use super::{Auction, Status};
use crate::domain::rules::VerificationEnd;
use crate::domain::time::Timestamp;
use std::collections::BTreeSet;

/// Most days of a calendar.
pub const CALENDAR_DAYS_MAX: usize = 400;

impl Auction {
    /// The calendar that counts now.
    pub fn holidays(&self) -> &BTreeSet<String> {
        self.calendar.as_ref().unwrap_or(&self.birth.rules.holidays)
    }
}

/// Takes over a calendar.
pub(super) fn change(
    auction: &Auction,
    by: DualApproval,
    holidays: &BTreeSet<String>,
) -> Result<Event, Rejection> {
    let is_running = auction.is_public() && !auction.is_over();
    let is_new = auction.holidays() != holidays;
    if !is_running || !is_new || holidays.len() > CALENDAR_DAYS_MAX {
        return Err(Rejection::WrongState);
    }
    let by = by.check()?;
    let counted = auction.contract_from.filter(|_| auction.status == Status::Awarded);
    let moved = counted.map(|from| auction.birth.rules.contract_by(from, holidays));
    let contract_by = moved.filter(|moved| Some(*moved) > auction.contract_by);
    let confirm_by = confirm_by(auction, holidays);
    Ok(Event::CalendarChanged { by, holidays: holidays.clone(), contract_by, confirm_by })
}

/// Takes a change into the auction; another event changes nothing.
pub(super) fn evolve(auction: &mut Auction, event: &Event) {
    let Event::CalendarChanged { holidays, contract_by, confirm_by, .. } = event else { return };
    auction.calendar = Some(holidays.clone());
    auction.contract_by = contract_by.or(auction.contract_by);
    if let (Some(moved), Some(award)) = (confirm_by, auction.awards.last_mut()) {
        award.confirm_by = *moved;
    }
}

/// The deadline for the proposed winner on the next working day, if its day has become a day off.
fn confirm_by(auction: &Auction, holidays: &BTreeSet<String>) -> Option<Timestamp> {
    let VerificationEnd::NextWorkingDay { hour } = auction.birth.rules.verification_end else {
        return None;
    };
    let promised = auction.pending_award()?.confirm_by;
    let is_off = !promised.is_on_working_day(holidays);
    is_off.then(|| promised.next_working_day(hour, holidays))
}
