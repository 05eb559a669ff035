//! One auction as the public reads it: the lot, its papers, the rules in plain words, how the price
//! grew, and the attempts before it.

use super::page::{self, Site};
use super::price_line::PriceLine;
use super::rules;
use crate::AppState;
use crate::catalogue::Error;
use crate::console::auction::{TimelineMoment, sentence, timeline};
use crate::console::layout::Page;
use crate::console::lots;
use crate::console::papers::{ShownPaper, shown};
use crate::console::refusal::Refusal;
use crate::console::words::{Tag, name};
use crate::db::StoreError;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::{AuctionView, PublishedDocument};
use toruk_sync::receipt::Record;

/// Latest records of the log that are looked at; raises before them are not drawn.
const RECORDS_MAX: u64 = 1_000;
/// Attempts before this one that are shown at most.
const ATTEMPTS_MAX: usize = 5;
/// Characters of the description that a search engine shows.
const SUMMARY_CHARS: usize = 160;

/// Page of an auction.
#[derive(Template)]
#[template(path = "site-lot.html")]
pub struct LotPage {
    pub site: Site,
    pub page: Page,
    pub view: AuctionView,
    pub title: String,
    /// The description in short, for search engines.
    pub summary: String,
    pub address: String,
    pub state: Tag,
    /// The state in a sentence.
    pub sentence: String,
    pub price: String,
    pub photos: Vec<ShownPaper>,
    pub papers: Vec<ShownPaper>,
    pub rules: Vec<String>,
    pub line: Option<PriceLine>,
    pub timeline: Vec<TimelineMoment>,
    /// Earlier attempts, the latest first.
    pub attempts: Vec<Attempt>,
    /// The address of the attempt after this one.
    pub successor: Option<String>,
    /// Applications are accepted.
    pub is_open: bool,
    /// There is something to watch.
    pub is_seen: bool,
    /// There is a log with bids, or an end, to check.
    pub is_checked: bool,
}

/// An earlier attempt to sell the same lot.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Attempt {
    pub href: String,
    pub number: String,
    pub price: String,
    pub start: String,
    pub state: Tag,
    pub reason: Option<String>,
}

/// `GET /auctions/{id}`: the auction's page.
pub async fn show(
    State(state): State<AppState>,
    site: Site,
    Path(id): Path<AuctionId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view(id).await?;
    let papers = state.catalogue.papers(id).await?;
    let log = latest(&state, &view, RECORDS_MAX).await?;
    let attempts = attempts(&state, &site, &view).await?;
    let successor = successor(&state, &site, &view).await?;
    let now = state.context.ports.clock.now();
    let page = compose(&site, view, papers, &log, now);
    site.answer(&headers, &LotPage { attempts, successor, ..page })
}

/// The last records of the log, `most` of them at most.
///
/// # Errors
/// If the database fails.
pub async fn latest(
    state: &AppState,
    view: &AuctionView,
    most: u64,
) -> Result<Vec<Record>, Refusal> {
    let after = view.seq.saturating_sub(most);
    Ok(state.catalogue.log(view.auction.birth.id, after, most).await?)
}

/// The address of the attempt after this one, once it is published: before, there is no page.
async fn successor(
    state: &AppState,
    site: &Site,
    view: &AuctionView,
) -> Result<Option<String>, Refusal> {
    let Some(id) = view.auction.successor else { return Ok(None) };
    match state.catalogue.view(id).await {
        Ok(_) => Ok(Some(site.href(&format!("/auctions/{id}")))),
        Err(Error::Store(StoreError::NotFound)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The attempts before this one.
async fn attempts(
    state: &AppState,
    site: &Site,
    view: &AuctionView,
) -> Result<Vec<Attempt>, Refusal> {
    let mut found = Vec::new();
    let mut previous = view.auction.birth.previous;
    while let Some(id) = previous.filter(|_| found.len() < ATTEMPTS_MAX) {
        let earlier = state.catalogue.view(id).await?;
        previous = earlier.auction.birth.previous;
        found.push(attempt(site, &earlier));
    }
    Ok(found)
}

fn attempt(site: &Site, view: &AuctionView) -> Attempt {
    let (page, auction) = (&site.page, &view.auction);
    let failure = auction.failure.map(|failure| page.text_for("failure", &name(&failure)));
    Attempt {
        href: site.href(&format!("/auctions/{}", auction.birth.id)),
        number: view.number.clone(),
        price: page.som(&auction.price()),
        start: page.at(&auction.birth.offer.start),
        state: page::state(page, auction),
        reason: failure,
    }
}

/// Builds the page without the attempts before and after it.
pub fn compose(
    site: &Site,
    view: AuctionView,
    papers: Vec<PublishedDocument>,
    log: &[Record],
    now: Timestamp,
) -> LotPage {
    let page = site.page.clone();
    let (language, auction) = (page.language.tag(), &view.auction);
    let id = auction.birth.id;
    let is_photo =
        |paper: &PublishedDocument| paper.until.is_none() && paper.mime.starts_with("image/");
    let (photos, papers): (Vec<_>, Vec<_>) = papers.into_iter().partition(is_photo);
    // The log's own records are behind the link, not on this page.
    let in_words = |paper: PublishedDocument| shown(&page, id, paper, &[]);
    let description = view.lot.description.get(language);
    LotPage {
        title: view.lot.title.get(language).to_owned(),
        summary: description.chars().take(SUMMARY_CHARS).collect(),
        address: lots::address(&view.lot.address),
        state: page::state(&page, auction),
        sentence: sentence(&page, auction),
        price: page.som(&auction.price()),
        photos: photos.into_iter().map(in_words).collect(),
        papers: papers.into_iter().map(in_words).collect(),
        rules: rules::sentences(&page, auction),
        line: PriceLine::of(&page, auction, log),
        timeline: timeline(&page, auction, now),
        attempts: Vec::new(),
        successor: None,
        is_open: matches!(auction.status, Status::Rectification | Status::Tendering),
        is_seen: matches!(auction.status, Status::Waiting | Status::Bidding),
        is_checked: auction.has_begun(),
        view,
        page,
        site: site.clone(),
    }
}
