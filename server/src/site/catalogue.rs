//! The list of auctions: searched, filtered, sorted and read page by page, all by the address.

use super::asked::{Asked, KINDS, SORTS, STATES};
use super::page::{self, Site};
use crate::AppState;
use crate::catalogue::{self, QueryFault};
use crate::console::layout::Page;
use crate::console::refusal::Refusal;
use crate::console::words::Tag;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use toruk_sync::domain::auction::Status;
use toruk_sync::protocol::catalogue::AuctionCard;

/// Auctions of one page.
const CARDS: u64 = 24;

/// Page of the catalogue.
#[derive(Template)]
#[template(path = "site-catalogue.html")]
pub struct CataloguePage {
    pub site: Site,
    pub page: Page,
    pub asked: Asked,
    pub cards: Vec<Card>,
    /// The address of the next page, if there is one.
    pub next: Option<String>,
    pub states: Vec<Choice>,
    pub kinds: Vec<Choice>,
    pub sorts: Vec<Choice>,
}

/// One of the answers of a field that offers several.
#[derive(Debug)]
pub struct Choice {
    pub value: &'static str,
    pub text: String,
    pub chosen: bool,
}

/// An auction in the list, in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Card {
    pub href: String,
    /// Where it can be watched, while there is something to see.
    pub watch: Option<String>,
    pub title: String,
    pub number: String,
    pub kind: String,
    pub place: Option<String>,
    pub state: Tag,
    pub price: String,
    /// The moment that matters next, in words.
    pub when: String,
}

/// `GET /`: a page of published auctions.
pub async fn show(
    State(state): State<AppState>,
    site: Site,
    asked: Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Query(mut asked) = asked;
    let query = asked.query();
    let found = match state.catalogue.page(&query, asked.after(), CARDS).await {
        // A place of another question, or an old one: the list begins again.
        Err(catalogue::Error::Query(
            QueryFault::UnknownPage | QueryFault::OtherSort | QueryFault::OtherFilters,
        )) => {
            asked.after.clear();
            state.catalogue.page(&query, None, CARDS).await?
        }
        found => found?,
    };
    let shown = compose(site.clone(), asked, found);
    site.answer(&headers, &shown)
}

/// Builds the page of what was found.
pub fn compose(
    site: Site,
    asked: Asked,
    (cards, next): (Vec<AuctionCard>, Option<String>),
) -> CataloguePage {
    let page = site.page.clone();
    let choice = |prefix: &str, value: &'static str, typed: &str| Choice {
        value,
        text: page.text_for(prefix, value),
        chosen: value == typed,
    };
    CataloguePage {
        next: next.map(|next| format!("{}{}", site.href("/"), asked.at(&next))),
        states: STATES.iter().map(|(name, _)| choice("site-state", name, &asked.state)).collect(),
        kinds: KINDS.iter().map(|(name, _)| choice("lot-kind", name, &asked.kind)).collect(),
        sorts: SORTS.iter().map(|(name, _)| choice("site-sort", name, &asked.sort)).collect(),
        cards: cards.iter().map(|found| card(&site, found)).collect(),
        asked,
        page,
        site,
    }
}

fn card(site: &Site, card: &AuctionCard) -> Card {
    let page = &site.page;
    let (key, at) = match card.status {
        Status::Rectification | Status::Tendering => ("site-until", card.tender_end),
        Status::Waiting => ("site-starts", card.start),
        _ => ("site-started", card.start),
    };
    let is_seen = matches!(card.status, Status::Waiting | Status::Bidding);
    Card {
        href: site.href(&format!("/auctions/{}", card.id)),
        watch: is_seen.then(|| site.href(&format!("/watch/{}", card.id))),
        title: card.title.get(page.language.tag()).to_owned(),
        number: card.number.clone(),
        kind: page.text_of("lot-kind", &card.kind),
        place: card.settlement.clone(),
        state: page::status(page, card.status),
        price: page.som(&card.price),
        when: page.text_with(key, page.at(&at)),
    }
}
