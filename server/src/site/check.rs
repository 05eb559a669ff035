//! The result of an auction, and how anybody checks it without trusting this server.

use super::page::{self, Site};
use crate::AppState;
use crate::console::auction::sentence;
use crate::console::layout::Page;
use crate::console::refusal::Refusal;
use crate::console::words::Tag;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use toruk_sync::domain::auction::award::AwardStatus;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;

/// Page of a result.
#[derive(Template)]
#[template(path = "site-check.html")]
pub struct CheckPage {
    pub site: Site,
    pub page: Page,
    pub view: AuctionView,
    pub title: String,
    pub state: Tag,
    /// The state in a sentence.
    pub sentence: String,
    pub price: String,
    /// The proposed or confirmed winner, by number.
    pub winner: Option<String>,
    pub raises: u64,
}

/// `GET /auctions/{id}/check`: the result, and the way to check it.
pub async fn show(
    State(state): State<AppState>,
    site: Site,
    Path(id): Path<AuctionId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view(id).await?;
    site.answer(&headers, &compose(&site, view))
}

/// Builds the page.
pub fn compose(site: &Site, view: AuctionView) -> CheckPage {
    let (page, auction) = (site.page.clone(), &view.auction);
    let stands = |status: &AwardStatus| !matches!(status, AwardStatus::Unsuccessful { .. });
    let award = auction.awards.last().filter(|award| stands(&award.status));
    CheckPage {
        title: view.lot.title.get(page.language.tag()).to_owned(),
        state: page::state(&page, auction),
        sentence: sentence(&page, auction),
        price: page.som(&award.map_or_else(|| auction.price(), |award| award.price)),
        winner: award.map(|award| page.text_with("participant", award.bidder.to_string())),
        raises: auction.round.map_or(0, |round| round.number),
        view,
        page,
        site: site.clone(),
    }
}
