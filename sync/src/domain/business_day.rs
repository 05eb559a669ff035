//! A day of the books: midnight to midnight in Bishkek.

use super::time::{Timestamp, midnight};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A day of the books, as `2026-11-30`; on the wire and in the database a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BusinessDay(NaiveDate);

/// The text is no day as `2026-11-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written as 2026-11-30")]
pub struct DayMalformed;

impl BusinessDay {
    /// The day of a moment.
    pub fn of(at: Timestamp) -> Self {
        Self(at.local().map_or_else(NaiveDate::default, |local| local.date_naive()))
    }

    /// Its first moment.
    pub fn start(self) -> Timestamp {
        midnight(self.0).unwrap_or(Timestamp(0))
    }

    /// The moment after its last: the next day's first.
    pub fn end(self) -> Timestamp {
        self.next().start()
    }

    /// The day after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add_days(Days::new(1)).unwrap_or(self.0))
    }

    /// The day before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.checked_sub_days(Days::new(1)).unwrap_or(self.0))
    }

    /// As people read it: `30.11.2026`.
    pub fn plain(self) -> String {
        self.0.format("%d.%m.%Y").to_string()
    }
}

impl fmt::Display for BusinessDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl FromStr for BusinessDay {
    type Err = DayMalformed;

    fn from_str(text: &str) -> Result<Self, DayMalformed> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| DayMalformed)?;
        // One day has one name: `2026-1-1` is parsed as well.
        Some(Self(day)).filter(|day| day.to_string() == text).ok_or(DayMalformed)
    }
}

impl TryFrom<String> for BusinessDay {
    type Error = DayMalformed;

    fn try_from(text: String) -> Result<Self, DayMalformed> {
        text.parse()
    }
}

impl From<BusinessDay> for String {
    fn from(day: BusinessDay) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_bishkek() {
        let day: BusinessDay = "2026-11-30".parse().unwrap();
        assert_eq!(day.start(), Timestamp::parse("2026-11-29T18:00:00Z").unwrap());
        assert_eq!(day.end(), Timestamp::parse("2026-11-30T18:00:00Z").unwrap());
        for (at, expected) in [
            (day.start() - Timestamp::TICK, "2026-11-29"),
            (day.start(), "2026-11-30"),
            (day.end() - Timestamp::TICK, "2026-11-30"),
            (day.end(), "2026-12-01"),
        ] {
            assert_eq!(BusinessDay::of(at).to_string(), expected);
        }
        assert_eq!(day.next().previous(), day);
        assert_eq!(day.plain(), "30.11.2026");
    }

    #[test]
    fn a_day_has_one_name() {
        for text in ["", "2026-1-1", "30.11.2026", "2026-11-31", "2026-11-30 ", "+2026-11-30"] {
            assert_eq!(text.parse::<BusinessDay>(), Err(DayMalformed), "{text}");
        }
    }
}
