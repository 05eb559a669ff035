//! The official's next device: a one-time link, made on the page of one's own access and opened in
//! another browser, which creates a passkey there.

use super::access::{Invited, NewcomerAnswer, PasskeyAnswer, signed_in};
use super::layout::{Page, StaffPage, render};
use super::own_access::own_role;
use super::refusal::Refusal;
use crate::AppState;
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use toruk_sync::protocol::identity::Challenge;

/// Page of the link.
#[derive(Template)]
#[template(path = "link.html")]
pub struct LinkPage {
    pub page: Page,
}

/// `POST /console/access/code/start`: the challenge that the official's passkey has to answer.
pub async fn start_code(
    State(state): State<AppState>,
    desk: StaffPage,
) -> Result<Json<Challenge>, Refusal> {
    Ok(Json(state.identity.start_code(desk.official.person).await?))
}

/// `POST /console/access/code/finish`: the link, shown in the answer itself: it is shown once and
/// must be in no address that a server sees.
pub async fn finish_code(
    State(state): State<AppState>,
    desk: StaffPage,
    Json(PasskeyAnswer { ceremony, credential }): Json<PasskeyAnswer>,
) -> Result<Json<Value>, Refusal> {
    let by = own_role(&desk)?;
    let made = state.identity.finish_code(by, ceremony, credential).await?;
    let origin = state.context.config.public_origin.trim_end_matches('/');
    let link = format!("{origin}/console/link#{}", made.code);
    let until = desk.page.text_with("invited-text", desk.page.at(&made.expires_at));
    Ok(Json(json!({ "link": link, "until": until })))
}

/// `GET /console/link`: the same page for everyone: the browser keeps the code.
pub async fn show(page: Page) -> Result<Response, Refusal> {
    render(&LinkPage { page })
}

/// `POST /console/link/start`: the challenge for the new passkey.
pub async fn start(
    State(state): State<AppState>,
    Json(Invited { invitation }): Json<Invited>,
) -> Result<Json<Challenge>, Refusal> {
    Ok(Json(state.identity.start_console_by_code(&invitation).await?))
}

/// `POST /console/link/finish`: adds the passkey and signs the browser in.
pub async fn finish(
    State(state): State<AppState>,
    headers: HeaderMap,
    Json(answer): Json<NewcomerAnswer>,
) -> Result<Response, Refusal> {
    let NewcomerAnswer { ceremony, credential, .. } = answer;
    let session = state.identity.finish_console_by_code(ceremony, credential).await?;
    signed_in(&state, &headers, &session).await
}
