//! Actions of two officials: the forms that propose them, and the open proposals.
//!
//! Both are on the auction's page and on the live page, where `proposals.js` requests them every
//! few seconds: a proposal is not in the log, so the live stream does not carry it.

use super::auction;
use super::joint_acts::{Joint, load};
use super::layout::{Page, StaffPage, done, render};
use super::lot_intake::Parts;
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::Role;
use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// The part of the live page that is requested repeatedly.
#[derive(Template)]
#[template(path = "proposals.html")]
pub struct ProposalsFragment {
    pub page: Page,
    pub joint: Joint,
}

/// The form of a stop, with the observed fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendForm {
    reason: String,
}

/// The form of a resumption, with its moment on Bishkek's wall clock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeForm {
    at: String,
}

/// `GET /console/auctions/{id}/proposals`: this part of the page.
pub async fn fragment(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let joint = load(&state, &desk, &view.auction).await?;
    render(&ProposalsFragment { page: desk.page, joint })
}

/// `POST /console/auctions/{id}/suspend`: proposes to stop the clock.
pub async fn suspend(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<SuspendForm>,
) -> Result<Response, Refusal> {
    propose(&state, &desk, id, JointAct::Suspend { reason: form.reason }).await
}

/// `POST /console/auctions/{id}/resume`: proposes a resumption.
pub async fn resume(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<ResumeForm>,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    match Timestamp::parse_bishkek(form.at.trim()) {
        Some(at) => propose(&state, &desk, id, JointAct::Resume { at }).await,
        None => {
            let refusal = Refusal::unprocessable("fault-moment");
            auction::overview(&state, &desk, id, Some(refusal), String::new()).await
        }
    }
}

/// `POST /console/auctions/{id}/cancel`: the reason, and the document of which the hash is stored.
pub async fn cancel(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    let act = |reason, document| JointAct::Cancel { reason, document };
    documented(&state, &desk, id, form, act).await
}

/// `POST /console/auctions/{id}/disqualify`: as the cancellation.
pub async fn disqualify(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    let act = |reason, document| JointAct::DisqualifyWinner { reason, document };
    documented(&state, &desk, id, form, act).await
}

/// `POST /console/auctions/{id}/refusal`: as the cancellation; the document is the winner's letter.
pub async fn record_refusal(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    let act = |reason, document| JointAct::RecordRefusal { reason, document };
    documented(&state, &desk, id, form, act).await
}

/// `POST /console/auctions/{id}/proposals/{proposal}/approve`: approves it.
pub async fn approve(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(AuctionId, Uuid)>,
) -> Result<Response, Refusal> {
    match state.auctions.approve(&desk.official, id, proposal).await {
        Ok(()) => back(&state, &desk, id, "approved").await,
        Err(error) => refused(&state, &desk, id, error.into()).await,
    }
}

/// `POST /console/auctions/{id}/proposals/{proposal}/decline`: declines or withdraws it.
pub async fn decline(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(AuctionId, Uuid)>,
) -> Result<Response, Refusal> {
    match state.auctions.decline(&desk.official, id, proposal).await {
        Ok(()) => back(&state, &desk, id, "declined").await,
        Err(error) => refused(&state, &desk, id, error.into()).await,
    }
}

async fn documented(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    form: Multipart,
    act: impl FnOnce(String, String) -> JointAct,
) -> Result<Response, Refusal> {
    let parts = Parts::read(form).await?;
    let reason = parts.text().to_owned();
    match parts.content() {
        Some(content) => {
            let document = hex::encode(Sha256::digest(content));
            propose(state, desk, id, act(reason, document)).await
        }
        None => {
            let refusal = Refusal::unprocessable("joint-no-document");
            auction::overview(state, desk, id, Some(refusal), reason).await
        }
    }
}

async fn propose(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    act: JointAct,
) -> Result<Response, Refusal> {
    match state.auctions.propose(&desk.official, id, act).await {
        Ok(decided) => {
            let what = if decided { "approved" } else { "proposed" };
            back(state, desk, id, what).await
        }
        Err(error) => refused(state, desk, id, error.into()).await,
    }
}

async fn refused(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    refusal: Refusal,
) -> Result<Response, Refusal> {
    auction::overview(state, desk, id, Some(refusal), String::new()).await
}

/// Redirects to the live page while there is something to watch, or to the auction's.
async fn back(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    what: &str,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let live = matches!(view.auction.status, Status::Waiting | Status::Bidding);
    Ok(done(state, &format!("/console/auctions/{id}{}", if live { "/live" } else { "" }), what))
}

/// Passes officials who may propose anything; the service checks the details.
fn watcher(desk: &StaffPage) -> Result<(), Refusal> {
    Ok(desk.official.any(&[Role::Organiser, Role::Moderator])?)
}
