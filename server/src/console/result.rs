//! The result of a decided auction for its organiser: the winner with name and contacts, all
//! applications with what was done with them, and receipts.

use super::layout::{Page, StaffPage, render};
use super::protocol::{self, ShownProtocol};
use super::refusal::Refusal;
use super::words::{self, Tag};
use crate::AppState;
use crate::auction::{ApplicationOutcome, SignedAct, Winner};
use crate::db::StoreError;
use crate::web::file_answer::disposition;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::{ActDecision, ApplicationReceipt, Record};
use uuid::Uuid;

/// Records of the log in which the moments of protocols are looked for, the last ones.
const LOG_SHOWN: u64 = 100;

/// Page of a result.
#[derive(Template)]
#[template(path = "result.html")]
#[allow(missing_docs)] // Named as what they are.
pub struct ResultPage {
    pub page: Page,
    /// The auction's path.
    pub auction: String,
    pub number: String,
    pub title: String,
    pub state: Tag,
    pub sentence: String,
    pub winner: Option<ShownWinner>,
    /// The official protocols, the one that stands first.
    pub protocols: Vec<ShownProtocol>,
    /// Keys of the acts whose signature by certificate may be downloaded with its evidence.
    pub signed_acts: Vec<&'static str>,
    /// Address of the public log.
    pub log: String,
    /// Participants first, then those who did not take part.
    pub applications: Vec<ShownOutcome>,
}

/// The winner in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownWinner {
    pub participant: String,
    pub name: String,
    pub phone: String,
    pub price: String,
}

/// What became of an application, in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownOutcome {
    pub id: String,
    pub number: String,
    pub participant: Option<String>,
    pub state: Tag,
    pub deposit: Option<String>,
    pub offered: Option<String>,
    /// The stated reason of a refusal or exclusion.
    pub reason: Option<String>,
    pub acts: Vec<ShownAct>,
}

/// An act on an application in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownAct {
    pub text: String,
    pub at: String,
    /// Address of its signed receipt.
    pub receipt: String,
}

/// `GET /console/auctions/{id}/result`: the result. That the winner's name was looked at is recorded.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let outcomes = state.auctions.applications_of(&desk.official, id).await?;
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let winner = match view.auction.status {
        Status::Awarded | Status::Complete => {
            Some(state.auctions.winner(&desk.official, id).await?)
        }
        _ => None,
    };
    let signed = state.auctions.signed_acts(&desk.official, &view.auction).await?;
    let log = super::auction::log(&state, &view, LOG_SHOWN).await?;
    let mut shown = compose(desk.page, view, (winner.as_ref(), &log), outcomes);
    shown.signed_acts = signed.into_iter().map(SignedAct::key).collect();
    render(&shown)
}

/// `GET /console/auctions/{id}/receipts/{receipt}`: a signed receipt, as `toruk verify-log` reads it.
pub async fn receipt(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, receipt)): Path<(AuctionId, Uuid)>,
) -> Result<Response, Refusal> {
    let receipt = state.auctions.act_receipt(&desk.official, id, receipt).await?;
    let damaged = StoreError::damaged("application_receipt");
    let text = receipt.to_text().ok_or_else(|| damaged("its text"))?;
    let name = format!("{}-receipt.txt", receipt.body.decided_at.bishkek());
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition("attachment", &name)),
    ];
    Ok((headers, text).into_response())
}

/// Builds the page.
pub fn compose(
    page: Page,
    view: AuctionView,
    (winner, log): (Option<&Winner>, &[Record]),
    outcomes: Vec<ApplicationOutcome>,
) -> ResultPage {
    let auction = format!("/console/auctions/{}", view.auction.birth.id);
    let page = page.shown_at(format!("{auction}/result"));
    let winner = winner.map(|winner| ShownWinner {
        participant: page.text_with("participant", winner.bidder.to_string()),
        name: winner.contact.name.clone(),
        phone: winner.contact.phone.clone(),
        price: page.som(&winner.price),
    });
    ResultPage {
        protocols: protocol::compose(&page, &view.auction, log, false).kept,
        signed_acts: Vec::new(),
        log: format!("/v1/auctions/{}/log", view.auction.birth.id),
        number: view.number.clone(),
        title: view.lot.title.get(page.language.tag()).to_owned(),
        state: words::state(&page, &view.auction),
        sentence: super::auction::sentence(&page, &view.auction),
        applications: outcomes
            .into_iter()
            .map(|outcome| shown(&page, &view.auction, outcome))
            .collect(),
        auction,
        winner,
        page,
    }
}

fn shown(page: &Page, auction: &Auction, outcome: ApplicationOutcome) -> ShownOutcome {
    let ApplicationOutcome { application, number, bidder, offered, deposit, acts } = outcome;
    let id = auction.birth.id;
    let act = |(receipt, given): (Uuid, ApplicationReceipt)| ShownAct {
        text: act_text(page, &given),
        at: page.at(&given.body.decided_at),
        receipt: format!("/console/auctions/{id}/receipts/{receipt}"),
    };
    ShownOutcome {
        id: application.id.to_string(),
        number,
        participant: bidder.map(|bidder| page.text_with("participant", bidder.to_string())),
        state: words::application(page, application.status),
        deposit: deposit.map(|status| page.text_of("deposit", &status)),
        offered: offered.map(|price| page.som(&price)),
        reason: application.reason,
        acts: acts.into_iter().map(act).collect(),
    }
}

fn act_text(page: &Page, given: &ApplicationReceipt) -> String {
    let act = page.text_of("act-on-application", &given.body.act);
    match given.body.decision {
        ActDecision::Accepted => act,
        ActDecision::Refused(_) => format!("{act} · {}", page.text("act-was-refused")),
    }
}
