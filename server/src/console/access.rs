//! Enrolment and sign-in by passkey, sign-out, and the choice of a language.

use super::cookies::{self, CookieHeader};
use super::form::{Field, Kind};
use super::language::Language;
use super::layout::{Page, render, session_token};
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::extract::cookie_name;
use crate::identity::service::ConsoleSession;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use toruk_sync::protocol::identity::Challenge;
use uuid::Uuid;

/// Lifetime of the language cookie: one year.
const LANGUAGE_S: i64 = 365 * 24 * 3600;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// The browser's stores that a sign-out empties.
const CLEARED: &str = "\"cache\", \"storage\"";

/// Page of a one-time link.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct Enrol {
    pub page: Page,
    pub fields: Vec<Field>,
}

/// The sign-in page.
#[derive(Template)]
#[template(path = "sign-in.html")]
pub struct SignInPage {
    pub page: Page,
    /// This server has eID.
    pub has_eid: bool,
}

/// The token of a one-time link, which `passkey.js` takes from the link's fragment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invited {
    pub invitation: String,
}

/// An enrolling official's form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    invitation: String,
    name: String,
    language: String,
}

/// The answer of a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyAnswer {
    pub ceremony: Uuid,
    pub credential: Value,
}

/// An enrolling official's answer of a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewcomerAnswer {
    pub invitation: String,
    pub ceremony: Uuid,
    pub credential: Value,
}

/// `GET /console/enrol`: the enrolment page, the same for everyone: the browser keeps the token.
pub async fn show_enrolment(page: Page) -> Result<Response, Refusal> {
    render(&Enrol { fields: enrolment_fields(&page), page })
}

/// `POST /console/enrol/role`: the role of the invitation, in words.
pub async fn invited_role(
    State(state): State<AppState>,
    page: Page,
    Json(Invited { invitation }): Json<Invited>,
) -> Result<Json<Value>, Refusal> {
    let role = page.text_for("role", state.identity.invitation(&invitation).await?.key());
    Ok(Json(json!({ "role": page.text_with("enrol-role", role) })))
}

/// The fields of the enrolment page.
pub fn enrolment_fields(page: &Page) -> Vec<Field> {
    let languages = Language::ALL.map(|known| (known.tag().to_owned(), known.name().to_owned()));
    let name = Field::new("name", page.text("enrol-name"), "").hint(page.text("enrol-name-hint"));
    let language = Field::new("language", page.text("enrol-language"), page.language.tag())
        .kind(Kind::Choice(languages.to_vec()));
    vec![name, language]
}

/// `POST /console/enrol/start`: the passkey challenge.
pub async fn start_enrolment(
    State(state): State<AppState>,
    Json(Newcomer { invitation, name, language }): Json<Newcomer>,
) -> Result<Json<Challenge>, Refusal> {
    Ok(Json(state.identity.start_enrolment(&invitation, &name, &language).await?))
}

/// `POST /console/enrol/finish`: creates the official.
pub async fn finish_enrolment(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(answer): Json<NewcomerAnswer>,
) -> Result<Response, Refusal> {
    let NewcomerAnswer { invitation, ceremony, credential } = answer;
    let session = state.identity.finish_enrolment(&invitation, ceremony, credential).await?;
    signed_in(&state, &headers, &session).await
}

/// `GET /console/sign-in`: the sign-in page.
pub async fn show_sign_in(State(state): State<AppState>, page: Page) -> Result<Response, Refusal> {
    render(&SignInPage { has_eid: state.identity.has_eid(), page })
}

/// `POST /console/sign-in/start`: the passkey challenge.
pub async fn start_sign_in(State(state): State<AppState>) -> Result<Json<Challenge>, Refusal> {
    Ok(Json(state.identity.start_console_sign_in().await?))
}

/// `POST /console/sign-in/finish`: sets the session cookie.
pub async fn finish_sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(answer): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let (ceremony, credential) = (answer.ceremony, answer.credential);
    let session = state.identity.finish_console_sign_in(ceremony, credential).await?;
    signed_in(&state, &headers, &session).await
}

/// `POST /console/sign-out`: ends the session. The browser forgets the pages that it has shown; the
/// choice of a language stays.
pub async fn sign_out(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if let Some(token) = session_token(&headers, &state) {
        state.identity.sign_out(&token).await?;
    }
    let config = &state.context.config;
    let ended = cookies::set_named(config, cookie_name(config), "", Some(0));
    let forgotten = cookies::forget_done(config);
    let cleared = AppendHeaders([(CLEAR_SITE_DATA, CLEARED)]);
    Ok((ended, forgotten, cleared, Redirect::to("/console/sign-in")).into_response())
}

/// A chosen language and the page to return to.
#[derive(Debug, Deserialize)]
pub struct Choice {
    language: String,
    #[serde(default)]
    to: String,
}

/// `POST /console/language`: stores the visitor's language.
pub async fn choose_language(
    State(state): State<AppState>,
    Form(choice): Form<Choice>,
) -> Result<Response, Refusal> {
    let chosen = Language::parse(&choice.language);
    let language = chosen.ok_or_else(|| Refusal::of_status(StatusCode::BAD_REQUEST))?;
    // Only a path of this site: `//host` and `/\host` would lead elsewhere.
    let ours = choice.to == "/console" || choice.to.starts_with("/console/");
    let to = if ours { choice.to.as_str() } else { "/console" };
    let kept = cookies::set(&state.context.config, cookies::LANGUAGE, language.tag(), LANGUAGE_S);
    Ok((kept, Redirect::to(to)).into_response())
}

/// Gives the browser its new session and ends its former one. The browser keeps the cookie until it
/// is closed; the server ends the session by its own clock, so that neither trusts the other's.
pub async fn signed_in(
    state: &AppState,
    headers: &HeaderMap,
    session: &ConsoleSession,
) -> Result<Response, Refusal> {
    let kept = session_cookie(state, headers, session).await?;
    Ok((kept, StatusCode::NO_CONTENT).into_response())
}

/// The cookie of [`signed_in`], for another answer.
pub async fn session_cookie(
    state: &AppState,
    headers: &HeaderMap,
    session: &ConsoleSession,
) -> Result<CookieHeader, Refusal> {
    if let Some(former) = session_token(headers, state) {
        state.identity.sign_out(&former).await?;
    }
    let config = &state.context.config;
    Ok(cookies::set_named(config, cookie_name(config), &session.token, None))
}
