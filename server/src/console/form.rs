//! Fields of forms: what was typed, what is wrong with it, and how it is read.

use toruk_sync::domain::money::{BasisPoints, Tyiyn};

/// How a field is filled in.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One line.
    Line,
    /// Several lines.
    Long,
    /// An amount or a share.
    Number,
    /// A moment on Bishkek's wall clock.
    Moment,
    /// One of these: value and text.
    Choice(Vec<(String, String)>),
}

/// A field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, also its id.
    pub name: &'static str,
    /// How it is filled in.
    pub kind: Kind,
    /// What it asks for.
    pub label: String,
    /// What helps to answer.
    pub hint: Option<String>,
    /// What was typed.
    pub value: String,
    /// What is wrong with it.
    pub fault: Option<String>,
    /// Whether the form can't be sent without an answer.
    pub required: bool,
    /// Whether the answer is not known yet and somebody has to find it out.
    pub asked: bool,
}

impl Field {
    /// A line that needs an answer.
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

    /// Filled in otherwise than by one line.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// With what helps to answer.
    #[must_use]
    pub fn hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// May stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// Not known yet: `hint` says that somebody has to find it out. Need not be now.
    #[must_use]
    pub fn asked(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self.asked = true;
        self
    }

    /// With what is wrong with it, if anything.
    #[must_use]
    pub fn fault(mut self, fault: Option<String>) -> Self {
        self.fault = fault;
        self
    }

    /// The ids of what describes it.
    pub fn described(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}

/// Reads som as people type them: `1 260 000`, `1260000,50`, `1260000.5`.
pub fn som(text: &str) -> Option<Tyiyn> {
    let hundredths = hundredths(text)?;
    Tyiyn::new(hundredths).ok()
}

/// Writes som so that [`som`] reads the same amount.
pub fn som_field(amount: Tyiyn) -> String {
    amount.to_short_string()
}

/// Reads percents with at most two decimals: `5`, `2,5`, `10.25`.
pub fn percent(text: &str) -> Option<BasisPoints> {
    u16::try_from(hundredths(text.trim().trim_end_matches('%'))?).ok().map(BasisPoints)
}

/// Writes a share so that [`percent`] reads the same.
pub fn percent_field(share: BasisPoints) -> String {
    let (whole, rest) = (share.0 / 100, share.0 % 100);
    let text = format!("{whole},{rest:02}");
    text.trim_end_matches('0').trim_end_matches(',').to_owned()
}

/// Writes a decimal number with a comma, and its whole part in groups of three digits; what is no
/// such number stays as it is.
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

fn hundredths(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (whole, rest) = digits.split_once([',', '.']).unwrap_or((&digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !all_digits(whole) || !all_digits(rest) {
        return None;
    }
    let rest: i64 = format!("{rest:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(rest)
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
            ("1.000.000", None),
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
