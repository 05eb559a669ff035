//! Figures of a profile as a form has them, and fields that hold several.

use serde_json::{Value, json};

/// The numbers of a text: between them are spaces, lines or semicolons, and a comma may end one, but
/// is its own within it.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split([' ', ';', '\n', '\r', '\t']).map(|word| word.trim_end_matches(','));
    words.filter(|word| !word.is_empty())
}

pub(super) fn band_text(band: &Value) -> Option<String> {
    let of = |name: &str| band.get(name).and_then(Value::as_i64).map(hundredths);
    Some(format!("{}: {}-{}", of("from")?, of("step_min")?, of("step_max")?))
}

pub(super) fn band(text: &str) -> Option<Value> {
    let (from, range) = text.split_once(':')?;
    let (min, max) = range.split_once(['-', '–'])?;
    let of = |text: &str| from_hundredths(text.trim());
    Some(json!({ "from": of(from)?, "step_min": of(min)?, "step_max": of(max)? }))
}

pub(super) fn plan_text(plan: &Value) -> Option<String> {
    let of = |name: &str| plan.get(name).and_then(Value::as_i64);
    let first = hundredths(of("first_share")?);
    Some(format!("{}; {first}; {}", of("count")?, of("every_months")?))
}

pub(super) fn plan(text: &str) -> Option<Value> {
    let words: Vec<&str> = numbers(text).collect();
    let [count, first, months] = words[..] else { return None };
    let (count, months) = (count.parse::<u16>().ok()?, months.parse::<u16>().ok()?);
    let first = from_hundredths(first)?;
    Some(json!({ "count": count, "first_share": first, "every_months": months }))
}

pub(super) fn hundredths(value: i64) -> String {
    match value % 100 {
        0 => (value / 100).to_string(),
        rest => format!("{}.{rest:02}", value / 100),
    }
}

pub(super) fn from_hundredths(text: &str) -> Option<i64> {
    let plain = text.replace(' ', "").replace(',', ".");
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || rest.len() > 2 || !is_digits(whole) || !is_digits(rest) {
        return None;
    }
    let rest: i64 = format!("{rest:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(rest)
}
