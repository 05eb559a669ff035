//! Papers before an official's eyes: small pictures, a page with the paper in it, and the papers of
//! an auction with those that a correction has replaced.
//!
//! # Why the frame has no attribute `sandbox`
//! Browsers show no PDF in such a frame. The paper itself is sent with the policy's `sandbox`: it
//! has no scripts, no forms and no origin, framed or not.

use super::guard;
use super::layout::{Page, StaffPage, render};
use super::refusal::Refusal;
use crate::AppState;
use crate::catalogue::Paper;
use crate::web::file_answer::HashedFile;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use toruk_sync::domain::auction::{Auction, Event};
use toruk_sync::domain::id::{AuctionId, LotId};
use toruk_sync::protocol::catalogue::PublishedDocument;
use toruk_sync::receipt::Record;

/// Page with one paper in it.
#[derive(Template)]
#[template(path = "paper.html")]
pub struct PaperPage {
    pub page: Page,
    /// The page to go back to.
    pub back: String,
    pub title: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// Where the content is.
    pub source: String,
    pub is_picture: bool,
}

/// A published paper of an auction.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownPaper {
    pub title: String,
    pub sha256: String,
    pub size: String,
    /// Address of its small copy, for a picture.
    pub thumbnail: Option<String>,
    pub since: String,
    /// The moment of the correction that replaced it, and the link to that record of the log.
    pub replaced: Option<(String, String)>,
}

/// `GET /console/lots/{id}/documents/{sha256}/thumbnail`: the small copy of a picture.
pub async fn lot_thumbnail(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Path((id, sha256)): Path<(LotId, String)>,
) -> Result<Response, Refusal> {
    let paper = state.catalogue.lot_paper(&desk.official, id, &sha256).await?;
    answer(state.catalogue.thumbnail(paper).await?, &headers, false).await
}

/// `GET /console/lots/{id}/documents/{sha256}/preview`: a page with a lot's document in it.
pub async fn lot_preview(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, sha256)): Path<(LotId, String)>,
) -> Result<Response, Refusal> {
    let paper = state.catalogue.lot_paper(&desk.official, id, &sha256).await?;
    let back = format!("/console/lots/{id}");
    let source = format!("{back}/documents/{sha256}/frame");
    preview(&state, desk.page, paper, (back, source))
}

/// `GET /console/lots/{id}/documents/{sha256}/frame`: the document, for this console's frame.
pub async fn lot_frame(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Path((id, sha256)): Path<(LotId, String)>,
) -> Result<Response, Refusal> {
    answer(state.catalogue.lot_paper(&desk.official, id, &sha256).await?, &headers, true).await
}

/// `GET /console/auctions/{id}/papers/{sha256}`: a page with a published document in it, also one
/// that was replaced.
pub async fn auction_preview(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, sha256)): Path<(AuctionId, String)>,
) -> Result<Response, Refusal> {
    state.catalogue.view_for(&desk.official, id).await?;
    let paper = state.catalogue.paper(id, &sha256).await?;
    let back = format!("/console/auctions/{id}");
    let source = format!("{back}/papers/{sha256}/frame");
    preview(&state, desk.page, paper, (back, source))
}

/// `GET /console/auctions/{id}/papers/{sha256}/frame`: the document, for this console's frame.
pub async fn auction_frame(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Path((id, sha256)): Path<(AuctionId, String)>,
) -> Result<Response, Refusal> {
    state.catalogue.view_for(&desk.official, id).await?;
    answer(state.catalogue.paper(id, &sha256).await?, &headers, true).await
}

/// The papers of a published auction in words; `log` has the records that the page shows.
///
/// # Errors
/// If the database fails.
pub async fn of_auction(
    state: &AppState,
    page: &Page,
    auction: &Auction,
    log: &[Record],
) -> Result<Vec<ShownPaper>, Refusal> {
    if !auction.is_public() {
        return Ok(Vec::new());
    }
    let papers = state.catalogue.papers(auction.birth.id).await?;
    Ok(papers.into_iter().map(|paper| shown(page, auction.birth.id, paper, log)).collect())
}

/// A paper in words.
pub fn shown(page: &Page, id: AuctionId, paper: PublishedDocument, log: &[Record]) -> ShownPaper {
    let PublishedDocument { title, mime, sha256, size_bytes, since, until } = paper;
    let corrects =
        |record: &&Record, at| record.at == at && matches!(record.event, Event::Amended { .. });
    let corrigendum = |at| match log.iter().find(|record| corrects(record, at)) {
        Some(record) => format!("#log-{}", record.seq),
        // It is in the log, farther back than the page shows.
        None => format!("/v1/auctions/{id}/log"),
    };
    let is_picture = mime.starts_with("image/");
    ShownPaper {
        thumbnail: is_picture.then(|| format!("/v1/auctions/{id}/documents/{sha256}/thumbnail")),
        size: page.file_size(&size_bytes),
        since: page.at(&since),
        replaced: until.map(|at| (page.at(&at), corrigendum(at))),
        title,
        sha256,
    }
}

fn preview(
    state: &AppState,
    page: Page,
    paper: Paper,
    (back, source): (String, String),
) -> Result<Response, Refusal> {
    let Paper { title, mime, sha256, .. } = paper;
    let is_picture = mime.starts_with("image/");
    let shown = PaperPage { page, back, title, sha256, source, is_picture };
    let mut response = render(&shown)?;
    let policy = guard::policy(state.context.config.local_signer.as_deref(), true);
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

async fn answer(paper: Paper, asked: &HeaderMap, framed: bool) -> Result<Response, Refusal> {
    let Paper { title: name, mime, sha256, path } = paper;
    let file = HashedFile { path, mime, sha256, name, is_public: false };
    let answered = if framed { file.answer_framed(asked).await } else { file.answer(asked).await };
    answered.map_err(|problem| Refusal::of_status(problem.into_response().status()))
}
