//! The audit trail, read-only.

use super::layout::{Page, StaffPage, render};
use super::payments::clock_fault;
use super::refusal::Refusal;
use crate::AppState;
use crate::audit::Action;
use crate::audit::Row as Act;
use crate::audit::change::CHANGES;
use crate::audit::service::PAGE;
use crate::identity::Role;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// The facts of an act that hold changed values: of the thing itself, and of its lot.
const VALUES: [&str; 2] = [CHANGES, "lot"];

/// Page of the trail.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct Trail {
    pub page: Page,
    pub rows: Vec<Row>,
    /// Start of the next page.
    pub next: Option<String>,
    /// Set on every page but the first.
    pub later: bool,
}

/// A recorded act in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Row {
    pub seq: u64,
    pub at: String,
    pub actor: String,
    pub role: String,
    pub action: String,
    pub object: String,
    pub href: Option<String>,
    /// Set if this official may open the name behind it.
    pub opens: bool,
    pub details: Vec<(String, String)>,
    /// Each changed value, before and after.
    pub changes: Vec<(String, String)>,
    pub hash: String,
}

/// The query with the start of the page.
#[derive(Debug, serde::Deserialize)]
pub struct Before {
    after: Option<u64>,
}

/// `GET /console/audit`: a page of acts.
pub async fn list(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(query): Query<Before>,
) -> Result<Response, Refusal> {
    trail(&state, desk, query.after, None).await
}

/// `POST /console/audit/{seq}`: the page that begins with this act, with the name behind it.
pub async fn open(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(seq): Path<u64>,
) -> Result<Response, Refusal> {
    let person = state.audit.open(&desk.official, seq).await??;
    trail(&state, desk, Some(seq.saturating_add(1)), Some((seq, person))).await
}

async fn trail(
    state: &AppState,
    desk: StaffPage,
    before: Option<u64>,
    opened: Option<(u64, PersonId)>,
) -> Result<Response, Refusal> {
    let mut acts = state.audit.page(&desk.official, before).await?;
    if let Some((seq, person)) = opened {
        acts.iter_mut().filter(|act| act.seq == seq).for_each(|act| act.actor = Some(person));
    }
    let actors: Vec<PersonId> = acts.iter().filter_map(|act| act.actor).collect();
    let names = state.identity.names(&actors).await?;
    let page = desk.page.shown_at("/console/audit".to_owned());
    render(&compose(page, acts, &names, before.is_some()))
}

/// Builds the page of the trail.
pub fn compose(
    page: Page,
    acts: Vec<Act>,
    names: &BTreeMap<PersonId, String>,
    later: bool,
) -> Trail {
    let full = acts.len() as u64 >= PAGE;
    let last = acts.last().map(|act| act.seq).filter(|seq| full && *seq > 1);
    let rows = acts.into_iter().map(|act| row(&page, act, names)).collect();
    Trail { page, rows, next: last.map(|seq| seq.to_string()), later }
}

fn row(page: &Page, act: Act, names: &BTreeMap<PersonId, String>) -> Row {
    let actor = match act.actor {
        Some(person) => names.get(&person).cloned().unwrap_or_else(|| page.text("unknown")),
        None if act.role == "bidder" => page.text("audit-name-closed"),
        None => page.text("role-system"),
    };
    let opens = act.role == "bidder"
        && act.actor.is_none()
        && page.is_any(&[Role::Moderator, Role::Auditor]);
    // An act of another version shows its key instead of nothing.
    let action = Action::from_key(&act.action).map(|action| page.text(&text_key(action)));
    let role = format!("role-{}", act.role);
    Row {
        seq: act.seq,
        at: page.at(&act.at),
        actor,
        role: if page.language.knows(&role) { page.text(&role) } else { act.role },
        action: action.unwrap_or(act.action),
        href: href(&act.object),
        object: act.object,
        opens,
        details: details(page, &act.detail),
        changes: values(page, &act.detail),
        hash: act.hash,
    }
}

/// Key of the text for an action.
fn text_key(action: Action) -> String {
    format!("audit-{}", action.key().replace(['.', '_'], "-"))
}

/// Further facts of an act in words. A fact without a text keeps its key: nothing is left out.
fn details(page: &Page, detail: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(detail)) = serde_json::from_str(detail) else {
        return Vec::new();
    };
    let told = detail.into_iter().filter(|(_, value)| !value.is_null() && value != "");
    let told = told.filter(|(name, _)| !VALUES.contains(&name.as_str()));
    told.map(|(name, value)| (fact(page, &name, &name), worded(page, &name, &value))).collect()
}

/// The values that an act changed, by their names in the log.
fn values(page: &Page, detail: &str) -> Vec<(String, String)> {
    let detail: Value = serde_json::from_str(detail).unwrap_or_default();
    VALUES.iter().flat_map(|part| changed_lines(page, &detail[*part])).collect()
}

/// Changed values in words, each before and after.
pub fn changed_lines(page: &Page, changes: &Value) -> Vec<(String, String)> {
    let changes = changes.as_object().into_iter().flatten();
    changes.map(|(path, change)| changed(page, path, change)).collect()
}

/// A changed value in words, before and after.
fn changed(page: &Page, path: &str, change: &Value) -> (String, String) {
    let last = path.rsplit('.').next().unwrap_or(path);
    let value = |side: &str| match &change[side] {
        Value::Null => "—".to_owned(),
        value => worded(page, last, value),
    };
    let parts: Vec<&str> = path.rsplit('.').take(2).collect();
    let name = match parts[..] {
        [language, part @ ("title" | "description")] => {
            page.text_for("lot", &format!("{part}-{language}"))
        }
        _ => fact(page, last, path),
    };
    (name, format!("{} → {}", value("before"), value("after")))
}

/// The text of a fact, or else the key that the trail has.
fn fact(page: &Page, name: &str, otherwise: &str) -> String {
    let key = format!("detail-{}", name.replace('_', "-"));
    if page.language.knows(&key) { page.text(&key) } else { otherwise.to_owned() }
}

fn worded(page: &Page, name: &str, value: &Value) -> String {
    let number = value.as_i64();
    match (name, number, value) {
        (name, Some(amount), _) if name.ends_with("_tyiyn") => {
            Tyiyn::new(amount).map_or_else(|_| amount.to_string(), |amount| page.som(&amount))
        }
        (name, Some(at), _) if is_moment(name) => page.at(&Timestamp(at)),
        ("documents", _, Value::Array(documents)) => {
            let named = documents.iter().map(|document| {
                let text = |fact: &str| document[fact].as_str().unwrap_or_default().to_owned();
                format!("{} ({:.8})", text("title"), text("sha256"))
            });
            named.collect::<Vec<_>>().join(", ")
        }
        ("ended", _, Value::String(part)) => page.text_for("ended", part),
        ("role", _, Value::String(role)) => page.text_for("role", role),
        ("roles", _, Value::Array(roles)) => {
            let words = roles.iter().filter_map(Value::as_str);
            words.map(|role| page.text_for("role", role)).collect::<Vec<_>>().join(", ")
        }
        ("act", _, Value::String(act)) => page.text_for("joint", act),
        ("money_kind", _, Value::String(kind)) => page.text_for("money-kind", kind),
        ("remedy", _, Value::String(remedy)) => page.text_for("remedy", remedy),
        ("mismatch", _, Value::String(why)) => page.text_for("mismatch", why),
        ("clock_fault", Some(off), _) => clock_fault(page, TimeSpan(off)),
        (_, _, Value::String(text)) => text.clone(),
        (_, _, value) => value.to_string(),
    }
}

/// Returns `true` if a fact of this name is a moment.
fn is_moment(name: &str) -> bool {
    ["_at", "_end", "_by"].iter().any(|end| name.ends_with(end))
        || ["start", "deadline", "hard_stop"].contains(&name)
}

fn href(object: &str) -> Option<String> {
    let (kind, id) = object.split_once(':')?;
    let folder = match kind {
        "auction" => "auctions",
        "lot" => "lots",
        "application" => "applications",
        _ => return None,
    };
    Some(format!("/console/{folder}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::language::Language;
    use crate::console::tests::samples::page;

    #[test]
    fn every_recorded_action_has_a_text_in_three_languages() {
        for language in Language::ALL {
            for action in Action::ALL {
                let key = text_key(*action);
                assert!(language.knows(&key), "{key} {language:?}");
            }
        }
    }

    #[test]
    fn changed_values_are_shown_before_and_after() {
        let page = page(Language::En, "/console/audit", &[Role::Auditor]);
        let recorded = r#"{"changes":{"facts.title.ru":{"before":"Дом","after":"Сад"},
            "documents":{"before":[],"after":[{"title":"Plan","sha256":"0123456789"}]},
            "terms.tender_end":{"before":null,"after":1795489200000000}}}"#;
        let lines = values(&page, recorded).into_iter();
        let lines: Vec<_> = lines.map(|(name, value)| format!("{name}: {value}")).collect();
        let expected = [
            "Documents:  → Plan (01234567)",
            "Title in Russian: Дом → Сад",
            "terms.tender_end: — → 24.11.2026 09:00:00",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_else_was_recorded_is_told_in_words_and_nothing_is_left_out() {
        let page = page(Language::En, "/console/audit", &[Role::Auditor]);
        for (recorded, expected) in [
            ("{}", ""),
            ("null", ""),
            (r#"{"reason":"","successor":null}"#, ""),
            (r#"{"amount_tyiyn":12345600}"#, "Amount: 123\u{a0}456\u{a0}som"),
            (r#"{"expires_at":1795489200000000}"#, "Valid until: 24.11.2026 09:00:00"),
            (r#"{"mismatch":"short"}"#, "Mismatch: Too little"),
            (r#"{"clock_fault":21600000000}"#, "Payment system’s clock: Clock fast by 6\u{a0}h"),
            (
                r#"{"clock_fault":-90000000}"#,
                "Payment system’s clock: Clock slow by 1\u{a0}min\u{a0}30\u{a0}s",
            ),
            (r#"{"seq":7}"#, "Position in the log: 7"),
            (r#"{"not_worded":[1]}"#, "not_worded: [1]"),
            (r#"{"seq":7,"changes":{"x":{"after":1}}}"#, "Position in the log: 7"),
        ] {
            let told = details(&page, recorded).into_iter();
            let told: Vec<_> = told.map(|(name, value)| format!("{name}: {value}")).collect();
            assert_eq!(told.join(", "), expected, "{recorded}");
        }
    }
}
