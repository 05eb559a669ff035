//! The contract signed by an official's certificate (ЭЦП): the bytes to sign as a file, and the
//! signature (`.p7s`) that any program has made over them.

use super::auction;
use super::layout::{StaffPage, done};
use super::lot_intake::Parts;
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::{ContractFile, Error};
use crate::db::StoreError;
use crate::signature::from_file;
use crate::web::file_answer::disposition;
use axum::extract::{Multipart, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload as _;

/// `GET /console/auctions/{id}/contract/text`: exactly the bytes that both sides sign.
pub async fn text(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let known = known(&state, &desk, id).await?;
    let name = format!("{}-contract-to-sign.txt", known.payload.number);
    let headers = [
        // No text type: nobody on the way may change a line's end.
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition("attachment", &name)),
    ];
    Ok((headers, known.payload.canonical()).into_response())
}

/// `POST /console/auctions/{id}/contract/certificate`: signs for the lot holder by a signature from
/// a file.
pub async fn sign(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let content = Parts::read(form).await?.content();
    let signature = match content.as_deref().map(from_file) {
        Some(Ok(signature)) => signature,
        Some(Err(fault)) => return again(&state, &desk, id, Refusal::signature(fault)).await,
        None => {
            let refusal = Refusal::unprocessable("certificate-no-file");
            return again(&state, &desk, id, refusal).await;
        }
    };
    let confirmation = Confirmation::Cms { signature };
    match state.auctions.sign_contract_as_holder(&desk.official, id, &confirmation).await {
        Ok(()) => Ok(done(&state, &format!("/console/auctions/{id}"), "contract")),
        Err(error) => again(&state, &desk, id, error.into()).await,
    }
}

async fn again(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    refusal: Refusal,
) -> Result<Response, Refusal> {
    auction::overview(state, desk, id, Some(refusal), String::new()).await
}

/// The contract, for an official of its organiser.
///
/// # Errors
/// [`Refusal`] for others, and before a file was uploaded.
pub async fn known(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
) -> Result<ContractFile, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let known = state.auctions.contract_for(&desk.official, &view.auction).await?;
    Ok(known.ok_or(Error::Store(StoreError::NotFound))?)
}
