//! Parts shared by all pages: the reader, the language, the menu, and the page of a rejection.

use crate::AppState;
use crate::config::Config;
use crate::console::form::{self, percent_field};
use crate::console::language::Language;
use crate::console::refusal::Refusal;
use crate::console::{assets, cookies, rule_name, ways};
use crate::identity::extract::{cookie_name, log_caller};
use crate::identity::{LinkedEid, Official, PasskeyRow, Role};
use askama::Template;
use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::CONSOLE_SESSION_HOURS;

/// The data that every template needs.
#[derive(Debug, Clone)]
pub struct Page {
    pub language: Language,
    /// The path, without a query.
    pub path: String,
    /// The signed-in official, if there is one.
    pub official: Option<Official>,
    /// The result of the last action, in words.
    pub notice: Option<String>,
    /// Set in a demonstration.
    pub demo: bool,
}

/// An entry of the menu as shown.
#[derive(Debug)]
pub struct MenuItem {
    pub href: &'static str,
    pub text: String,
    /// Set if it leads to this page.
    pub here: bool,
}

impl Page {
    /// Builds the page of a request by `official`.
    fn new(state: &AppState, parts: &Parts, official: Option<Official>) -> Self {
        let config = &state.context.config;
        let language = Language::of(config, &parts.headers);
        let (path, demo) = (full_path(parts), config.demo);
        let notice = done_at(config, parts);
        Self { language, path, official, notice, demo }
    }

    /// The same page under the path that shows it: the path of a rejected form can only be posted
    /// to, and the choice of a language returns to this path.
    #[must_use]
    pub fn shown_at(mut self, path: String) -> Self {
        self.path = path;
        self
    }

    /// The text of `key`.
    pub fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// The text of a key made of a prefix and a name, such as `status-` and `bidding`.
    pub fn text_for(&self, prefix: &str, name: &str) -> String {
        self.language.text(&format!("{prefix}-{}", name.replace('_', "-")))
    }

    /// The text of a prefix and a name of the rules.
    pub fn text_of(&self, prefix: &str, value: &impl Serialize) -> String {
        self.text_for(prefix, &rule_name::name(value))
    }

    /// The text of `key` with the variable `value`.
    pub fn text_with(&self, key: &str, value: impl AsRef<str>) -> String {
        self.language.text_with(key, &[("value", value.as_ref().into())])
    }

    /// The text of `key` with the number `count`.
    pub fn text_count(&self, key: &str, count: impl Borrow<usize>) -> String {
        self.language.text_with(key, &[("count", (*count.borrow()).into())])
    }

    /// A share in percent.
    pub fn percent(&self, share: &BasisPoints) -> String {
        self.text_with("percent", percent_field(*share))
    }

    /// A range of shares in percent; one share if it begins and ends with it.
    pub fn percents(&self, from: &BasisPoints, to: &BasisPoints) -> String {
        if from == to {
            return self.percent(from);
        }
        self.text_with("percent", format!("{}–{}", percent_field(*from), percent_field(*to)))
    }

    /// A length of time in units: «30 мүн», «1 ч 30 мин», “3 d”. Only a running clock counts in
    /// `mm:ss`, which otherwise reads as a time of day.
    pub fn span(&self, span: &TimeSpan) -> String {
        let seconds = span.as_seconds().max(0);
        let units = [
            ("span-days", seconds / 86_400),
            ("span-hours", seconds / 3_600 % 24),
            ("span-minutes", seconds / 60 % 60),
            ("span-seconds", seconds % 60),
        ];
        let used = units.into_iter().filter(|(_, count)| *count > 0);
        let parts: Vec<String> =
            used.map(|(key, count)| self.text_with(key, count.to_string())).collect();
        match parts.is_empty() {
            true => self.text_with("span-seconds", "0"),
            false => parts.join("\u{a0}"),
        }
    }

    /// A decimal number in local notation: a comma, and digits in groups of three.
    pub fn decimal(&self, plain: &str) -> String {
        form::decimal(plain)
    }

    /// An amount with its unit; whole som without tyiyn.
    pub fn som(&self, amount: &Tyiyn) -> String {
        self.text_with("som", amount.to_short_string())
    }

    /// A file's length, in KB or MB, rounded up.
    pub fn file_size(&self, size_bytes: &u64) -> String {
        const KB: u64 = 1024;
        let (count, key) = match size_bytes {
            size if *size < KB * KB => (size.div_ceil(KB), "size-kb"),
            size => (size.div_ceil(KB * KB), "size-mb"),
        };
        self.text_with(key, count.to_string())
    }

    /// A moment on the wall clock in Bishkek.
    pub fn at(&self, at: &Timestamp) -> String {
        at.bishkek()
    }

    /// Time left, for a clock that counts down: `4:59`, `3:00:00`, days before that.
    pub fn left(&self, left: TimeSpan) -> String {
        let days = left.0.max(0) / TimeSpan::days(1).0;
        if days == 0 {
            return left.to_string();
        }
        let seconds = left.as_seconds() - TimeSpan::days(days).as_seconds();
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!(
            "{} {hours}:{minutes:02}:{seconds:02}",
            self.text_with("days-left", days.to_string())
        )
    }

    /// The URL of one of this site's files.
    pub fn asset(&self, file: &str) -> String {
        assets::url(file)
    }

    /// Seconds after which a session that is not used has ended.
    pub fn session_s(&self) -> i64 {
        TimeSpan::hours(CONSOLE_SESSION_HOURS).as_seconds()
    }

    /// All languages, for the switch.
    pub fn languages(&self) -> [Language; 3] {
        Language::ALL
    }

    /// Returns `true` if the official has one of `roles`.
    pub fn may_read_applications(&self) -> bool {
        self.is_any(&[Role::Moderator, Role::Auditor])
    }

    /// Returns `true` if the official has one of these roles.
    pub fn is_any(&self, roles: &[Role]) -> bool {
        self.official.as_ref().is_some_and(|official| official.any(roles).is_ok())
    }

    /// Returns `true` if the official may stop a clock: organisers and moderators watch the
    /// bidding.
    pub fn watches(&self) -> bool {
        self.is_any(&[Role::Organiser, Role::Moderator])
    }

    /// The menu entries for this official.
    pub fn menu(&self) -> Vec<MenuItem> {
        let here = |href: &str| {
            self.path == href || (href != "/console" && self.path.starts_with(&format!("{href}/")))
        };
        let ways = ways::of(self.official.as_ref());
        ways.map(|(href, key)| MenuItem { href, text: self.text(key), here: here(href) }).collect()
    }

    /// A passkey, in words.
    pub fn passkey(&self, passkey: &PasskeyRow) -> String {
        let used = passkey.used_at.map(|at| self.text_with("staff-passkey-used", self.at(&at)));
        let made = self.text_with("staff-passkey-since", self.at(&passkey.since));
        [passkey.name.clone(), Some(made), used]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// A sign-in by eID, in words.
    pub fn eid(&self, eid: &LinkedEid) -> String {
        let since = self.text_with("access-eid-since", self.at(&eid.since));
        let used = self.text_with("staff-passkey-used", self.at(&eid.used_at));
        if eid.used_at > eid.since { format!("{since}, {used}") } else { since }
    }

    /// The official's roles in words.
    pub fn roles(&self) -> String {
        let roles = self.official.iter().flat_map(|official| &official.roles);
        roles.map(|role| self.text_for("role", role.key())).collect::<Vec<_>>().join(", ")
    }
}

impl FromRequestParts<AppState> for Page {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        Ok(Self::new(state, parts, None))
    }
}

/// A page of a signed-in official. A handler with this argument can't be reached by anyone else.
#[derive(Debug, Clone)]
pub struct StaffPage {
    pub official: Official,
    pub page: Page,
}

impl StaffPage {
    /// Passes organisers only. The form is theirs; a rejection by the service would come only at
    /// the end, after the faults of the typed values.
    ///
    /// # Errors
    /// [`Refusal::forbidden`].
    pub fn organiser(&self) -> Result<(), Refusal> {
        Ok(self.official.any(&[Role::Organiser])?)
    }
}

impl FromRequestParts<AppState> for StaffPage {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let token = session_token(&parts.headers, state).ok_or_else(Refusal::signed_out)?;
        let official = state.identity.official(&token).await?;
        log_caller(official.person);
        let page = Page::new(state, parts, Some(official.clone()));
        Ok(Self { official, page })
    }
}

/// Value of the session cookie, if there is one.
pub fn session_token(headers: &HeaderMap, state: &AppState) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(cookie_name(&state.context.config)).map(|cookie| cookie.value().to_owned())
}

/// Renders a template as a response.
///
/// # Errors
/// If it can't be rendered.
pub fn render(template: &impl Template) -> Result<Response, Refusal> {
    render_as(StatusCode::OK, template)
}

/// Renders a template as a response with this status.
///
/// # Errors
/// If it can't be rendered.
pub fn render_as(status: StatusCode, template: &impl Template) -> Result<Response, Refusal> {
    let html = template.render().map_err(|error| Refusal::internal(&error))?;
    Ok((status, Html(html)).into_response())
}

/// Redirects to `path`, which then shows once what was done (`done-<what>`).
pub fn done(state: &AppState, path: &str, what: &str) -> Response {
    let known = cookies::remember_done(&state.context.config, path, what);
    (known, Redirect::to(path)).into_response()
}

/// Answers a form: a redirect to `path` that shows what was done, or the page `again` with a refusal
/// that belongs in the form.
///
/// # Errors
/// A refusal that does not belong in a form, or one of the page's.
pub async fn answered<F>(
    state: &AppState,
    (path, what): (&str, &str),
    outcome: Result<(), Refusal>,
    again: impl FnOnce(Refusal) -> F,
) -> Result<Response, Refusal>
where
    F: Future<Output = Result<Response, Refusal>>,
{
    match outcome {
        Ok(()) => Ok(done(state, path, what)),
        Err(refusal) if refusal.belongs_in_form() => again(refusal).await,
        Err(refusal) => Err(refusal),
    }
}

/// Forgets what was done when its page is loaded.
pub async fn show_done_once(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let config = &state.context.config;
    let is_shown = done_at(config, &parts).is_some();
    let response = next.run(Request::from_parts(parts, body)).await;
    if is_shown { (cookies::forget_done(config), response).into_response() } else { response }
}

/// The query of a list with the words of a search.
#[derive(Debug, Default, Deserialize)]
pub struct Search {
    #[serde(default)]
    pub q: String,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    status: u16,
    words: String,
    signed_out: bool,
}

/// Gives every rejection its page, and every bare error one as well.
pub async fn error_pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let seen = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let refusal = match response.extensions().get::<Refusal>() {
        Some(refusal) => refusal.clone(),
        None if is_bare_error(&response) => Refusal::of_status(response.status()),
        None => return response,
    };
    let language = Language::of(&state.context.config, &seen.headers);
    let accepted = seen.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.starts_with("application/json")) {
        let message = serde_json::json!({ "message": refusal.words(language) });
        return (refusal.status, Json(message)).into_response();
    }
    let reading = seen.method == Method::GET;
    if refusal.status == StatusCode::UNAUTHORIZED && reading {
        return Redirect::to("/console/sign-in").into_response();
    }
    let official = match session_token(&seen.headers, &state) {
        Some(token) => state.identity.official(&token).await.ok(),
        None => None,
    };
    let signed_out = official.is_none();
    let mut page = Page::new(&state, &seen, official);
    page.notice = None;
    let words = refusal.words_for(language, page.official.as_ref());
    let status = refusal.status;
    let error = ErrorPage { page, status: status.as_u16(), words, signed_out };
    render_as(status, &error).unwrap_or_else(|refusal| refusal.status.into_response())
}

fn is_bare_error(response: &Response) -> bool {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let dressed = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    (status.is_client_error() || status.is_server_error()) && !dressed
}

/// The path as the browser asked for it: nesting removes `/console`.
fn full_path(parts: &Parts) -> String {
    let original = parts.extensions.get::<axum::extract::OriginalUri>();
    let path = original.map_or_else(|| parts.uri.path(), |original| original.0.path());
    path.trim_end_matches('/').to_owned()
}

/// What was done, if this request is for the page that shows it. A form that is sent there again
/// shows its own outcome.
fn done_at(config: &Config, parts: &Parts) -> Option<String> {
    let what = cookies::done(config, &parts.headers, &full_path(parts))?;
    let (language, key) = (Language::of(config, &parts.headers), format!("done-{what}"));
    let is_shown = parts.method == Method::GET && language.knows(&key);
    is_shown.then(|| language.text(&key))
}
