//! Phone numbers as people in Kyrgyzstan type them, as the form takes them: `+996555123456`.

/// The country a number without one belongs to.
const COUNTRY: &str = "996";
/// Digits of a Kyrgyz number after the country.
const NATIONAL_DIGITS: usize = 9;

/// The number in its international form: without spaces, dashes, dots and brackets, with the
/// country in place of a leading `0`. What is no number stays as it was typed, for the form to
/// refuse.
pub fn normalised(typed: &str) -> String {
    let is_separator = |letter: char| {
        letter.is_whitespace() || "-.()/\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}".contains(letter)
    };
    let bare: String = typed.chars().filter(|letter| !is_separator(*letter)).collect();
    let (plus, digits) = match bare.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, bare.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return typed.trim().to_owned();
    }
    let national = NATIONAL_DIGITS;
    if plus {
        // `+996 0555 …`: the trunk's 0 belongs to calls within the country.
        return match digits.strip_prefix(COUNTRY).and_then(|rest| rest.strip_prefix('0')) {
            Some(rest) if rest.len() == national => format!("+{COUNTRY}{rest}"),
            _ => bare,
        };
    }
    match digits {
        _ if let Some(abroad) = digits.strip_prefix("00") => format!("+{abroad}"),
        _ if let Some(rest) = digits.strip_prefix('0')
            && rest.len() == national =>
        {
            format!("+{COUNTRY}{rest}")
        }
        _ if digits.starts_with(COUNTRY) && digits.len() == COUNTRY.len() + national => {
            format!("+{digits}")
        }
        _ if digits.len() == national => format!("+{COUNTRY}{digits}"),
        _ => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_as_people_type_it() {
        for (typed, expected) in [
            ("+996555123456", "+996555123456"),
            ("+996 555 12 34 56", "+996555123456"),
            ("+996 (555) 12-34-56", "+996555123456"),
            ("+996\u{a0}555\u{2011}123\u{2013}456", "+996555123456"),
            ("+996 0555 123456", "+996555123456"),
            ("996555123456", "+996555123456"),
            ("996 555 123 456", "+996555123456"),
            ("00996 555 123456", "+996555123456"),
            ("0555123456", "+996555123456"),
            ("0555 12-34-56", "+996555123456"),
            ("(0312) 66.12.34", "+996312661234"),
            ("555 123456", "+996555123456"),
            // Another country's numbers keep theirs.
            ("+7 701 123 45 67", "+77011234567"),
            ("007 701 1234567", "+77011234567"),
            // Not understood: the form says so, and shows what was typed.
            ("12345", "12345"),
            ("8 701 123 45 67", "87011234567"),
            ("no phone", "no phone"),
            ("+", "+"),
            ("", ""),
        ] {
            assert_eq!(normalised(typed), expected, "{typed}");
        }
    }
}
