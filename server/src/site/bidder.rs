//! The bidder's app in a browser: one page without content, whose modules speak the same protocol as
//! the phones, and the worker that lets it open without a connection.

use crate::AppState;
use crate::console::assets;
use crate::console::refusal::Refusal;
use crate::web::page_answer;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Map, Value, json};

/// As for the console's pages, with a worker and a manifest of its own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'",
);
/// Files of the app beside its modules.
const STYLES: [&str; 5] =
    ["vendor/pico.min.css", "console.css", "pieces.css", "site.css", "mark.svg"];
/// Modules that it shares with the pages.
const SHARED: [&str; 2] = ["figures.js", "live-link.js"];
const MODULES: &str = "bidder/";
/// The languages of the app.
const LANGUAGES: [&str; 3] = ["ky", "ru", "en"];
/// What a notice needs beside the words for what has happened.
const NOTICE_WORDS: [&str; 4] = ["app_name", "amount", "push_notice", "push_until"];

/// The app's page.
#[derive(Template)]
#[template(path = "site-bidder.html")]
struct Shell {
    demo: bool,
}

impl Shell {
    fn asset(&self, file: &str) -> String {
        assets::public_url(file)
    }
}

/// `GET /b/`: the app.
pub async fn show(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Refusal> {
    let shell = Shell { demo: state.context.config.demo };
    let html = shell.render().map_err(|error| Refusal::internal(&error))?;
    let mut response = page_answer::answer(&headers, html, false);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

/// `GET /b`: the app's address as people type it.
pub async fn with_slash() -> Redirect {
    Redirect::permanent("/b/")
}

/// `GET /b/worker.js`: the worker, which begins with the version and the files that it keeps.
pub async fn worker() -> Response {
    let files: Vec<String> = kept().iter().map(|file| assets::public_url(file)).collect();
    let words: Map<String, Value> =
        LANGUAGES.iter().map(|tag| ((*tag).to_owned(), notice_words(tag))).collect();
    let head = format!(
        "const VERSION = {};\nconst FILES = {};\nconst WORDS = {};\n",
        json!(assets::version()),
        json!(files),
        json!(words)
    );
    // A worker that every browser can run has no modules.
    let figures = assets::text("figures.js").replace("export function", "function");
    let code = figures + &assets::text("bidder/worker.js");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, head + &code).into_response()
}

/// `GET /b/manifest.webmanifest`: how the app looks on a home screen.
pub async fn manifest() -> Response {
    let content = json!({
        "name": "Торук", "short_name": "Торук", "lang": "ky", "id": "/b/", "start_url": "/b/",
        "scope": "/b/", "display": "standalone", "background_color": "#f6f5f1",
        "theme_color": "#0b5c6b",
        "icons": [{ "src": assets::public_url("mark.svg"), "sizes": "any", "type": "image/svg+xml" }],
    });
    let headers = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "public, no-cache"),
    ];
    (headers, content.to_string()).into_response()
}

/// The words of notices in a language: the worker has them at hand when a push wakes it, whatever became
/// of what the app keeps in the browser.
fn notice_words(tag: &str) -> Value {
    let file = assets::text(&format!("bidder/words/{tag}.js"));
    let content = file.split_once("export default ").map_or("", |(_, content)| content);
    let words: Map<String, Value> =
        serde_json::from_str(content.trim().trim_end_matches(';')).unwrap_or_default();
    let is_for_notices =
        |name: &str| name.starts_with("notification_") || NOTICE_WORDS.contains(&name);
    words.into_iter().filter(|(name, _)| is_for_notices(name)).collect()
}

/// All files that the app needs without a connection.
fn kept() -> Vec<String> {
    let modules =
        assets::names().filter(|name| name.starts_with(MODULES) && *name != "bidder/worker.js");
    let others = STYLES.iter().chain(&SHARED).map(|name| (*name).to_owned());
    modules.chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::notice::NoticeKind;

    #[test]
    fn the_worker_has_words_for_every_kind_of_notice_in_every_language() {
        for tag in LANGUAGES {
            let words = notice_words(tag);
            let kinds = NoticeKind::ALL.map(|kind| serde_json::to_value(kind).unwrap());
            let kinds = kinds.map(|kind| format!("notification_{}", kind.as_str().unwrap()));
            for name in kinds.iter().map(String::as_str).chain(NOTICE_WORDS) {
                assert!(words[name].as_str().is_some_and(|text| !text.is_empty()), "{tag} {name}");
            }
        }
    }

    #[test]
    fn the_worker_keeps_every_module_and_not_itself() {
        let kept = kept();
        for file in ["bidder/app.js", "bidder/words/ky.js", "figures.js", "site.css"] {
            assert!(kept.iter().any(|name| name == file), "{file}");
        }
        assert!(kept.iter().all(|name| name != "bidder/worker.js"));
        assert!(assets::text("bidder/worker.js").contains("addEventListener(\"fetch\""));
    }
}
