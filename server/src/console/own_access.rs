//! The official's own access: where they are signed in, and the end of that.

use super::access::PasskeyAnswer;
use super::cookies;
use super::layout::{Page, StaffPage, render, session_token};
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::{OfficialAccess, OwnAccess, SessionRow};
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use toruk_sync::protocol::identity::Challenge;

/// The page's path.
const PATH: &str = "/console/access";

/// Page of an official's own access.
#[derive(Template)]
#[template(path = "access.html")]
pub struct AccessPage {
    pub page: Page,
    pub sessions: Vec<ListedSession>,
    /// Passkeys, in words.
    pub passkeys: Vec<String>,
}

/// A console session.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct ListedSession {
    pub id: String,
    pub since: String,
    pub until: String,
    /// Set for the session that shows this page.
    pub is_this: bool,
}

/// The sessions that are to end: one by its id, or all others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndSessions {
    id: Option<String>,
}

/// `GET /console/access`: sessions and passkeys of the official who asks.
pub async fn show(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
) -> Result<Response, Refusal> {
    let token = session_token(&headers, &state).ok_or_else(Refusal::signed_out)?;
    let mine = state.identity.own_access(&desk.official, &token).await?;
    render(&compose(desk.page, mine))
}

/// `POST /console/access/end/start`: the challenge that the official's passkey has to answer.
pub async fn start_end(
    State(state): State<AppState>,
    desk: StaffPage,
    Json(EndSessions { id }): Json<EndSessions>,
) -> Result<Json<Challenge>, Refusal> {
    let part = id.map_or(OwnAccess::OtherSessions {}, |id| OwnAccess::Session { id });
    Ok(Json(state.identity.start_end_of_own(desk.official.person, part).await?))
}

/// `POST /console/access/end/finish`: ends the sessions.
pub async fn finish_end(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Json(PasskeyAnswer { ceremony, credential }): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let token = session_token(&headers, &state).ok_or_else(Refusal::signed_out)?;
    let (identity, by) = (&state.identity, &desk.official);
    identity.finish_end_of_sessions(by, &token, ceremony, credential).await?;
    let done = cookies::remember_done(&state.context.config, PATH, "access-ended");
    Ok((done, StatusCode::NO_CONTENT).into_response())
}

/// Builds the page.
pub fn compose(page: Page, mine: OfficialAccess) -> AccessPage {
    let session = |row: &SessionRow| ListedSession {
        id: row.id.clone(),
        since: page.at(&row.since),
        until: page.at(&row.expires_at),
        is_this: row.id == mine.this,
    };
    let sessions = mine.sessions.iter().map(session).collect();
    let passkeys = mine.passkeys.iter().map(|passkey| page.passkey(passkey)).collect();
    AccessPage { sessions, passkeys, page }
}
