//! Time in whole microseconds, UTC. Reading a clock is the caller's part.

use chrono::{
    DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, Timelike, Utc, Weekday,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::{Add, Sub};

/// Asia/Bishkek is UTC+6 the whole year (no daylight saving since 2005).
const BISHKEK_OFFSET_S: i32 = 6 * 3600;

/// A moment: Unix microseconds, UTC.
///
/// An integer on the wire and in both databases, so that order and equality mean the same
/// everywhere. Fits in 2⁵³ until the year 2255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// A length of time in microseconds; negative if it points back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct TimeSpan(pub i64);

impl Timestamp {
    /// The smallest step of time the log knows.
    pub const TICK: TimeSpan = TimeSpan(1);

    /// Parses RFC 3339 (`2026-11-23T10:30:00+06:00`); `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_micros()))
    }

    /// The format of HTTP headers: `Mon, 23 Nov 2026 04:30:00 GMT`.
    pub fn http_date(self) -> String {
        let utc = DateTime::<Utc>::from_timestamp_micros(self.0).unwrap_or_default();
        utc.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// The moment of a Bishkek wall clock, as a form's `datetime-local` field sends it
    /// (`2026-11-23T10:30`).
    pub fn parse_bishkek(text: &str) -> Option<Self> {
        let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()?;
        let local = naive.and_local_timezone(bishkek()).single()?;
        Some(Self(local.timestamp_micros()))
    }

    /// The format for people, in Bishkek's time: `23.11.2026 10:30:07`.
    pub fn bishkek(self) -> String {
        self.local().map_or_else(String::new, |at| at.format("%d.%m.%Y %H:%M:%S").to_string())
    }

    /// `2026-11-23T10:30`, Bishkek, for a form's `datetime-local` field.
    pub fn bishkek_field(self) -> String {
        self.local().map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M").to_string())
    }

    /// RFC 3339 in UTC with microseconds.
    pub fn rfc3339(self) -> String {
        DateTime::<Utc>::from_timestamp_micros(self.0)
            .map_or_else(String::new, |at| at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    }

    /// `hour`:00 in Bishkek on the next working day after this moment's day, skipping Saturdays,
    /// Sundays and `holidays` (days as `2026-12-31`).
    pub fn next_working_day(self, hour: u8, holidays: &BTreeSet<String>) -> Self {
        let Some(local) = self.local() else { return self };
        let mut day = local.date_naive();
        loop {
            let Some(next) = day.checked_add_days(Days::new(1)) else { return self };
            day = next;
            if is_working(day, holidays) {
                break;
            }
        }
        let time = NaiveTime::MIN.with_hour(u32::from(hour)).unwrap_or(NaiveTime::MIN);
        day.and_time(time)
            .and_local_timezone(bishkek())
            .single()
            .map_or(self, |at| Self(at.timestamp_micros()))
    }

    /// Midnight at the end of the `count`th working day after this moment's day, in Bishkek.
    pub fn after_working_days(self, count: u16, holidays: &BTreeSet<String>) -> Self {
        let last = (0..count).fold(self, |day, _| day.next_working_day(0, holidays));
        last.next_midnight()
    }

    /// The end of the day that is `count` working days before this moment's day, in Bishkek.
    #[must_use]
    pub fn before_working_days(self, count: u16, holidays: &BTreeSet<String>) -> Self {
        let Some(local) = self.local() else { return self };
        let (mut day, mut left) = (local.date_naive(), count);
        while left > 0 {
            let Some(before) = day.checked_sub_days(Days::new(1)) else { return self };
            day = before;
            left -= u16::from(is_working(day, holidays));
        }
        let next = day.checked_add_days(Days::new(u64::from(count > 0)));
        next.and_then(midnight).unwrap_or(self)
    }

    /// Midnight at the end of the day that is this many months after this moment's day in Bishkek, or
    /// the last day of a shorter month; of the next working day if that one is off.
    #[must_use]
    pub fn months_later(self, months: u16, holidays: &BTreeSet<String>) -> Self {
        let Some(local) = self.local() else { return self };
        let day = local.date_naive().checked_add_months(Months::new(u32::from(months)));
        let Some((day, first)) = day.and_then(|day| Some((day, midnight(day)?))) else {
            return self;
        };
        match is_working(day, holidays) {
            true => first.next_midnight(),
            false => first.next_working_day(0, holidays).next_midnight(),
        }
    }

    /// The midnight in Bishkek that follows this moment.
    fn next_midnight(self) -> Self {
        let Some(local) = self.local() else { return self };
        let next = local.date_naive().checked_add_days(Days::new(1));
        let midnight = next.and_then(midnight);
        midnight.unwrap_or(self)
    }

    pub(super) fn local(self) -> Option<DateTime<FixedOffset>> {
        DateTime::<Utc>::from_timestamp_micros(self.0).map(|at| at.with_timezone(&bishkek()))
    }
}

impl TimeSpan {
    /// An empty length of time.
    pub const ZERO: Self = Self(0);

    /// A length of whole milliseconds.
    pub const fn milliseconds(count: i64) -> Self {
        Self(count * 1_000)
    }

    /// A length of whole seconds.
    pub const fn seconds(count: i64) -> Self {
        Self(count * 1_000_000)
    }

    /// A length of whole minutes.
    pub const fn minutes(count: i64) -> Self {
        Self::seconds(count * 60)
    }

    /// A length of whole hours.
    pub const fn hours(count: i64) -> Self {
        Self::minutes(count * 60)
    }

    /// Days of 24 hours.
    pub const fn days(count: i64) -> Self {
        Self::hours(count * 24)
    }

    /// Whole seconds, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// The beginning of a day in Bishkek.
pub(super) fn midnight(day: NaiveDate) -> Option<Timestamp> {
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(bishkek()).single()?;
    Some(Timestamp(local.timestamp_micros()))
}

fn bishkek() -> FixedOffset {
    FixedOffset::east_opt(BISHKEK_OFFSET_S).unwrap_or_else(|| unreachable!("six hours fit"))
}

fn is_working(day: NaiveDate, holidays: &BTreeSet<String>) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let name = day.format("%Y-%m-%d").to_string();
    (!weekend || holidays.contains(&format!("+{name}"))) && !holidays.contains(&name)
}

impl Add<TimeSpan> for Timestamp {
    type Output = Self;

    /// Saturates at the ends of time: a rule must not panic because of a hostile number.
    fn add(self, span: TimeSpan) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<TimeSpan> for Timestamp {
    type Output = Self;

    fn sub(self, span: TimeSpan) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Sub for Timestamp {
    type Output = TimeSpan;

    fn sub(self, earlier: Self) -> TimeSpan {
        TimeSpan(self.0.saturating_sub(earlier.0))
    }
}

/// `mm:ss`, as a countdown shows it, with hours in front if there are any.
impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds().max(0);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            write!(f, "{hours}:{minutes:02}:{seconds:02}")
        } else {
            write!(f, "{minutes:02}:{seconds:02}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_winner_has_until_the_evening_of_the_next_working_day() {
        let holidays = BTreeSet::from(["2026-11-24".to_owned()]);
        for (from, expected) in [
            ("2026-11-18T10:00:00+06:00", "2026-11-19T18:00:00+06:00"),
            ("2026-11-20T23:59:59+06:00", "2026-11-23T18:00:00+06:00"), // Friday
            ("2026-11-23T01:00:00+06:00", "2026-11-25T18:00:00+06:00"), // before a holiday
        ] {
            let end = Timestamp::parse(from).unwrap().next_working_day(18, &holidays);
            assert_eq!(end, Timestamp::parse(expected).unwrap(), "from {from}");
        }
    }

    #[test]
    fn working_days_end_at_midnight() {
        let holidays = BTreeSet::from(["2026-11-24".to_owned()]);
        for (from, days, expected) in [
            ("2026-11-18T10:00:00+06:00", 0, "2026-11-19T00:00:00+06:00"),
            ("2026-11-18T10:00:00+06:00", 1, "2026-11-20T00:00:00+06:00"),
            ("2026-11-20T23:59:59+06:00", 5, "2026-12-01T00:00:00+06:00"), // Friday, a holiday
        ] {
            let end = Timestamp::parse(from).unwrap().after_working_days(days, &holidays);
            assert_eq!(end, Timestamp::parse(expected).unwrap(), "{days} after {from}");
        }
    }

    #[test]
    fn bishkek_wall_time_is_six_hours_ahead() {
        let at = Timestamp::parse_bishkek("2026-11-23T10:30").unwrap();
        assert_eq!(at.rfc3339(), "2026-11-23T04:30:00.000000Z");
        assert_eq!(at.bishkek(), "23.11.2026 10:30:00");
        assert_eq!(at.bishkek_field(), "2026-11-23T10:30");
    }

    #[test]
    fn a_countdown_reads_as_minutes_and_seconds() {
        assert_eq!(TimeSpan::seconds(299).to_string(), "04:59");
        assert_eq!(TimeSpan::seconds(3 * 3600 + 61).to_string(), "3:01:01");
        assert_eq!(TimeSpan::seconds(-5).to_string(), "00:00");
    }
}
