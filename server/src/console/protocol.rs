//! Official protocols on an auction's page, and the organiser's signature under the one that stands:
//! by passkey, or by a certificate's file (`.p7s`).

use super::access::PasskeyAnswer;
use super::auction;
use super::contract::CertificateOffer;
use super::cookies;
use super::layout::{Page, StaffPage, done};
use super::lot_intake::Parts;
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::Role;
use crate::signature::from_file;
use crate::web::file_answer::disposition;
use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use toruk_sync::domain::auction::{Auction, Event, KeptProtocol, ProtocolSubject};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::protocol::identity::Challenge;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::receipt::Record;
use toruk_sync::signing::{ProtocolFilesPayload, SignedPayload as _};
use uuid::Uuid;

/// Time in which a passkey must have signed, milliseconds.
const SIGN_WITHIN_MS: u32 = 120_000;

/// The protocols of an auction in words.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownProtocols {
    /// The one of the decision that stands first, then earlier ones, the latest first.
    pub kept: Vec<ShownProtocol>,
    /// Set if this official may sign the first of them now.
    pub signs: bool,
    /// Set if they may sign by certificate, too.
    pub certificate: Option<CertificateOffer>,
}

/// A protocol in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownProtocol {
    pub subject: String,
    /// The moment at which it was made, if the page has that record of the log.
    pub made: Option<String>,
    pub files: Vec<ShownProtocolFile>,
    /// Set if the organiser has signed; the moment as above.
    pub is_signed: bool,
    pub signed: Option<String>,
    /// Set if it is of the decision that stands.
    pub stands: bool,
}

/// A file of a protocol in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct ShownProtocolFile {
    pub language: String,
    pub address: String,
    pub size: String,
    pub sha256: String,
}

/// The protocols of an auction as its page shows them; `log` has the records that the page shows.
pub fn load(
    state: &AppState,
    desk: &StaffPage,
    auction: &Auction,
    log: &[Record],
) -> ShownProtocols {
    let organisation = Some(auction.birth.procuring_entity);
    let is_organiser = desk.official.any_in(&[Role::Organiser], organisation).is_ok();
    let mut shown = compose(&desk.page, auction, log, is_organiser);
    let accepted = &auction.birth.rules.award_confirmation;
    let by_certificate = shown.signs
        && accepted.contains(&ConfirmationMethod::Eds)
        && state.identity.accepts_certificates();
    let current = auction.current_protocol().filter(|_| by_certificate);
    shown.certificate = current.map(|kept| {
        let (of, files) = (kept.of, kept.files.clone());
        let payload = ProtocolFilesPayload { auction: auction.birth.id, of, files };
        CertificateOffer {
            act: "protocol",
            text_sha256: hex::encode(payload.digest()),
            local_signer: state.context.config.local_signer.clone(),
        }
    });
    shown
}

/// Describes the protocols of an auction in words.
pub fn compose(
    page: &Page,
    auction: &Auction,
    log: &[Record],
    is_organiser: bool,
) -> ShownProtocols {
    let current = auction.protocol_subject();
    let mut kept: Vec<_> = auction.protocols.iter().rev().collect();
    kept.sort_by_key(|kept| Some(kept.of) != current);
    let of_current = kept.first().filter(|kept| Some(kept.of) == current);
    ShownProtocols {
        signs: is_organiser && of_current.is_some_and(|kept| kept.signed.is_none()),
        certificate: None,
        kept: kept.iter().map(|kept| shown(page, auction, kept, log)).collect(),
    }
}

fn shown(page: &Page, auction: &Auction, kept: &KeptProtocol, log: &[Record]) -> ShownProtocol {
    let moment = |is_it: &dyn Fn(&Event) -> bool| {
        log.iter().find(|record| is_it(&record.event)).map(|record| page.at(&record.at))
    };
    let id = auction.birth.id;
    ShownProtocol {
        subject: subject(page, kept.of),
        made: moment(&|event| matches!(event, Event::ProtocolKept { of, .. } if *of == kept.of)),
        files: kept
            .files
            .iter()
            .map(|file| ShownProtocolFile {
                language: page.text_for("paper-language", &file.language),
                address: format!("/v1/auctions/{id}/protocols/{}", file.sha256),
                size: page.file_size(&file.size_bytes),
                sha256: file.sha256.clone(),
            })
            .collect(),
        is_signed: kept.signed.is_some(),
        signed: moment(
            &|event| matches!(event, Event::ProtocolSigned { of, .. } if *of == kept.of),
        ),
        stands: Some(kept.of) == auction.protocol_subject(),
    }
}

/// The decision that a protocol is about, in words.
pub fn subject(page: &Page, of: ProtocolSubject) -> String {
    match of {
        ProtocolSubject::Award { .. } => page.text("protocol-of-award"),
        ProtocolSubject::Failure => page.text("protocol-of-failure"),
        ProtocolSubject::Cancellation => page.text("protocol-of-cancellation"),
        ProtocolSubject::Suspension { .. } => page.text("protocol-of-suspension"),
    }
}

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
