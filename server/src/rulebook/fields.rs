//! The fields of a profile as a form has them: one text for each, in the units that people use.

use super::figures::{band, band_text, from_hundredths, hundredths, numbers, plan, plan_text};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::auction::CALENDAR_DAYS_MAX;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::TimeSpan;

/// The kind of a field's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A length of time such as `48h`, `30m`, `15d`, `2s` or `500ms`.
    Span,
    /// A share in percent with at most two decimals, such as `0.5`.
    Percent,
    /// Shares in percent, such as `10; 20; 20`.
    Percents,
    /// Ranges of percent by an amount in som from which each begins, such as
    /// `10000000: 0.5-5; 100000000: 5-5`.
    Bands,
    /// Parts of a price: their number, the first in percent, the months between them, as `6; 30; 2`.
    Plan,
    /// A whole number.
    Count,
    /// An amount in som with at most two decimals.
    Som,
    /// `yes` or `no`.
    YesNo,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// Some of these names.
    Several(&'static [&'static str]),
    /// An hour of the next working day such as `18:00`, or a length of time.
    Moment,
    /// Days such as `2026-12-31`; a working Saturday has a plus before it.
    Days,
    /// Any text.
    Text,
}

/// A field of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileField {
    /// Its name in the profile.
    pub name: &'static str,
    /// The kind of its text.
    pub kind: FieldKind,
    /// `true` if it may be left empty.
    pub is_optional: bool,
}

const METHODS: &[&str] = &["passkey", "eds", "eid"];

const fn field(name: &'static str, kind: FieldKind) -> ProfileField {
    ProfileField { name, kind, is_optional: false }
}

const fn optional(name: &'static str, kind: FieldKind) -> ProfileField {
    ProfileField { name, kind, is_optional: true }
}

/// The fields that officials change, in the order of a form. Not among them are those of a single
/// auction (`hard_stop`), of a deployment (`clock_speed`) and the version.
pub const PROFILE_FIELDS: &[ProfileField] = &[
    field("id", FieldKind::Text),
    optional("legal_basis", FieldKind::Text),
    field("notice_period", FieldKind::Span),
    field("rectification", FieldKind::Span),
    field("tender_end_before_start", FieldKind::Span),
    field("min_participants", FieldKind::Count),
    optional("sole_applicant", FieldKind::Choice(&["start_price"])),
    field("guarantee_min", FieldKind::Percent),
    field("guarantee_max", FieldKind::Percent),
    field("step_min", FieldKind::Percent),
    field("step_max", FieldKind::Percent),
    optional("step_bands", FieldKind::Bands),
    field("relaunch_cut_max", FieldKind::Percent),
    optional("relaunch_cuts", FieldKind::Percents),
    field("first_window", FieldKind::Span),
    field("raise_window", FieldKind::Span),
    field("first_window_is_minimum", FieldKind::YesNo),
    field("allow_self_raise", FieldKind::YesNo),
    field("admission", FieldKind::Choice(&["auto", "manual"])),
    field("application_confirmation", FieldKind::Several(METHODS)),
    field("award_confirmation", FieldKind::Several(METHODS)),
    field("verification_end", FieldKind::Moment),
    field("fallback", FieldKind::Choice(&["none", "runner_up"])),
    field("contract_period", FieldKind::Span),
    optional("contract_days", FieldKind::Count),
    optional("instalments", FieldKind::Plan),
    field("forfeit_if_nobody_bids", FieldKind::YesNo),
    field("cancel_cutoff", FieldKind::Span),
    optional("cancel_cutoff_days", FieldKind::Count),
    field("resume_notice_min", FieldKind::Span),
    field("resume_window_min", FieldKind::Span),
    field("wallet_code_ttl", FieldKind::Span),
    field("branch_code_ttl", FieldKind::Span),
    field("code_ttl_warning", FieldKind::Span),
    optional("refund_days", FieldKind::Count),
    optional("refund_joint_from", FieldKind::Som),
    field("drain", FieldKind::Span),
    field("start_lateness_max", FieldKind::Span),
    field("outage_min", FieldKind::Span),
    optional("outage_share", FieldKind::Percent),
    field("bid_interval_min", FieldKind::Span),
    optional("bid_burst", FieldKind::Count),
    optional("key_cooldown", FieldKind::Span),
    field("holidays", FieldKind::Days),
];

/// A text that is no value of its field, or a value that the rules can't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} has no such value")]
pub struct ProfileFieldFault(pub &'static str);

/// The text of a field of a profile, as [`with_fields`] reads it.
pub fn field_text(rules: &RuleProfile, field: &ProfileField) -> String {
    let rules = serde_json::to_value(rules).unwrap_or_default();
    rules.get(field.name).map(|value| text(field.kind, value)).unwrap_or_default()
}

fn text(kind: FieldKind, value: &Value) -> String {
    match kind {
        FieldKind::Span => value.as_i64().map(span_text).unwrap_or_default(),
        FieldKind::Percent | FieldKind::Som => value.as_i64().map(hundredths).unwrap_or_default(),
        FieldKind::Count => value.as_i64().map(|count| count.to_string()).unwrap_or_default(),
        FieldKind::YesNo => match value.as_bool() {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => String::new(),
        },
        FieldKind::Choice(_) | FieldKind::Text => value.as_str().unwrap_or_default().to_owned(),
        FieldKind::Several(_) | FieldKind::Days => {
            let of = value.as_array().map(Vec::as_slice).unwrap_or_default();
            of.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        FieldKind::Percents => {
            let of = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let shares = of.iter().filter_map(Value::as_i64).map(hundredths);
            shares.collect::<Vec<_>>().join("; ")
        }
        FieldKind::Plan => plan_text(value).unwrap_or_default(),
        FieldKind::Bands => {
            let of = value.as_array().map(Vec::as_slice).unwrap_or_default();
            of.iter().filter_map(band_text).collect::<Vec<_>>().join("; ")
        }
        FieldKind::Moment => {
            let hour = value.pointer("/next_working_day/hour").and_then(Value::as_u64);
            let after = value.pointer("/after").and_then(Value::as_i64);
            match (hour, after) {
                (Some(hour), _) => format!("{hour:02}:00"),
                (None, Some(span)) => span_text(span),
                (None, None) => String::new(),
            }
        }
    }
}

/// A profile with these texts in its fields; a field without a text stays.
///
/// # Errors
/// The first [`ProfileFieldFault`]: a text that is no value, or a value out of bounds.
pub fn with_fields(
    rules: &RuleProfile,
    texts: &BTreeMap<String, String>,
) -> Result<RuleProfile, ProfileFieldFault> {
    let known = serde_json::to_value(rules).unwrap_or_default();
    let Value::Object(mut values) = known else { return Err(ProfileFieldFault("id")) };
    for field in PROFILE_FIELDS {
        let Some(text) = texts.get(field.name) else { continue };
        set(&mut values, field, text.trim()).ok_or(ProfileFieldFault(field.name))?;
    }
    let changed: RuleProfile =
        serde_json::from_value(Value::Object(values)).map_err(|_| ProfileFieldFault("id"))?;
    changed.check().map_err(ProfileFieldFault)?;
    Ok(changed)
}

fn set(values: &mut Map<String, Value>, field: &ProfileField, text: &str) -> Option<()> {
    if text.is_empty() && field.is_optional {
        values.insert(field.name.to_owned(), Value::Null);
        return Some(());
    }
    values.insert(field.name.to_owned(), value(field.kind, text)?);
    Some(())
}

fn value(kind: FieldKind, text: &str) -> Option<Value> {
    let words = || text.split([' ', ',', '\n', '\r', '\t']).filter(|word| !word.is_empty());
    Some(match kind {
        FieldKind::Span => json!(span(text)?),
        FieldKind::Percent | FieldKind::Som => json!(from_hundredths(text)?),
        FieldKind::Percents => {
            let shares = numbers(text).map(from_hundredths);
            json!(shares.collect::<Option<Vec<_>>>()?)
        }
        FieldKind::Plan => plan(text)?,
        FieldKind::Bands => {
            let bands = text.split([';', '\n']).map(str::trim).filter(|band| !band.is_empty());
            json!(bands.map(band).collect::<Option<Vec<_>>>()?)
        }
        FieldKind::Count => json!(text.parse::<u16>().ok()?),
        FieldKind::YesNo => json!(match text {
            "yes" => true,
            "no" => false,
            _ => return None,
        }),
        FieldKind::Choice(names) => json!(names.iter().find(|name| **name == text)?),
        FieldKind::Several(names) => {
            let chosen: BTreeSet<&str> = words().collect();
            let is_known = chosen.iter().all(|word| names.contains(word));
            (is_known && !chosen.is_empty()).then(|| json!(chosen))?
        }
        FieldKind::Moment => match text.strip_suffix(":00") {
            Some(hour) => json!({ "next_working_day": { "hour": hour.parse::<u8>().ok()? } }),
            None => json!({ "after": span(text)? }),
        },
        FieldKind::Days => {
            let days: BTreeSet<&str> = words().collect();
            let is_day = |text: &&str| {
                let day = text.strip_prefix('+').unwrap_or(text);
                day.parse::<BusinessDay>().is_ok()
            };
            (days.len() <= CALENDAR_DAYS_MAX && days.iter().all(is_day)).then(|| json!(days))?
        }
        FieldKind::Text => {
            let sound = !text.is_empty() && text.chars().count() <= 200;
            (sound && !text.chars().any(char::is_control)).then(|| json!(text))?
        }
    })
}

const UNITS: [(&str, TimeSpan); 5] = [
    ("d", TimeSpan::days(1)),
    ("h", TimeSpan::hours(1)),
    ("ms", TimeSpan::milliseconds(1)),
    ("m", TimeSpan::minutes(1)),
    ("s", TimeSpan::seconds(1)),
];

fn span(text: &str) -> Option<i64> {
    let (unit, of) = UNITS.iter().find(|(unit, _)| text.ends_with(unit)).map(|(u, of)| (*u, of))?;
    let count: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    (count >= 0).then(|| count.checked_mul(of.0)).flatten()
}

/// In the largest unit of which it is a whole number.
fn span_text(span: i64) -> String {
    let order = ["d", "h", "m", "s", "ms"];
    let of = |unit: &str| UNITS.iter().find(|(name, _)| *name == unit).map_or(1, |(_, of)| of.0);
    let whole = |unit: &&&str| span != 0 && span % of(unit) == 0;
    let unit = order.iter().find(whole).copied().unwrap_or("s");
    format!("{}{unit}", span / of(unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::instalments::InstalmentPlan;
    use toruk_sync::domain::money::BasisPoints;
    use toruk_sync::domain::rules::SoleApplicant;

    #[test]
    fn each_field_reads_back_what_it_says() {
        let rules = RuleProfile::standard();
        let texts: BTreeMap<String, String> = PROFILE_FIELDS
            .iter()
            .map(|field| (field.name.to_owned(), field_text(&rules, field)))
            .collect();
        assert_eq!(texts["first_window"], "30m");
        assert_eq!(texts["verification_end"], "18:00");
        assert_eq!(texts["step_min"], "0.50");
        assert_eq!(with_fields(&rules, &texts), Ok(rules));
    }

    #[test]
    fn every_field_of_a_profile_is_in_the_form_or_left_out_by_name() {
        let first_share = BasisPoints(3_000);
        let plan = InstalmentPlan { count: 6, first_share, every_months: 2 };
        let rules = RuleProfile {
            sole_applicant: Some(SoleApplicant::StartPrice),
            step_bands: Some(Vec::new()),
            relaunch_cuts: Some(Vec::new()),
            instalments: Some(plan),
            contract_days: Some(1),
            cancel_cutoff_days: Some(1),
            outage_share: None,
            ..RuleProfile::standard()
        };
        let values = serde_json::to_value(&rules).unwrap();
        let left_out = ["version", "hard_stop", "clock_speed"];
        for name in values.as_object().unwrap().keys() {
            let is_here = PROFILE_FIELDS.iter().any(|field| field.name == name);
            assert_ne!(is_here, left_out.contains(&name.as_str()), "{name}");
        }
    }

    #[test]
    fn what_is_no_value_of_its_field_is_named() {
        for (name, text) in [
            ("first_window", "30"),
            ("first_window", "-1m"),
            ("first_window", "0m"),
            ("first_window", "99999999999999d"),
            ("step_min", "1.005"),
            ("step_min", "30"),
            ("guarantee_max", "101"),
            ("min_participants", "0"),
            ("min_participants", "many"),
            ("allow_self_raise", "maybe"),
            ("fallback", "lottery"),
            ("award_confirmation", ""),
            ("award_confirmation", "passkey fax"),
            ("verification_end", "25:00"),
            ("verification_end", "18:30"),
            ("holidays", "2026-02-30"),
            ("holidays", "++2026-02-20"),
            ("id", ""),
            ("contract_days", "0"),
            ("sole_applicant", "half_price"),
            ("step_bands", "10000"),
            ("step_bands", "10000: 5"),
            ("step_bands", "10000: 5-1"),
            ("step_bands", "-1: 1-5"),
            ("step_bands", "20000: 1-5; 10000: 1-5"),
            ("relaunch_cuts", "10 ten"),
            ("relaunch_cuts", "20.01"),
            ("instalments", "6 30"),
            ("instalments", "1 30 2"),
            ("instalments", "6 100 2"),
            ("instalments", "6 30 2 1"),
        ] {
            let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
            let fault = with_fields(&RuleProfile::standard(), &texts);
            assert_eq!(fault, Err(ProfileFieldFault(name)), "{name} {text}");
        }
        for (name, text, said) in [
            ("sole_applicant", "start_price", "start_price"),
            (
                "step_bands",
                "10 000 000: 0,5–5\n100000000: 5-5;",
                "10000000: 0.50-5; 100000000: 5-5",
            ),
            ("relaunch_cuts", "10, 20 12,5", "10; 20; 12.50"),
            ("instalments", " 6  33,33 2", "6; 33.33; 2"),
        ] {
            let field = PROFILE_FIELDS.iter().find(|field| field.name == name).unwrap();
            let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
            let rules = with_fields(&RuleProfile::standard(), &texts);
            assert_eq!(rules.as_ref().map(|rules| field_text(rules, field)), Ok(said.to_owned()));
            let emptied = BTreeMap::from([(name.to_owned(), String::new())]);
            assert_eq!(with_fields(&rules.unwrap(), &emptied), Ok(RuleProfile::standard()));
        }
        let texts = BTreeMap::from([("holidays".to_owned(), "2026-12-31, +2026-12-26".to_owned())]);
        let rules = with_fields(&RuleProfile::standard(), &texts).unwrap();
        assert_eq!(rules.holidays.len(), 2);
    }
}
