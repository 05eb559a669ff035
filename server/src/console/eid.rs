//! The page on the way back from the provider of eID: it hands the answer over to the app, or the
//! page of the console, that began, or says why there is none. Nothing is decided here.
//!
//! # Why the answer goes on to an app in a fragment
//! The app's claimed address opens the app. Where the app is missing, the browser loads it, and
//! sends all of an address but its fragment: neither this server's log nor a proxy's sees the code.
//!
//! # Why it goes on to the console by a second form
//! The provider's page has posted here from another site, and browsers keep this site's cookies
//! (`SameSite=Lax`) out of that: who the browser is isn't known. This page posts the answer again, of
//! this site and with its cookies. A script does it at once; without one, a button.

use super::assets;
use super::language::Language;
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::service::EID_CALLBACK_PATH;
use crate::identity::{EidHandOver, EidOnward, EidReturn};
use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;
use toruk_sync::protocol::eid::EID_APP_PATH;

/// What the page may do: be read, in this site's style, and lead on to an app.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
/// The same on the way to the console.
const CONSOLE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// The headers of a page with an app, and with the console. A form's `Origin` says `null` where no
/// referrer may be sent, so the console's page sends its host, and no more.
const APP: [&str; 2] = [POLICY, "no-referrer"];
const CONSOLE: [&str; 2] = [CONSOLE_POLICY, "origin"];

/// The page.
#[derive(Template)]
#[template(path = "eid-back.html")]
pub struct EidBackPage {
    pub language: Language,
    /// The name of the text: `done`, `app`, or why there is no answer.
    pub text: &'static str,
    /// The app's claimed address, if there is an app to go on in.
    pub app_url: Option<String>,
    /// The console's page that has begun, if one has.
    pub console: Option<ConsoleOnward>,
}

/// The way on to the console.
pub struct ConsoleOnward {
    /// The page that began.
    pub page: &'static str,
    /// The form's address and fields; `None` if there is no answer.
    pub form: Option<(&'static str, [(&'static str, String); 3])>,
}

impl EidBackPage {
    /// The text of `eid-back-<part>`.
    pub fn words(&self, part: &str) -> String {
        self.language.text(&format!("eid-back-{part}"))
    }

    /// The address of a style or picture.
    pub fn asset(&self, file: &str) -> String {
        assets::url(file)
    }
}

/// What the provider sends by the browser. What else there is in it does not matter.
#[derive(Deserialize, Default)]
struct ProviderAnswer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// The pages, to be merged at the root.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route(EID_CALLBACK_PATH, get(back_by_address).post(back_by_form))
        .route(EID_APP_PATH, get(app_is_missing))
}

/// `GET /eid/callback`: the answer in the address, for providers that can't post it.
async fn back_by_address(
    State(state): State<AppState>,
    headers: HeaderMap,
    answer: Result<Query<ProviderAnswer>, QueryRejection>,
) -> Result<Response, Refusal> {
    back(&state, &headers, answer.map(|Query(answer)| answer).unwrap_or_default())
}

/// `POST /eid/callback`: the answer as the browser posts it from the provider's page.
async fn back_by_form(
    State(state): State<AppState>,
    headers: HeaderMap,
    answer: Result<Form<ProviderAnswer>, FormRejection>,
) -> Result<Response, Refusal> {
    back(&state, &headers, answer.map(|Form(answer)| answer).unwrap_or_default())
}

/// `GET /eid/app`: the app's claimed address, which a browser loads only where there is no app.
async fn app_is_missing(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let language = Language::of(&state.context.config, &headers);
    let page = EidBackPage { language, text: "app", app_url: None, console: None };
    respond(StatusCode::OK, &page)
}

fn back(
    state: &AppState,
    headers: &HeaderMap,
    answer: ProviderAnswer,
) -> Result<Response, Refusal> {
    let ProviderAnswer { state: sealed, code, iss, error } = answer;
    let back = EidReturn { state: sealed, code, iss, error };
    let EidHandOver { language, onward, fault } = state.identity.returned_from_eid(&back)?;
    let language = language.and_then(|tag| Language::parse(&tag));
    let language = language.unwrap_or_else(|| Language::of(&state.context.config, headers));
    let mut text = fault.map_or("done", |fault| fault.key());
    let status = if fault.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (app_url, console) = match onward {
        None => (None, None),
        Some(EidOnward::App(url)) => (Some(url), None),
        Some(EidOnward::ConsoleSignIn) => (None, Some("/console/sign-in")),
        Some(EidOnward::ConsoleLink) => (None, Some("/console/access")),
    };
    let console = console.map(|page| {
        let fields = || {
            let EidReturn { state, code, iss, .. } = back;
            [("state", state), ("code", code.unwrap_or_default()), ("iss", iss.unwrap_or_default())]
        };
        ConsoleOnward { page, form: fault.is_none().then(|| (finish_of(page), fields())) }
    });
    if console.is_some() {
        text = if fault.is_none() { "console" } else { text };
        text = if text == "late" { "console-late" } else { text };
    }
    respond(status, &EidBackPage { language, text, app_url, console })
}

/// The address to which a page of the console sends the answer.
fn finish_of(page: &str) -> &'static str {
    if page == "/console/access" {
        "/console/access/eid/finish"
    } else {
        "/console/sign-in/eid/finish"
    }
}

fn respond(status: StatusCode, page: &EidBackPage) -> Result<Response, Refusal> {
    let [policy, referrer] = if page.console.is_some() { CONSOLE } else { APP };
    let html = page.render().map_err(|error| Refusal::internal(&error))?;
    let mut response = (status, Html(html)).into_response();
    let headers: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, referrer),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
