//! Reminders that the platform shows by itself, without a connection.

use super::Core;
use super::texts;
use crate::engine::Reminder;

/// One reminder for the platform to schedule.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LocalReminder {
    /// The same for the same reminder: scheduling it again replaces it.
    pub id: String,
    /// Which auction it opens.
    pub auction: String,
    /// What is sold.
    pub title: String,
    /// What to do, in this phone's language.
    pub body: String,
    /// When, the server's time.
    pub at: i64,
    /// In so many microseconds; `None` before the server's time is known: do not schedule it yet.
    pub in_us: Option<i64>,
}

#[uniffi::export]
impl Core {
    /// All reminders to come, the next first: 24 hours, 3 hours and 30 minutes before applications
    /// close, for each auction with a draft whose application is not on the server. Cancel those
    /// that are not in the list any more; ask again when a draft or a submit changed.
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
