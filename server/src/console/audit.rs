//! The audit trail, read-only.

use super::layout::{Page, StaffPage, render};
use super::refusal::Refusal;
use crate::AppState;
use crate::audit::Action;
use crate::audit::Row as Act;
use crate::audit::service::PAGE;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;

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
    pub details: Vec<(String, String)>,
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
    let acts = state.audit.page(&desk.official, query.after).await?;
    let actors: Vec<PersonId> = acts.iter().filter_map(|act| act.actor).collect();
    let names = state.identity.names(&actors).await?;
    render(&compose(desk.page, acts, &names, query.after.is_some()))
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
        None => page.text("role-system"),
    };
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
        details: details(page, &act.detail),
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
    told.map(|(name, value)| {
        let key = format!("detail-{}", name.replace('_', "-"));
        let value = worded(page, &name, &value);
        (if page.language.knows(&key) { page.text(&key) } else { name }, value)
    })
    .collect()
}

fn worded(page: &Page, name: &str, value: &Value) -> String {
    let number = value.as_i64();
    match (name, number, value) {
        (name, Some(amount), _) if name.ends_with("_tyiyn") => {
            Tyiyn::new(amount).map_or_else(|_| amount.to_string(), |amount| page.som(&amount))
        }
        (name, Some(at), _) if name.ends_with("_at") => page.at(&Timestamp(at)),
        ("act", _, Value::String(act)) => page.text_for("joint", act),
        ("mismatch", _, Value::String(why)) => page.text_for("mismatch", why),
        (_, _, Value::String(text)) => text.clone(),
        (_, _, value) => value.to_string(),
    }
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
    use crate::identity::Role;

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
    fn what_else_was_recorded_is_told_in_words_and_nothing_is_left_out() {
        let page = page(Language::En, "/console/audit", &[Role::Auditor]);
        for (recorded, expected) in [
            ("{}", ""),
            ("null", ""),
            (r#"{"reason":"","successor":null}"#, ""),
            (r#"{"amount_tyiyn":12345600}"#, "Amount: 123\u{a0}456\u{a0}som"),
            (r#"{"expires_at":1795489200000000}"#, "Valid until: 24.11.2026 09:00:00"),
            (r#"{"mismatch":"short"}"#, "Mismatch: Too little"),
            (r#"{"seq":7}"#, "Position in the log: 7"),
            (r#"{"not_worded":[1]}"#, "not_worded: [1]"),
        ] {
            let told = details(&page, recorded).into_iter();
            let told: Vec<_> = told.map(|(name, value)| format!("{name}: {value}")).collect();
            assert_eq!(told.join(", "), expected, "{recorded}");
        }
    }
}
