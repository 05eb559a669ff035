//! Reminders that the platform shows without a connection.

use super::Core;
use super::texts;
use crate::engine::Reminder;

/// One reminder for the platform to schedule.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LocalReminder {
    /// Stable for the same reminder: scheduling it again replaces it.
    pub id: String,
    /// The id of the auction to open on a tap.
    pub auction: String,
    /// The lot's title.
    pub title: String,
    /// The text to show, in this phone's language.
    pub body: String,
    /// The time to show it, the server's clock, Unix µs.
    pub at: i64,
    /// Microseconds from now until then; `None` while the server's time is unknown: do not schedule
    /// it yet.
    pub in_us: Option<i64>,
}

#[uniffi::export]
impl Core {
    /// All future reminders, the next one first: 24 hours, 3 hours and 30 minutes before
    /// applications close, for each auction with a draft whose application is not on the server.
    /// Cancel those that are no longer in the list; ask again after a draft or a submit changed.
    pub fn reminders(&self) -> Vec<LocalReminder> {
        let now = self.driver.now();
        self.driver.read(|engine| {
            let local = |reminder: Reminder| LocalReminder {
                id: format!("{}/{}", reminder.auction, reminder.name),
                auction: reminder.auction.to_string(),
                title: engine
                    .view(reminder.auction)
                    .map(|view| view.lot.title.get(&self.language).to_owned())
                    .unwrap_or_default(),
                body: texts::reminder(reminder.name, reminder.waits, &self.language),
                at: reminder.at.0,
                in_us: reminder.due.map(|due| due - now),
            };
            engine.reminders(now).into_iter().map(local).collect()
        })
    }
}
