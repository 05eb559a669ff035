//! The list of auctions, for officials.

use super::layout::{Page, StaffPage, render};
use super::lots::After;
use super::refusal::Refusal;
use super::words::{Tag, status};
use crate::AppState;
use crate::catalogue::rows::AuctionRow;
use crate::identity::Role;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use toruk_sync::domain::auction::Status;

/// Page of the list.
#[derive(Template)]
#[template(path = "auctions.html")]
pub struct Auctions {
    pub page: Page,
    pub rows: Vec<Row>,
    /// Start of the next page.
    pub next: Option<String>,
    /// Set on every page but the first.
    pub later: bool,
    /// Set if this official creates auctions.
    pub creates: bool,
    /// The words of the search.
    pub query: String,
}

/// An auction in the list.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Row {
    pub id: String,
    pub number: String,
    pub title: String,
    pub place: Option<String>,
    pub price: String,
    pub start: String,
    pub state: Tag,
    pub failure: Option<String>,
    pub previous: Option<String>,
    pub successor: Option<String>,
    pub live: bool,
}

/// `GET /console/auctions`: the list.
pub async fn list(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(query): Query<After>,
) -> Result<Response, Refusal> {
    let After { after, q: query } = query;
    let (rows, next) = match query.trim() {
        "" => state.catalogue.auctions(&desk.official, after.as_deref()).await?,
        words => (state.catalogue.find_auctions(&desk.official, words).await?, None),
    };
    let page = desk.page;
    let rows = rows.into_iter().map(|auction| row(&page, auction)).collect();
    let creates = page.is_any(&[Role::Organiser]);
    render(&Auctions { page, rows, next, later: after.is_some(), creates, query })
}

/// Builds the row of an auction.
pub fn row(page: &Page, auction: AuctionRow) -> Row {
    let AuctionRow { card, previous, successor, .. } = auction;
    Row {
        id: card.id.to_string(),
        number: card.number,
        title: card.title.get(page.language.tag()).to_owned(),
        place: card.settlement,
        price: page.som(&card.price),
        start: page.at(&card.start),
        state: status(page, card.status),
        failure: card
            .failure
            .map(|failure| page.text_for("failure", &super::words::name(&failure))),
        previous: previous.map(|id| id.to_string()),
        successor: successor.map(|id| id.to_string()),
        live: card.status == Status::Bidding,
    }
}
