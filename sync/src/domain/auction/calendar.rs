//! The calendar of working days of an auction that runs.
//!
//! # Why it is not frozen with the other rules
//! Days off are moved by decree, often late in the year, for everybody at once. A deadline in
//! working days that kept the old calendar would end on a day on which no office is open. It never
//! moves back: what was promised to people stays.

use super::command::{DualApproval, Rejection};
use super::event::Event;
use super::{Auction, Status};
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
    Ok(Event::CalendarChanged { by, holidays: holidays.clone(), contract_by })
}
