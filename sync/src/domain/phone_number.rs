//! Phone numbers as people type them, and as they are signed: in the international form (E.164).
//!
//! # Why no library of numbering plans
//! Its tables would be on each phone, years old on some: a number of an operator that is newer than
//! the table would be refused to its owner. Only what no table can change is checked: the
//! length of a number, that no country begins with 0, and Kyrgyzstan's own plan.

/// The country a number without one belongs to.
const COUNTRY: &str = "996";
/// Digits of a Kyrgyz number after the country.
const NATIONAL_DIGITS: usize = 9;
/// Digits of a number with its country (ITU-T E.164); no country's are shorter.
const DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// Longest text that is read as a number, in characters.
const TYPED_CHARS_MAX: usize = 64;

/// The international form of a number as it is typed in Kyrgyzstan, with or without the country,
/// spaces, dashes and brackets; `None` where there can be no such number.
pub fn international(typed: &str) -> Option<String> {
    if typed.chars().count() > TYPED_CHARS_MAX {
        return None;
    }
    let bare: String = typed.trim().chars().filter(|letter| !is_separator(*letter)).collect();
    let digits = match bare.strip_prefix('+') {
        Some(digits) => digits.to_owned(),
        None => with_country(&bare)?,
    };
    let all_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
    if !all_digits || !DIGITS.contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    let Some(national) = digits.strip_prefix(COUNTRY) else { return Some(format!("+{digits}")) };
    // `+996 0555 …`: the 0 is dialled within the country, and is no part of the number.
    let national = match national.strip_prefix('0') {
        Some(rest) if rest.len() == NATIONAL_DIGITS => rest,
        _ => national,
    };
    let is_kyrgyz = national.len() == NATIONAL_DIGITS && !national.starts_with('0');
    is_kyrgyz.then(|| format!("+{COUNTRY}{national}"))
}

/// Returns `true` if `text` is as [`international`] leaves it.
pub fn is_international(text: &str) -> bool {
    international(text).as_deref() == Some(text)
}

/// The digits with their country, of a number that is typed without `+`.
fn with_country(digits: &str) -> Option<String> {
    if let Some(abroad) = digits.strip_prefix("00") {
        return Some(abroad.to_owned());
    }
    if let Some(national) = digits.strip_prefix('0') {
        return Some(format!("{COUNTRY}{national}"));
    }
    // Nine digits that begin as the country does may be a number that is not typed to its end.
    match (digits.len(), digits.starts_with(COUNTRY)) {
        (NATIONAL_DIGITS, false) => Some(format!("{COUNTRY}{digits}")),
        (NATIONAL_DIGITS, true) | (_, false) => None,
        (_, true) => Some(digits.to_owned()),
    }
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || "-.()/\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_as_people_type_it() {
        for (typed, expected) in [
            ("+996555123456", Some("+996555123456")),
            ("+996 555 12 34 56", Some("+996555123456")),
            ("+996 (555) 12-34-56", Some("+996555123456")),
            ("+996\u{a0}555\u{2011}123\u{2013}456", Some("+996555123456")),
            ("+996 0555 123456", Some("+996555123456")),
            ("+996 (0) 555 123456", Some("+996555123456")),
            ("996555123456", Some("+996555123456")),
            ("996 555 123 456", Some("+996555123456")),
            ("00996 555 123456", Some("+996555123456")),
            ("0555123456", Some("+996555123456")),
            ("0996555123", Some("+996996555123")),
            ("0555 12 34 56", Some("+996555123456")),
            ("(0312) 66.12.34", Some("+996312661234")),
            ("555 123456", Some("+996555123456")),
            // Another country's numbers keep theirs.
            ("+7 701 123 45 67", Some("+77011234567")),
            ("007 701 1234567", Some("+77011234567")),
            ("+90 532 123 45 67", Some("+905321234567")),
            // There can be none, or it is not known which.
            ("+996000000001", None),
            ("+996 0000 00001", None),
            ("0000000001", None),
            ("000 000 001", None),
            ("+0555123456", None),
            ("+99655512345", None),
            ("+9965551234567", None),
            ("+1234567890123456", None),
            ("+12345678", None),
            ("12345", None),
            ("996555123", None),
            ("8 701 123 45 67", None),
            ("0555 CALL ME", None),
            ("0555 12 34 56, 0700 12 34 56", None),
            ("+996 555 12 34 56+", None),
            ("no phone", None),
            ("+", None),
            ("", None),
            (&"5".repeat(65), None),
        ] {
            let found = international(typed);
            assert_eq!(found.as_deref(), expected, "{typed}");
            // What was understood is understood the same again.
            assert!(found.is_none_or(|written| is_international(&written)), "{typed}");
        }
    }
}
