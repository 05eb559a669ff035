//! Fields of forms: their values and faults, and how typed text is parsed.

use toruk_sync::domain::money::{BasisPoints, Tyiyn};

/// The kind of input of a field.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A single line of text.
    Line,
    /// Several lines of text.
    Long,
    /// An amount or a share.
    Number,
    /// A moment on Bishkek's wall clock.
    Moment,
    /// A selection from pairs of value and text.
    Choice(Vec<(String, String)>),
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, also its HTML id.
    pub name: &'static str,
    pub kind: Kind,
    pub label: String,
    /// A help text below the field.
    pub hint: Option<String>,
    /// The typed value.
    pub value: String,
    /// The fault of the value, in words.
    pub fault: Option<String>,
    /// Set if the form can't be sent without an answer.
    pub required: bool,
    /// Set if the answer is unknown and somebody has to find it out.
    pub asked: bool,
}

impl Field {
    /// A required single line.
    pub fn new(name: &'static str, label: String, value: &str) -> Self {
        let value = value.to_owned();
        Self {
            name,
            kind: Kind::Line,
            label,
            hint: None,
            value,
            fault: None,
            required: true,
            asked: false,
        }
    }

    /// Replaces the kind of input.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds a help text.
    #[must_use]
    pub fn hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Makes the field optional.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Marks the value as unknown: `hint` says that somebody has to find it out, but not
    /// necessarily now.
    #[must_use]
    pub fn asked(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self.asked = true;
        self
    }

    /// Adds the fault of the value, if there is one.
    #[must_use]
    pub fn fault(mut self, fault: Option<String>) -> Self {
        self.fault = fault;
        self
    }

    /// The ids for `aria-describedby`.
    pub fn described(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}

/// Parses som as people type them in any of the three languages: `1 260 000`, `1260000,50`,
/// `1,260,000.5`.
pub fn som(text: &str) -> Option<Tyiyn> {
    let hundredths = hundredths(text)?;
    Tyiyn::new(hundredths).ok()
}

/// Formats som so that [`som`] parses the same amount.
pub fn som_field(amount: Tyiyn) -> String {
    amount.to_short_string()
}

/// Parses percents with at most two decimals: `5`, `2,5`, `10.25`.
pub fn percent(text: &str) -> Option<BasisPoints> {
    u16::try_from(hundredths(text.trim().trim_end_matches('%'))?).ok().map(BasisPoints)
}

/// Formats a share so that [`percent`] parses the same one.
pub fn percent_field(share: BasisPoints) -> String {
    let (whole, rest) = (share.0 / 100, share.0 % 100);
    let text = format!("{whole},{rest:02}");
    text.trim_end_matches('0').trim_end_matches(',').to_owned()
}

/// Formats a decimal number with a comma, and its integer part in groups of three digits; any other
/// text stays unchanged.
pub fn decimal(plain: &str) -> String {
    let (whole, rest) = plain.split_once('.').unwrap_or((plain, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(rest) {
        return plain.to_owned();
    }
    let mut written = String::new();
    for (position, digit) in whole.char_indices() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            written.push('\u{a0}');
        }
        written.push(digit);
    }
    if rest.is_empty() { written } else { format!("{written},{rest}") }
}

/// Reads a number with at most two decimals, whatever separates its thousands and its decimals.
fn hundredths(text: &str) -> Option<i64> {
    let is_gap = |letter: char| letter.is_whitespace() || "'’".contains(letter);
    let bare: String = text.chars().filter(|letter| !is_gap(*letter)).collect();
    let (whole, rest) = decimals(&bare)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !all_digits(&whole) || !all_digits(rest) {
        return None;
    }
    let rest: i64 = format!("{rest:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(rest)
}

/// Splits `1,260,000.50`, `1.260.000,50` and `1260000,5` at their decimals. One mark alone is a
/// decimal's, with at most two digits behind it: `1,260` may be a thousand or one, and is refused.
fn decimals(bare: &str) -> Option<(String, &str)> {
    let Some(last) = bare.rfind([',', '.']) else { return Some((bare.to_owned(), "")) };
    let (head, tail) = (&bare[..last], &bare[last + 1..]);
    let Some(first) = head.find([',', '.']) else { return Some((head.to_owned(), tail)) };
    let (group, mark) = (&bare[first..=first], &bare[last..=last]);
    // Repeated, a mark separates thousands; behind another one, decimals.
    let (whole, rest) = if group == mark { (bare, "") } else { (head, tail) };
    let mut groups = whole.split(group);
    let begins = groups.next().is_some_and(|digits| (1..=3).contains(&digits.len()));
    let goes_on = groups.all(|digits| digits.len() == 3);
    (begins && goes_on).then(|| (whole.replace(group, ""), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it_and_never_guessed() {
        for (typed, expected) in [
            ("1 260 000", Some(126_000_000)),
            ("1\u{a0}260\u{a0}000,50", Some(126_000_050)),
            ("1260000.5", Some(126_000_050)),
            ("0", Some(0)),
            ("", None),
            (",5", None),
            ("1,005", None),
            ("-1", None),
            ("1e6", None),
            ("1.000.000", Some(100_000_000)),
            ("1,260,000", Some(126_000_000)),
            ("1,260,000.50", Some(126_000_050)),
            ("1.260.000,5", Some(126_000_050)),
            ("1\u{202f}260\u{2009}000,50", Some(126_000_050)),
            ("1’260’000.05", Some(126_000_005)),
            ("1,260", None),
            ("1.260", None),
            ("1,26,000", None),
            ("1,260,00", None),
            ("1,260.000,50", None),
            ("1.260,000", None),
            ("1260,000.50", None),
            ("1,,260", None),
            (",260,000", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(som(typed).map(Tyiyn::get), expected, "{typed}");
        }
    }

    #[test]
    fn a_decimal_has_a_comma_and_groups_of_three() {
        for (plain, expected) in [
            ("45.73", "45,73"),
            ("1250", "1\u{a0}250"),
            ("1234567.5", "1\u{a0}234\u{a0}567,5"),
            ("0", "0"),
            ("1.2.3", "1.2.3"),
            ("about 5", "about 5"),
            ("", ""),
        ] {
            assert_eq!(decimal(plain), expected, "{plain}");
        }
    }

    #[test]
    fn what_a_field_shows_is_read_back_the_same() {
        for amount in [0, 5, 100, 126_000_050, 873_191_700_000] {
            let amount = Tyiyn::new(amount).unwrap();
            assert_eq!(som(&som_field(amount)), Some(amount));
        }
        for share in [0, 5, 50, 250, 1_000, 1_025, 10_000] {
            let share = BasisPoints(share);
            assert_eq!(percent(&percent_field(share)), Some(share));
        }
        assert_eq!(percent("2,5 %"), Some(BasisPoints(250)));
        assert_eq!(percent("ten"), None);
    }
}
