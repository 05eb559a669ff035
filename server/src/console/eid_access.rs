//! Officials at the console by eID: signing in, and linking it to one's account.
//!
//! # Why a page leads to the provider
//! Browsers let a form lead nowhere but to this site (`form-action`), also by a redirect. So the
//! answer to the form is a page of its own, which goes on by itself and has a link.

use super::access::{PasskeyAnswer, session_cookie};
use super::cookies;
use super::layout::{Page, StaffPage, done, render, session_token};
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::{ConsoleEid, EidReturn};
use askama::Template;
use axum::Form;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use toruk_sync::protocol::identity::Challenge;

/// Time for the way to eID and back, in seconds; the server's own clock decides.
const WAY_S: i64 = 15 * 60;

/// The page that leads on to the provider.
#[derive(Template)]
#[template(path = "eid-forth.html")]
pub struct EidForthPage {
    pub page: Page,
    /// The provider's page.
    pub url: String,
}

/// The answer, as the page at the callback posts it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedAnswer {
    state: String,
    code: String,
    /// Empty if the provider does not name itself.
    iss: String,
}

impl PostedAnswer {
    fn returned(self) -> EidReturn {
        let Self { state, code, iss } = self;
        let iss = Some(iss).filter(|iss| !iss.is_empty());
        EidReturn { state, code: Some(code), iss, error: None }
    }
}

/// `POST /console/sign-in/eid`: leads to the provider.
pub async fn start_sign_in(State(state): State<AppState>, page: Page) -> Result<Response, Refusal> {
    let ConsoleEid { url, secret } = state.identity.start_console_eid(page.language.tag()).await?;
    let kept = cookies::set(&state.context.config, cookies::EID, &secret, WAY_S);
    Ok((kept, render(&EidForthPage { page, url })?).into_response())
}

/// `POST /console/sign-in/eid/finish`: signs the official in.
pub async fn finish_sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Form(answer): Form<PostedAnswer>,
) -> Result<Response, Refusal> {
    let secret = secret(&state, &headers);
    let session = state.identity.finish_console_eid(answer.returned(), &secret).await?;
    let signed_in = session_cookie(&state, &headers, &session).await?;
    let forgotten = cookies::set(&state.context.config, cookies::EID, "", 0);
    Ok((signed_in, forgotten, Redirect::to("/console")).into_response())
}

/// `POST /console/access/eid/start`: the challenge that the official's passkey has to answer.
pub async fn start_link(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
) -> Result<Json<Challenge>, Refusal> {
    let token = session_token(&headers, &state).ok_or_else(Refusal::signed_out)?;
    Ok(Json(state.identity.start_eid_link(&desk.official, &token).await?))
}

/// `POST /console/access/eid/confirm`: the provider's page, for `passkey.js` to go on to.
pub async fn confirm_link(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Json(PasskeyAnswer { ceremony, credential }): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let token = session_token(&headers, &state).ok_or_else(Refusal::signed_out)?;
    let (identity, language) = (&state.identity, desk.page.language.tag());
    let answer = (ceremony, credential);
    let ConsoleEid { url, secret } =
        identity.confirm_eid_link(&desk.official, &token, answer, language).await?;
    let kept: AppendHeaders<_> = cookies::set(&state.context.config, cookies::EID, &secret, WAY_S);
    let onward: Json<Value> = Json(json!({ "url": url }));
    Ok((kept, onward).into_response())
}

/// `POST /console/access/eid/finish`: links it.
pub async fn finish_link(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Form(answer): Form<PostedAnswer>,
) -> Result<Response, Refusal> {
    let token = session_token(&headers, &state).ok_or_else(Refusal::signed_out)?;
    let (back, secret) = (answer.returned(), secret(&state, &headers));
    state.identity.finish_eid_link(&desk.official, &token, (back, &secret)).await?;
    let forgotten = cookies::set(&state.context.config, cookies::EID, "", 0);
    Ok((forgotten, done(&state, "/console/access", "eid-linked")).into_response())
}

/// This browser's secret; empty if it has none, which is nobody's.
fn secret(state: &AppState, headers: &HeaderMap) -> String {
    cookies::value(&state.context.config, headers, cookies::EID).unwrap_or_default()
}
