//! The personal number (ПИН) by which the state names a human: 14 digits, of which a person's begin
//! with the sex (1 or 2) and the birth date (DDMMYYYY).
//!
//! # Why so little is checked
//! No public source states a check digit, nor what the last five digits mean, nor every first digit
//! that is given out. A number that can't be refused on a public ground is accepted: the door that
//! proves it, eID or a certificate, knows more.
//!
//! # Why there is no way to print it
//! A log line, an audit row or an address that holds the number can't be erased. [`Pin`] has
//! neither `Display` nor `Serialize`, and `Debug` shows the last four digits.

use chrono::NaiveDate;
use std::fmt;
use std::ops::RangeInclusive;

/// Digits of a number.
pub const PIN_DIGITS: usize = 14;
/// Digits that a masked number shows.
const SHOWN_DIGITS: usize = 4;
/// Longest text that is read as a number, in characters.
const TYPED_CHARS_MAX: usize = 64;
/// Years in which the bearer of a number can have been born.
const BIRTH_YEARS: RangeInclusive<i32> = 1900..=2099;

/// A personal number as it is compared and sealed: 14 ASCII digits.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pin(String);

/// The reason why a text is no personal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PinFault {
    /// Something other than digits, spaces and hyphens.
    #[error("a personal number has digits alone")]
    NotDigits,
    /// More or fewer than [`PIN_DIGITS`].
    #[error("a personal number has 14 digits")]
    Length,
    /// The form has a birth date, and there is no such day.
    #[error("there is no such birth date")]
    BirthDate,
}

impl PinFault {
    /// The name in refusals.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotDigits => "not_digits",
            Self::Length => "length",
            Self::BirthDate => "birth_date",
        }
    }
}

impl Pin {
    /// Reads a number as people write it, with or without spaces and hyphens.
    ///
    /// # Errors
    /// [`PinFault`].
    pub fn parse(typed: &str) -> Result<Self, PinFault> {
        if typed.chars().count() > TYPED_CHARS_MAX {
            return Err(PinFault::Length);
        }
        let digits: String = typed.chars().filter(|letter| !is_separator(*letter)).collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinFault::NotDigits);
        }
        if digits.len() != PIN_DIGITS {
            return Err(PinFault::Length);
        }
        if digits.starts_with(['1', '2']) && !is_birth_date(&digits[1..9]) {
            return Err(PinFault::BirthDate);
        }
        Ok(Self(digits))
    }

    /// The whole number, for its keyed hash, its seal, and an official who opens it on record.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The number with all but its last four digits hidden.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }
}

/// A number as somebody wrote it, with all but its last four characters hidden.
pub fn masked(typed: &str) -> String {
    let hidden = typed.chars().count().saturating_sub(SHOWN_DIGITS);
    let shown: String = typed.chars().skip(hidden).collect();
    "•".repeat(hidden) + &shown
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({})", self.masked())
    }
}

/// Returns `true` if these eight digits are a day, month and year of [`BIRTH_YEARS`].
fn is_birth_date(digits: &str) -> bool {
    let (Ok(day), Ok(month), Ok(year)) =
        (digits[..2].parse(), digits[2..4].parse(), digits[4..].parse())
    else {
        return false;
    };
    BIRTH_YEARS.contains(&year) && NaiveDate::from_ymd_opt(year, month, day).is_some()
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || "-\u{2010}\u{2011}\u{2012}\u{2013}".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (typed, expected) in [
            ("21503199012345", Ok("21503199012345")),
            (" 2 1503 1990 12345 ", Ok("21503199012345")),
            ("1-29022000-00001", Ok("12902200000001")),
            ("2\u{a0}15031990\u{2011}12345", Ok("21503199012345")),
            // Where the form has no birth date, nothing more is known.
            ("01234567890123", Ok("01234567890123")),
            ("99999999999999", Ok("99999999999999")),
            ("22902190112345", Err(PinFault::BirthDate)),
            ("13113199012345", Err(PinFault::BirthDate)),
            ("10000000000000", Err(PinFault::BirthDate)),
            ("21503189912345", Err(PinFault::BirthDate)),
            ("21503219912345", Err(PinFault::BirthDate)),
            ("2150319901234", Err(PinFault::Length)),
            ("215031990123456", Err(PinFault::Length)),
            ("", Err(PinFault::Length)),
            (&" ".repeat(65), Err(PinFault::Length)),
            ("2150319901234O", Err(PinFault::NotDigits)),
            ("ПИН21503199012", Err(PinFault::NotDigits)),
            ("٢1503199012345", Err(PinFault::NotDigits)),
            ("+1503199012345", Err(PinFault::NotDigits)),
            ("2150319901234\u{200b}", Err(PinFault::NotDigits)),
        ] {
            let found = Pin::parse(typed);
            assert_eq!(
                found.as_ref().map(Pin::digits).map_err(|fault| *fault),
                expected,
                "{typed}"
            );
        }
    }

    #[test]
    fn nothing_prints_more_of_a_number_than_its_end() {
        let pin = Pin::parse("21503199012345").unwrap();
        assert_eq!(pin.masked(), "••••••••••2345");
        assert_eq!(format!("{pin:?}"), "Pin(••••••••••2345)");
        assert_eq!(format!("{:?}", Some(&pin)), "Some(Pin(••••••••••2345))");
        for (typed, expected) in
            [("", ""), ("1234", "1234"), ("12345", "•2345"), ("ПИН12", "•ИН12")]
        {
            assert_eq!(masked(typed), expected);
        }
    }
}
