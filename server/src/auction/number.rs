//! An auction's public number: `TRK-KG-20261115-00042-8`.

use toruk_sync::domain::time::Timestamp;

/// The number of the `sequence`-th auction, created at `now`: type, country, the Bishkek date, the
/// sequence, and a check digit (Luhn, ISO/IEC 7812-1 annex B) over the digits.
pub fn public_number(now: Timestamp, sequence: u64) -> String {
    let date: String = now.bishkek_field().chars().take(10).filter(|c| *c != '-').collect();
    let sequence = format!("{sequence:05}");
    let check = luhn(&format!("{date}{sequence}"));
    format!("TRK-KG-{date}-{sequence}-{check}")
}

fn luhn(digits: &str) -> u32 {
    let doubled = |(position, digit): (usize, u32)| match digit * 2 {
        _ if position % 2 == 1 => digit,
        twice if twice > 9 => twice - 9,
        twice => twice,
    };
    let digits = digits.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits.enumerate().map(doubled).sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_names_the_day_and_carries_a_check_digit() {
        let at = Timestamp::parse("2026-11-14T20:00:00Z").unwrap(); // already the 15th in Bishkek
        assert_eq!(public_number(at, 42), "TRK-KG-20261115-00042-8");
        assert_eq!(luhn("7992739871"), 3); // the standard's own example
    }
}
