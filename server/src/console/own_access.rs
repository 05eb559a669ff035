//! The official's own access: where they are signed in, and the end of that.

use super::access::PasskeyAnswer;
use super::cookies;
use super::layout::{Page, StaffPage, done, render, session_token};
use super::refusal::Refusal;
use crate::AppState;
use crate::audit::Principal;
use crate::identity::{LinkedEid, OfficialAccess, OwnAccess, PasskeyRow, Role, SessionRow};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
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
    pub passkeys: Vec<ListedPasskey>,
    /// This server has eID.
    pub has_eid: bool,
    /// The official's own, in words, if it is linked.
    pub eid: Option<String>,
}

/// A passkey of the official.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct ListedPasskey {
    pub id: String,
    pub name: String,
    pub words: String,
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

/// The part that is to end: a session, a passkey, eID, or all other sessions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndOwn {
    id: Option<String>,
    passkey: Option<String>,
    /// Anything, if it is eID.
    eid: Option<String>,
}

/// The form with a passkey's name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameForm {
    id: String,
    name: String,
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
    Json(EndOwn { id, passkey, eid }): Json<EndOwn>,
) -> Result<Json<Challenge>, Refusal> {
    let part = match (id, passkey, eid) {
        (_, Some(id), _) => OwnAccess::Passkey { id },
        (Some(id), None, _) => OwnAccess::Session { id },
        (None, None, Some(_)) => OwnAccess::Eid {},
        (None, None, None) => OwnAccess::OtherSessions {},
    };
    Ok(Json(state.identity.start_end_of_own(desk.official.person, part).await?))
}

/// `POST /console/access/end/finish`: ends it.
pub async fn finish_end(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Json(PasskeyAnswer { ceremony, credential }): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let token = session_token(&headers, &state).ok_or_else(Refusal::signed_out)?;
    let (identity, by) = (&state.identity, &desk.official);
    identity.finish_end_of_own(by, &token, ceremony, credential).await?;
    let done = cookies::remember_done(&state.context.config, PATH, "access-ended");
    Ok((done, StatusCode::NO_CONTENT).into_response())
}

/// `POST /console/access/name`: names a passkey.
pub async fn name_passkey(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(NameForm { id, name }): Form<NameForm>,
) -> Result<Response, Refusal> {
    let by = own_role(&desk)?;
    state.identity.name_passkey(by, &id, &name).await?;
    Ok(done(&state, PATH, "passkey-named"))
}

/// The official in any of their roles, as who does something for themselves.
pub fn own_role(desk: &StaffPage) -> Result<Principal, Refusal> {
    Principal::official(&desk.official, &Role::ALL).map_err(|_| Refusal::forbidden())
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
    let passkey = |row: &PasskeyRow| ListedPasskey {
        id: row.id.clone(),
        name: row.name.clone().unwrap_or_default(),
        words: page.passkey(row),
    };
    let passkeys = mine.passkeys.iter().map(passkey).collect();
    let eid = |eid: &LinkedEid| {
        let since = page.text_with("access-eid-since", page.at(&eid.since));
        let used = page.text_with("staff-passkey-used", page.at(&eid.used_at));
        if eid.used_at > eid.since { format!("{since}, {used}") } else { since }
    };
    let (has_eid, eid) = (mine.has_eid, mine.eid.as_ref().map(eid));
    AccessPage { sessions, passkeys, has_eid, eid, page }
}
