//! Reminders of deadlines, given by the phone without a connection: a day, three hours and half an
//! hour before applications close, if the person's own is not submitted.

use super::clock::Mono;
use super::{Engine, EventKind};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// The names of the reminders, with their time before the deadline.
const BEFORE: [(&str, TimeSpan); 3] = [
    ("day", TimeSpan::hours(24)),
    ("three_hours", TimeSpan::hours(3)),
    ("half_hour", TimeSpan::minutes(30)),
];

/// One future reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// The name: `day`, `three_hours` or `half_hour`.
    pub name: &'static str,
    /// The auction of the deadline.
    pub auction: AuctionId,
    /// The time of the reminder, the server's clock.
    pub at: Timestamp,
    /// The deadline, the server's clock.
    pub tender_end: Timestamp,
    /// The time of the reminder on the phone's monotonic clock; `None` before the server's time is
    /// known.
    pub due: Option<Mono>,
    /// `true` if a signed application waits to be sent.
    pub waits: bool,
}

impl Engine {
    /// All future reminders, the next one first: for auctions with a draft whose application is not
    /// on the server.
    pub fn reminders(&self, now: Mono) -> Vec<Reminder> {
        let open = self.drafts.all().map(|(auction, _)| auction);
        let open = open.filter(|auction| self.submitted_at(*auction).is_none());
        let mut reminders: Vec<Reminder> =
            open.flat_map(|auction| self.reminders_of(auction, now)).collect();
        reminders.sort_by_key(|reminder| (reminder.at, reminder.auction));
        reminders
    }

    fn reminders_of(&self, auction: AuctionId, now: Mono) -> Vec<Reminder> {
        let terms = self.view(auction).and_then(|view| view.auction.terms.as_ref());
        let Some(tender_end) = terms.map(|terms| terms.tender_end) else { return Vec::new() };
        let waits =
            self.outbox.waiting().any(|row| row.auction == Some(auction) && row.is_submit());
        let server = self.server_now(now).map(|estimate| estimate.time);
        let reminder = |(name, before): (&'static str, TimeSpan)| {
            let at = tender_end - before;
            let left = server.map(|server| at - server);
            if left.is_some_and(|left| left <= TimeSpan::ZERO) {
                return None;
            }
            let due = left.map(|left| now.saturating_add(left.0 / self.server_clock.speed()));
            Some(Reminder { name, auction, at, tender_end, due, waits })
        };
        BEFORE.into_iter().filter_map(reminder).collect()
    }

    /// Notifies the app once of each signed application that was not sent before its deadline, and
    /// asks to be woken for the next deadline.
    pub(super) fn notify_late(&mut self, now: Mono, at: &mut impl FnMut(Mono)) {
        let waiting = self.outbox.waiting().filter(|row| row.is_submit());
        let waiting: Vec<_> = waiting.filter_map(|row| Some((row.ticket, row.auction?))).collect();
        for (ticket, auction) in waiting {
            let Some(left) = self.left_to_tender_end(auction, now) else { continue };
            if left > TimeSpan::ZERO {
                let wait = (left.0 / self.server_clock.speed()).saturating_add(1);
                at(now.saturating_add(wait));
            } else if self.late_notified.insert(ticket) {
                self.notify(Some(auction), EventKind::DeadlinePassedUnsent);
            }
        }
    }
}
