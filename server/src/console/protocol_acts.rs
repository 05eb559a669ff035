//! The organiser's signature under the protocol that stands: by passkey, or by a certificate's file
//! (`.p7s`).

use super::access::PasskeyAnswer;
use super::auction;
use super::cookies;
use super::layout::{StaffPage, done};
use super::lot_intake::Parts;
use super::refusal::Refusal;
use crate::AppState;
use crate::signature::from_file;
use crate::web::file_answer::disposition;
use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
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

/// `GET /console/auctions/{id}/protocol/text`: exactly the bytes that the organiser signs.
pub async fn text(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let payload = state.auctions.protocol_to_sign(&desk.official, id).await?;
    let number = state.catalogue.view_for(&desk.official, id).await?.number;
    let headers = [
        // No text type: nobody on the way may change a line's end.
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            disposition("attachment", &format!("{number}-protocol-to-sign.txt")),
        ),
    ];
    Ok((headers, payload.canonical()).into_response())
}

/// `POST /console/auctions/{id}/protocol/certificate`: signs by a signature from a file.
pub async fn sign(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let content = Parts::read(form).await?.content();
    let refusal = match content.as_deref().map(from_file) {
        Some(Ok(signature)) => {
            let confirmation = Confirmation::Cms { signature };
            match state.auctions.sign_protocol(&desk.official, id, &confirmation).await {
                Ok(()) => {
                    let path = format!("/console/auctions/{id}");
                    return Ok(done(&state, &path, "protocol-signed"));
                }
                Err(error) => error.into(),
            }
        }
        Some(Err(fault)) => Refusal::signature(fault),
        None => Refusal::unprocessable("certificate-no-file"),
    };
    auction::overview(&state, &desk, id, Some(refusal), String::new()).await
}

/// `POST /console/auctions/{id}/protocol/sign/start`: what the official's passkey has to sign.
pub async fn start_sign(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Json<Challenge>, Refusal> {
    let payload = state.auctions.protocol_to_sign(&desk.official, id).await?;
    let options = json!({ "publicKey": {
        "challenge": URL_SAFE_NO_PAD.encode(payload.digest()),
        "rpId": state.identity.rp_id(),
        "userVerification": "required",
        "timeout": SIGN_WITHIN_MS,
    }});
    Ok(Json(Challenge { ceremony: Uuid::nil(), options }))
}

/// `POST /console/auctions/{id}/protocol/sign/finish`: signs for the organiser.
pub async fn finish_sign(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Json(PasskeyAnswer { credential, .. }): Json<PasskeyAnswer>,
) -> Result<Response, Refusal> {
    let confirmation = Confirmation::Passkey { credential };
    state.auctions.sign_protocol(&desk.official, id, &confirmation).await?;
    let path = format!("/console/auctions/{id}");
    let done = cookies::remember_done(&state.context.config, &path, "protocol-signed");
    Ok((done, StatusCode::NO_CONTENT).into_response())
}
