//! Downloads of what certificates or eID have confirmed, with the evidence of that.

use super::layout::StaffPage;
use super::refusal::Refusal;
use crate::AppState;
use crate::application::masked;
use crate::auction::SignedAct;
use crate::identity::EvidenceFile;
use crate::web::file_answer::disposition;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use toruk_sync::domain::id::{ApplicationId, AuctionId};

/// `GET /console/applications/{id}/evidence`: the signed application.
pub async fn of_application(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Refusal> {
    let file = state.applications.evidence(&desk.official, id).await?;
    Ok(download(&format!("application-{}", masked(id)), file))
}

/// `GET /console/auctions/{id}/award/evidence`: the protocol that the winner has signed.
pub async fn of_award(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    of_auction(&state, &desk, id, SignedAct::Award).await
}

/// `GET /console/auctions/{id}/protocol/evidence`: the protocol's files as the organiser has signed
/// them.
pub async fn of_protocol(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    of_auction(&state, &desk, id, SignedAct::Protocol).await
}

/// `GET /console/auctions/{id}/contract/evidence`: the contract that the winner has signed.
pub async fn of_contract(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    of_auction(&state, &desk, id, SignedAct::Contract).await
}

/// `GET /console/auctions/{id}/contract-holder/evidence`: the contract that an official has signed.
pub async fn of_holder(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    of_auction(&state, &desk, id, SignedAct::ContractHolder).await
}

async fn of_auction(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    act: SignedAct,
) -> Result<Response, Refusal> {
    let file = state.auctions.evidence(&desk.official, id, act).await?;
    let number = state.catalogue.view_for(&desk.official, id).await?.number;
    Ok(download(&format!("{number}-{}", act.key()), file))
}

fn download(name: &str, file: EvidenceFile) -> Response {
    let kind = file.media_type();
    let (content, ending) = file.into_parts();
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition("attachment", &format!("{name}.{ending}"))),
    ];
    (headers, content).into_response()
}
