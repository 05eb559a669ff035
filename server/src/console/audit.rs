//! The audit trail, for reading.

use super::layout::{Desk, Page, render};
use super::refusal::Refusal;
use crate::AppState;
use crate::audit::service::{PAGE, Row as Act};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;

/// The page.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct Trail {
    /// What all pages have.
    pub page: Page,
    /// The acts, the newest first.
    pub rows: Vec<Row>,
    /// Where it goes on.
    pub next: Option<String>,
    /// Whether this is not the first page.
    pub later: bool,
}

/// An act.
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
    pub detail: Option<String>,
    pub hash: String,
}

/// Where the page starts.
#[derive(Debug, serde::Deserialize)]
pub struct Before {
    after: Option<u64>,
}

/// `GET /console/audit`
pub async fn list(
    State(state): State<AppState>,
    desk: Desk,
    Query(query): Query<Before>,
) -> Result<Response, Refusal> {
    let acts = state.audit.page(&desk.official, query.after).await?;
    let actors: Vec<PersonId> = acts.iter().filter_map(|act| act.actor).collect();
    let names = state.identity.names(&actors).await?;
    render(&compose(desk.page, acts, &names, query.after.is_some()))
}

/// The page's parts.
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
        Some(person) => names.get(&person).cloned().unwrap_or_else(|| page.t("unknown")),
        None => page.t("role-system"),
    };
    // An act without a text yet shows its own name rather than nothing.
    let key = format!("audit-{}", act.action.replace(['.', '_'], "-"));
    let action = if page.language.knows(&key) { page.t(&key) } else { act.action };
    let role = format!("role-{}", act.role);
    Row {
        seq: act.seq,
        at: page.at(&act.at),
        actor,
        role: if page.language.knows(&role) { page.t(&role) } else { act.role },
        action,
        href: href(&act.object),
        object: act.object,
        detail: Some(act.detail).filter(|detail| !matches!(detail.as_str(), "null" | "{}" | "")),
        hash: act.hash,
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
