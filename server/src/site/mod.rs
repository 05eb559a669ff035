//! The public pages: auctions to look through, one to read, to watch and to check. Nobody signs in
//! there, nothing is decided there, and no page needs a script. At `/b/` is the bidder's app, whose
//! modules ask the API as a phone does.
//!
//! # Why the language is a part of the address
//! A search engine keeps one page for each address, and a link that somebody sends shows what they
//! saw. `/auctions/…` without a language serves the visitor's own; `/ky`, `/ru` and `/en` before it
//! are the three pages that a search engine finds.
//!
//! # Why these pages are compressed and the console's are not
//! The same bytes go to everybody: there is no secret in them whose length could tell of it.

mod asked;
mod bidder;
mod catalogue;
mod check;
mod lot;
mod page;
mod price_line;
mod rules;
mod sitemap;
#[cfg(test)]
mod tests;
mod watch;

use crate::AppState;
use crate::console::language::Language;
use crate::console::{assets, guard};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Extension, Router};

/// All public pages with their files, to be merged at the root.
pub fn routes(state: &AppState) -> Router<AppState> {
    let localized = Language::ALL
        .into_iter()
        .fold(pages(), |router, language| router.nest(&format!("/{}", language.tag()), pages()));
    localized
        .route("/sitemap.xml", get(sitemap::show).layer(Extension(sitemap::Made::default())))
        .route("/robots.txt", get(sitemap::robots))
        .route("/b", get(bidder::with_slash))
        .route("/b/", get(bidder::show))
        .route("/b/worker.js", get(bidder::worker))
        .route("/b/manifest.webmanifest", get(bidder::manifest))
        .layer(from_fn_with_state(state.clone(), page::error_pages))
        .route("/assets/{hash}/{*file}", get(assets::serve))
        .layer(from_fn_with_state(state.clone(), guard::strict_headers))
}

fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(catalogue::show))
        .route("/auctions/{id}", get(lot::show))
        .route("/auctions/{id}/check", get(check::show))
        .route("/watch/{id}", get(watch::show))
        .route("/watch/{id}/board", get(watch::board))
}
