//! What search engines ask for first: which pages there are, and which they should leave alone.

use super::page::Site;
use crate::AppState;
use crate::catalogue::CatalogueQuery;
use crate::console::language::Language;
use crate::console::refusal::Refusal;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::fmt::Write as _;

/// Auctions of one question to the catalogue.
const AT_ONCE: u64 = 100;
/// Auctions in the list at most, the newest first.
const AUCTIONS_MAX: usize = 1_000;
/// Search engines come again; an hour old is new enough for them.
const KEPT: &str = "public, max-age=3600";

/// `GET /sitemap.xml`: the catalogue and the newest auctions, in all languages.
pub async fn show(State(state): State<AppState>, site: Site) -> Result<Response, Refusal> {
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
    let headers =
        [(header::CONTENT_TYPE, "application/xml; charset=utf-8"), (header::CACHE_CONTROL, KEPT)];
    Ok((headers, document(site.origin(), &paths)).into_response())
}

/// `GET /robots.txt`: what search engines may read.
pub async fn robots(site: Site) -> Response {
    let lines = format!(
        "User-agent: *\nDisallow: /console\nDisallow: /watch/\nSitemap: {}/sitemap.xml\n",
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
