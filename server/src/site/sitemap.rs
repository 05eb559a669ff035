//! What search engines ask for first: which pages there are, and which they should leave alone.

use super::page::Site;
use crate::AppState;
use crate::catalogue::CatalogueQuery;
use crate::console::language::Language;
use crate::console::refusal::Refusal;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::sync::Mutex;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Auctions of one question to the catalogue.
const AT_ONCE: u64 = 100;
/// Auctions in the list at most, the newest first.
const AUCTIONS_MAX: usize = 1_000;
/// Search engines come again; an hour old is new enough for them.
const KEPT: &str = "public, max-age=3600";
/// The time for which the list is not made again, as [`KEPT`] says.
const KEPT_FOR: TimeSpan = TimeSpan::minutes(60);

/// The list as it was made last, with the moment. Who finds it too old makes it while the others wait.
#[derive(Debug, Clone, Default)]
pub struct Made(Arc<Mutex<Option<(Timestamp, Bytes)>>>);

/// `GET /sitemap.xml`: the catalogue and the newest auctions, in all languages.
pub async fn show(
    State(state): State<AppState>,
    Extension(made): Extension<Made>,
    site: Site,
) -> Result<Response, Refusal> {
    let mut made = made.0.lock().await;
    let now = state.context.ports.clock.now();
    let known = made.as_ref().filter(|(at, _)| *at <= now && now < *at + KEPT_FOR);
    let xml = match known {
        Some((_, xml)) => xml.clone(),
        None => {
            let xml = Bytes::from(document(site.origin(), &paths(&state).await?));
            *made = Some((now, xml.clone()));
            xml
        }
    };
    let headers =
        [(header::CONTENT_TYPE, "application/xml; charset=utf-8"), (header::CACHE_CONTROL, KEPT)];
    Ok((headers, xml).into_response())
}

/// The pages without their languages.
async fn paths(state: &AppState) -> Result<Vec<String>, Refusal> {
    let (mut paths, mut after) = (vec!["/".to_owned()], None::<String>);
    while paths.len() <= AUCTIONS_MAX {
        let query = CatalogueQuery::default();
        let (cards, next) = state.catalogue.page(&query, after.as_deref(), AT_ONCE).await?;
        paths.extend(cards.iter().map(|card| format!("/auctions/{}", card.id)));
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(paths)
}

/// `GET /robots.txt`: what search engines may read.
pub async fn robots(site: Site) -> Response {
    // A path stands for all that begin with it, so each language needs its own.
    let watched: String = Language::ALL
        .into_iter()
        .map(|language| format!("Disallow: /{}/watch/\n", language.tag()))
        .collect();
    let lines = format!(
        "User-agent: *\nDisallow: /console\nDisallow: /b/\nDisallow: /watch/\n{watched}\
         Sitemap: {}/sitemap.xml\n",
        site.origin()
    );
    let headers = [(header::CONTENT_TYPE, "text/plain"), (header::CACHE_CONTROL, KEPT)];
    (headers, lines).into_response()
}

/// The list by the sitemaps' protocol, each page with itself in the other languages.
fn document(origin: &str, paths: &[String]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n",
    );
    for path in paths {
        let path = if path == "/" { "" } else { path };
        let address = |language: Language| format!("{origin}/{}{path}", language.tag());
        let links: String = Language::ALL
            .into_iter()
            .map(|language| {
                format!(
                    "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{}\"/>",
                    language.tag(),
                    address(language)
                )
            })
            .collect();
        for language in Language::ALL {
            // Writing to a text never fails.
            let _ = writeln!(xml, "<url><loc>{}</loc>{links}</url>", address(language));
        }
    }
    xml.push_str("</urlset>\n");
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_is_there_in_each_language() {
        let paths = ["/".to_owned(), "/auctions/7".to_owned()];
        let xml = document("https://auction.example.kg", &paths);
        assert_eq!(xml.matches("<url>").count(), 6);
        assert_eq!(xml.matches("<xhtml:link").count(), 18);
        assert!(xml.contains("<loc>https://auction.example.kg/ky</loc>"));
        assert!(xml.contains("<loc>https://auction.example.kg/ru/auctions/7</loc>"));
    }
}
