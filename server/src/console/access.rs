//! Enrolment and sign-in by passkey, sign-out, and the choice of a language.

use super::form::{Field, Kind};
use super::language::{COOKIE, Language};
use super::layout::{Page, render, session_token};
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::extract::cookie_name;
use crate::identity::service::ConsoleSession;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::Value;
use toruk_sync::protocol::identity::Challenge;
use uuid::Uuid;

/// Lifetime of the language cookie: one year.
const LANGUAGE_S: i64 = 365 * 24 * 3600;

/// Page of a one-time link.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct Enrol {
    pub page: Page,
    /// Token of the link.
    pub token: String,
    /// The granted role, in words.
    pub role: String,
    pub fields: Vec<Field>,
}

/// The sign-in page.
#[derive(Template)]
#[template(path = "sign-in.html")]
pub struct SignInPage {
    pub page: Page,
}

/// An enrolling official's form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    name: String,
    language: String,
}

/// The answer of a passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyAnswer {
    ceremony: Uuid,
    credential: Value,
}

/// `GET /console/enrol/{token}`: the enrolment page.
pub async fn show_enrolment(
    State(state): State<AppState>,
    page: Page,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let role = page.text_for("role", state.identity.invitation(&token).await?.key());
    render(&Enrol { fields: enrolment_fields(&page), page, token, role })
}

/// The fields of the enrolment page.
pub fn enrolment_fields(page: &Page) -> Vec<Field> {
    let languages = Language::ALL.map(|known| (known.tag().to_owned(), known.name().to_owned()));
    let name = Field::new("name", page.text("enrol-name"), "").hint(page.text("enrol-name-hint"));
    let language = Field::new("language", page.text("enrol-language"), page.language.tag())
        .kind(Kind::Choice(languages.to_vec()));
    vec![name, language]
}

/// `POST /console/enrol/{token}/start`: the passkey challenge.
pub async fn start_enrolment(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Json(who): Json<Newcomer>,
) -> Result<Json<Challenge>, Refusal> {
    Ok(Json(state.identity.start_enrolment(&token, &who.name, &who.language).await?))
}

/// `POST /console/enrol/{token}/finish`: creates the official.
pub async fn finish_enrolment(
    State(state): State<AppState>,
    Path(token): Path<String>,
    Json(answer): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let (ceremony, credential) = (answer.ceremony, answer.credential);
    let session = state.identity.finish_enrolment(&token, ceremony, credential).await?;
    Ok(signed_in(&state, &session))
}

/// `GET /console/sign-in`: the sign-in page.
pub async fn show_sign_in(page: Page) -> Result<Response, Refusal> {
    render(&SignInPage { page })
}

/// `POST /console/sign-in/start`: the passkey challenge.
pub async fn start_sign_in(State(state): State<AppState>) -> Result<Json<Challenge>, Refusal> {
    Ok(Json(state.identity.start_console_sign_in().await?))
}

/// `POST /console/sign-in/finish`: sets the session cookie.
pub async fn finish_sign_in(
    State(state): State<AppState>,
    Json(answer): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let (ceremony, credential) = (answer.ceremony, answer.credential);
    let session = state.identity.finish_console_sign_in(ceremony, credential).await?;
    Ok(signed_in(&state, &session))
}

/// `POST /console/sign-out`: ends the session.
pub async fn sign_out(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    if let Some(token) = session_token(&headers, &state) {
        state.identity.sign_out(&token).await?;
    }
    let ended = cookie(&state, cookie_name(&state.context.config), "", Some(0));
    Ok((ended, Redirect::to("/console/sign-in")).into_response())
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
    let kept = cookie(&state, COOKIE, language.tag(), Some(LANGUAGE_S));
    Ok((kept, Redirect::to(to)).into_response())
}

/// The browser keeps the cookie until it is closed; the server ends the session by its own clock,
/// so that neither trusts the other's.
fn signed_in(state: &AppState, session: &ConsoleSession) -> Response {
    let kept = cookie(state, cookie_name(&state.context.config), &session.token, None);
    (kept, StatusCode::NO_CONTENT).into_response()
}

type CookieHeader = AppendHeaders<[(header::HeaderName, String); 1]>;

/// A cookie for the whole site that no script can read. `value` is a token or a tag: letters,
/// digits, `-` and `_` only. Without an age it ends when the browser is closed.
fn cookie(state: &AppState, name: &str, value: &str, max_age_s: Option<i64>) -> CookieHeader {
    let age = max_age_s.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if state.context.config.secure_cookies { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
    AppendHeaders([(header::SET_COOKIE, text)])
}
