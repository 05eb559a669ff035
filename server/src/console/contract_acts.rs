//! What officials do with the contract's file: uploading it, reading it, and signing it for the lot
//! holder with their passkey.

use super::access::PasskeyAnswer;
use super::auction;
use super::contract_signing;
use super::cookies;
use super::layout::{StaffPage, done};
use super::lot_intake::Parts;
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::Error;
use crate::catalogue::{self, Paper};
use crate::web::file_answer::HashedFile;
use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::identity::Challenge;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload as _;
use uuid::Uuid;

/// Time in which a passkey must have signed, milliseconds.
const SIGN_WITHIN_MS: u32 = 120_000;

/// `POST /console/auctions/{id}/contract-file`: the contract, a PDF, for both to sign.
pub async fn upload(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let parts = Parts::read(form).await?;
    let title = parts.text().to_owned();
    let Some(content) = parts.content() else {
        let refusal = Refusal::unprocessable("contract-no-file");
        return auction::overview(&state, &desk, id, Some(refusal), title).await;
    };
    match state.auctions.upload_contract(&desk.official, id, &title, &content).await {
        Ok(()) => Ok(done(&state, &format!("/console/auctions/{id}"), "contract-uploaded")),
        Err(Error::Catalogue(catalogue::Error::Malformed(_))) => {
            let refusal = Refusal::unprocessable("contract-no-file");
            auction::overview(&state, &desk, id, Some(refusal), title).await
        }
        Err(error) => auction::overview(&state, &desk, id, Some(error.into()), title).await,
    }
}

/// `GET /console/auctions/{id}/contract-file`: the file.
pub async fn file(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let paper = state.auctions.contract_paper_for(&desk.official, id).await?;
    let Paper { title: name, mime, sha256, path } = paper;
    let answered = HashedFile { path, mime, sha256, name, is_public: false }.answer(&asked).await;
    answered.map_err(|_| Refusal::not_found())
}

/// `POST /console/auctions/{id}/contract/sign/start`: what the official's passkey has to sign: the
/// digest of exactly what the winner has signed.
pub async fn start_sign(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Json<Challenge>, Refusal> {
    desk.organiser()?;
    let known = contract_signing::known(&state, &desk, id).await?;
    let options = json!({ "publicKey": {
        "challenge": URL_SAFE_NO_PAD.encode(known.payload.digest()),
        "rpId": state.identity.rp_id(),
        "userVerification": "required",
        "timeout": SIGN_WITHIN_MS,
    }});
    Ok(Json(Challenge { ceremony: Uuid::nil(), options }))
}

/// `POST /console/auctions/{id}/contract/sign/finish`: signs for the lot holder.
pub async fn finish_sign(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Json(PasskeyAnswer { credential, .. }): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let confirmation = Confirmation::Passkey { credential };
    state.auctions.sign_contract_as_holder(&desk.official, id, &confirmation).await?;
    let path = format!("/console/auctions/{id}");
    let done = cookies::remember_done(&state.context.config, &path, "contract");
    Ok((done, StatusCode::NO_CONTENT).into_response())
}
