//! The winner of an auction with name and contacts, and the protocol that names them.

use super::layout::{Page, StaffPage, render};
use super::refusal::Refusal;
use crate::AppState;
use crate::application::masked;
use crate::auction::Winner;
use crate::pdf::PaperLanguage;
use crate::web::paper_answer::PaperAnswer;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use toruk_sync::domain::id::AuctionId;

/// Page of the winner.
#[derive(Template)]
#[template(path = "winner.html")]
#[allow(missing_docs)] // Named as what they are.
pub struct WinnerPage {
    pub page: Page,
    /// The auction's path.
    pub auction: String,
    /// Public number of the auction.
    pub number: String,
    pub participant: String,
    pub name: String,
    pub phone: String,
    pub price: String,
    pub application: String,
    pub application_number: String,
}

/// `POST /console/auctions/{id}/winner`: who has confirmed the win. It changes nothing but the audit
/// trail, in which the access is recorded.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let winner = state.auctions.winner(&desk.official, id).await?;
    let view = state.catalogue.view_for(&desk.official, id).await?;
    render(&compose(desk.page, id, view.number.clone(), &winner))
}

/// `POST /console/auctions/{id}/protocol`: the officials' copy of the protocol, with the winner's
/// name. It changes nothing but the audit trail.
pub async fn protocol(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let protocol = state.auctions.official_protocol(&desk.official, id).await?;
    let language = PaperLanguage::parse(desk.page.language.tag()).unwrap_or_default();
    let name = format!("{}-protocol-with-name", protocol.number);
    let content = format!("{} {:?}", protocol.json(), protocol.winner_name);
    PaperAnswer { name: &name, content: &content, language, is_public: false }
        .answer(&asked, move || protocol.write(language))
        .await
        .map_err(|_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "refused-busy"))
}

/// Builds the page.
pub fn compose(page: Page, auction: AuctionId, number: String, winner: &Winner) -> WinnerPage {
    let application = winner.contact.application;
    WinnerPage {
        auction: format!("/console/auctions/{auction}"),
        number,
        participant: page.text_with("participant", winner.bidder.to_string()),
        name: winner.contact.name.clone(),
        phone: winner.contact.phone.clone(),
        price: page.som(&winner.price),
        application: application.to_string(),
        application_number: masked(application),
        page,
    }
}
