//! The frame of a public page: its language, its addresses in all languages, and its errors.

use crate::AppState;
use crate::console::assets;
use crate::console::language::Language;
use crate::console::layout::Page;
use crate::console::refusal::Refusal;
use crate::console::words::{self, Tag};
use crate::web::page_answer;
use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use std::convert::Infallible;
use toruk_sync::domain::auction::{Auction, Status};

/// The data that every public template needs, beside the console's [`Page`] with its texts.
#[derive(Debug, Clone)]
pub struct Site {
    /// Texts and figures in the page's language.
    pub page: Page,
    /// The language in the address; `None` if the request's headers chose it.
    named: Option<Language>,
    /// The server's public origin, without a slash at its end.
    origin: String,
    /// The path without the language, beginning with a slash.
    path: String,
    /// The query as it was asked, without the question mark.
    query: String,
}

impl Site {
    fn new(state: &AppState, parts: &Parts) -> Self {
        let config = &state.context.config;
        let original = parts.extensions.get::<OriginalUri>();
        let uri = original.map_or(&parts.uri, |original| &original.0);
        let (named, path) = split(uri.path());
        let language = named.unwrap_or_else(|| Language::of(config, &parts.headers));
        let page =
            Page { language, path: path.clone(), official: None, notice: None, demo: config.demo };
        let origin = config.public_origin.trim_end_matches('/').to_owned();
        let query = uri.query().unwrap_or_default().to_owned();
        Self { page, named, origin, path, query }
    }

    /// A page's address for readers of this page: in its language if the address names it.
    pub fn href(&self, path: &str) -> String {
        match self.named {
            Some(language) => in_language(language, path),
            None => path.to_owned(),
        }
    }

    /// This page in another language, with the same question.
    pub fn in_language(&self, language: &Language) -> String {
        let path = in_language(*language, &self.path);
        match self.query.as_str() {
            "" => path,
            query => format!("{path}?{query}"),
        }
    }

    /// The address that search engines keep of this page.
    pub fn canonical(&self) -> String {
        format!("{}{}", self.origin, in_language(self.page.language, &self.path))
    }

    /// This page in all languages, and without one for everybody else, by `hreflang`.
    pub fn alternates(&self) -> Vec<(&'static str, String)> {
        let of = |language: Language| {
            (language.tag(), format!("{}{}", self.origin, in_language(language, &self.path)))
        };
        let any = ("x-default", format!("{}{}", self.origin, self.path));
        Language::ALL.map(of).into_iter().chain([any]).collect()
    }

    /// The server's public origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns `true` if this is the page without a question, the one that search engines keep.
    pub fn is_plain(&self) -> bool {
        self.query.is_empty()
    }

    /// The URL of one of this site's files.
    pub fn asset(&self, file: &str) -> String {
        assets::public_url(file)
    }

    /// Renders a page as the answer to a request with these headers.
    ///
    /// # Errors
    /// If it can't be rendered.
    pub fn answer(&self, asked: &HeaderMap, page: &impl Template) -> Result<Response, Refusal> {
        let html = page.render().map_err(|error| Refusal::internal(&error))?;
        Ok(page_answer::answer(asked, html, self.named.is_none()))
    }
}

impl FromRequestParts<AppState> for Site {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::new(state, parts))
    }
}

/// The language at the beginning of a path, and the path without it.
fn split(path: &str) -> (Option<Language>, String) {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let Some(language) = Language::ALL.into_iter().find(|language| language.tag() == first) else {
        return (None, path.to_owned());
    };
    let rest = path.trim_start_matches('/').trim_start_matches(first).trim_end_matches('/');
    (Some(language), if rest.is_empty() { "/".to_owned() } else { rest.to_owned() })
}

fn in_language(language: Language, path: &str) -> String {
    match path {
        "/" => format!("/{}", language.tag()),
        path => format!("/{}{path}", language.tag()),
    }
}

/// The state of an auction as a bidder reads it: while the terms may be corrected, applications are
/// accepted already.
pub fn state(page: &Page, auction: &Auction) -> Tag {
    match auction.suspension {
        Some(_) => words::state(page, auction),
        None => status(page, auction.status),
    }
}

/// A status as a bidder reads it.
pub fn status(page: &Page, status: Status) -> Tag {
    words::status(page, if status == Status::Rectification { Status::Tendering } else { status })
}

#[derive(Template)]
#[template(path = "site-error.html")]
struct ErrorPage {
    site: Site,
    page: Page,
    status: u16,
    words: String,
}

/// Gives every rejection its page, and every bare error one as well.
pub async fn error_pages(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let site = Site::new(&state, &parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    let refusal = match response.extensions().get::<Refusal>() {
        Some(refusal) => refusal.clone(),
        None if is_bare_error(&response) => Refusal::of_status(match response.status() {
            // An address that is no auction's leads nowhere.
            StatusCode::BAD_REQUEST => StatusCode::NOT_FOUND,
            other => other,
        }),
        None => return response,
    };
    let (status, words) = (refusal.status, refusal.words(site.page.language));
    let page = site.page.clone();
    let shown = ErrorPage { page, status: status.as_u16(), words, site };
    match shown.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

fn is_bare_error(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let dressed = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    (response.status().is_client_error() || response.status().is_server_error()) && !dressed
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_path_is_read_with_and_without_its_language() {
        for (path, language, rest) in [
            ("/", None, "/"),
            ("/ru", Some(Language::Ru), "/"),
            ("/ru/", Some(Language::Ru), "/"),
            ("/auctions/7", None, "/auctions/7"),
            ("/en/watch/7", Some(Language::En), "/watch/7"),
            ("/kyrgyz", None, "/kyrgyz"),
            ("/ky/ky", Some(Language::Ky), "/ky"),
        ] {
            assert_eq!(split(path), (language, rest.to_owned()), "{path}");
        }
        assert_eq!(in_language(Language::Ru, "/"), "/ru");
        assert_eq!(in_language(Language::Ru, "/auctions/7"), "/ru/auctions/7");
    }
}
