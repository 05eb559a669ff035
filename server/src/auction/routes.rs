//! Bids and the winner's answer, online only.

use super::bidding::answer::BidAnswer;
use super::evidence::SignedAct;
use super::service::{Error, Service};
use crate::arrivals::HANDLED_WITHIN;
use crate::catalogue::Paper;
use crate::context::Context;
use crate::identity::extract::bearer;
use crate::identity::{self, Bidder};
use crate::web::file_answer::{HashedFile, disposition};
use crate::web::paper_answer::{PaperAnswer, PaperQuery};
use crate::web::problem::{Body, Id, Params, Problem};
use crate::web::protocol_version::ProtocolVersion;
use crate::web::public_json::{self, CURRENT, Kept, readable_everywhere};
use crate::web::received::{CompleteRequest, run_as_bid};
use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::auction::Rejection;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::protocol::bid::{AnswerAward, BidReply, PlaceBid, ProtocolView};
use toruk_sync::protocol::contract::{ContractView, SignContract};
use toruk_sync::protocol::limits::SIGNATURE_BODY_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::Opening;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest that a paper waits for bids to be decided.
const PAPER_GIVES_WAY: Duration = Duration::from_millis(500);

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    identity::Service: FromRef<S>,
    Arc<Context>: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(place_bid))
        .routes(routes!(receipt))
        .routes(routes!(protocol))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(openings))
                .routes(routes!(result_protocol))
                .routes(routes!(protocol_file))
                .layer(readable_everywhere()),
        )
        .routes(routes!(protocol_signature))
        .routes(routes!(contract))
        .routes(routes!(contract_document))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(answer_award))
                .routes(routes!(sign_contract))
                .layer(DefaultBodyLimit::max(SIGNATURE_BODY_BYTES_MAX)),
        )
}

/// Raises the price by one step. The answer, accepted (201) or refused (200), is a signed receipt;
/// a repeated request with the same id gets the same one.
#[utoipa::path(post, path = "/v1/auctions/{id}/bids", tag = "bids",
    params(("id" = AuctionId, Path)), request_body = PlaceBid,
    responses((status = 201, body = BidReply), (status = 200, body = BidReply)))]
async fn place_bid(
    State(auctions): State<Service>,
    State(identity): State<identity::Service>,
    State(context): State<Arc<Context>>,
    Id(id): Id<AuctionId>,
    request: CompleteRequest,
) -> Result<Response, Problem> {
    let (arrived, request) = request.arrived();
    let stamp = auctions.stamp(id, arrived)?;
    let answer = run_as_bid(async move {
        // The session comes before a place in the queue, and a place before anything that costs.
        let token = bearer(request.headers()).ok_or(Problem::new(ProblemCode::SignedOut))?;
        let bidder = identity.bidder_of_bid(token).await?;
        let place = auctions.place_in_queue(&bidder, id, &stamp).await?;
        // A bid that is queued is decided before the close is written.
        if !place.hasty && stamp.age() > HANDLED_WITHIN {
            return Err(Problem::new(ProblemCode::Busy));
        }
        let body = request.body::<PlaceBid>().await?;
        Ok(auctions.place_bid(bidder, id, body, stamp, place).await?)
    });
    let answer = answer.await?;
    let status = if answer.is_accepted { StatusCode::CREATED } else { StatusCode::OK };
    let location = [(header::LOCATION, format!("/v1/bids/{}", answer.bid))];
    Ok((status, location, reply(&context, &answer)).into_response())
}

/// The answer to the caller's own bid, for a phone that lost it.
#[utoipa::path(get, path = "/v1/bids/{bid}", tag = "bids",
    operation_id = "get_receipt", params(("bid" = BidId, Path)),
    responses((status = 200, body = BidReply)))]
async fn receipt(
    State(auctions): State<Service>,
    State(context): State<Arc<Context>>,
    Id(bid): Id<BidId>,
    bidder: Bidder,
) -> Result<Response, Problem> {
    let answer = auctions.receipt(&bidder, bid).await?;
    Ok(reply(&context, &answer).into_response())
}

/// The result the proposed winner is asked to sign.
#[utoipa::path(get, path = "/v1/auctions/{id}/protocol", tag = "award",
    operation_id = "get_protocol",
    params(("id" = AuctionId, Path),
        ("Sync-Protocol" = Option<u32>, Header, description = "Before 2 it is asked without files.")),
    responses((status = 200, body = ProtocolView)))]
async fn protocol(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    bidder: Bidder,
    version: ProtocolVersion,
) -> Result<Json<ProtocolView>, Problem> {
    Ok(Json(auctions.protocol(&bidder, id, version.signs_files()).await?))
}

/// The opening of the winner's commitment in the auction's log, once they have confirmed; empty
/// before, and for an auction without a winner. Public, as the log is.
#[utoipa::path(get, path = "/v1/auctions/{id}/openings", tag = "award",
    operation_id = "list_openings", security(()),
    params(("id" = AuctionId, Path),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses((status = 200, body = Vec<Opening>,
        description = "The winner's opening; empty before the confirmation."),
        (status = 304, description = CURRENT)))]
async fn openings(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    public_json::answer(&asked, &auctions.openings(id).await?, Kept::Asked)
}

/// The protocol of the result as PDF/A-3a, with its data attached as JSON: of an auction with a
/// winner, without one, cancelled or suspended. Bidders are in it by their numbers. Public. It is
/// the file whose hash is in the log, as soon as that is made.
#[utoipa::path(get, path = "/v1/auctions/{id}/protocol.pdf", tag = "award",
    operation_id = "get_protocol_pdf", security(()),
    params(("id" = AuctionId, Path), PaperQuery,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf",
            description = "The protocol; its bytes change only with the decision."),
        (status = 304, description = CURRENT)))]
async fn result_protocol(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    Params(query): Params<PaperQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let language = query.language()?;
    if let Some(Paper { title, mime, sha256, path }) =
        auctions.current_protocol_file(id, language).await?
    {
        let file = HashedFile { path, mime, sha256, name: title, is_public: true };
        return file.answer_current(&asked, language.tag()).await;
    }
    let protocol = auctions.result_protocol(id).await?;
    auctions.give_way(PAPER_GIVES_WAY).await;
    let (content, name) = (protocol.json(), format!("{}-protocol", protocol.number));
    PaperAnswer { name: &name, content: &content, language, is_public: true }
        .answer(&asked, move || protocol.write(language))
        .await
}

/// A file of an official protocol, by its hash: the auction names them in `protocols`, and the log
/// in its records `protocol_kept`. Public.
#[utoipa::path(get, path = "/v1/auctions/{id}/protocols/{sha256}", tag = "award",
    operation_id = "get_protocol_file", security(()),
    params(("id" = AuctionId, Path), ("sha256" = String, Path, description = "The file's hash."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the kept copy.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf",
            description = "The protocol, exactly as it was made."),
        (status = 304, description = CURRENT)))]
async fn protocol_file(
    State(auctions): State<Service>,
    Id((id, sha256)): Id<(AuctionId, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let Paper { title: name, mime, sha256, path } = auctions.protocol_file(id, &sha256).await?;
    HashedFile { path, mime, sha256, name, is_public: true }.answer(&asked).await
}

/// A signature under the protocol, for the winner: their own (`winner`) or the organiser's
/// (`organiser`), with all that is needed to verify it: by certificate as ASiC-S, by eID as a zip
/// file.
#[utoipa::path(get, path = "/v1/auctions/{id}/protocol/signatures/{side}", tag = "award",
    operation_id = "get_protocol_signature",
    params(("id" = AuctionId, Path), ("side" = String, Path, description = "`winner` or `organiser`.")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.etsi.asic-s+zip",
            description = "What was signed, with its signature and the evidence.")))]
async fn protocol_signature(
    State(auctions): State<Service>,
    Id((id, side)): Id<(AuctionId, String)>,
    bidder: Bidder,
) -> Result<Response, Problem> {
    let act = match side.as_str() {
        "winner" => SignedAct::Award,
        "organiser" => SignedAct::Protocol,
        _ => return Err(Problem::new(ProblemCode::NotFound)),
    };
    let file = auctions.evidence_for_winner(&bidder, id, act).await?;
    let kind = file.media_type();
    let (content, ending) = file.into_parts();
    let name = disposition("attachment", &format!("{}.{ending}", act.key()));
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, content).into_response())
}

/// Records the winner's answer: a confirmation by signature, or a refusal.
#[utoipa::path(post, path = "/v1/auctions/{id}/award", tag = "award",
    params(("id" = AuctionId, Path),
        ("Sync-Protocol" = Option<u32>, Header, description = "As it was asked.")),
    request_body = AnswerAward,
    responses((status = 204)))]
async fn answer_award(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    bidder: Bidder,
    version: ProtocolVersion,
    Body(body): Body<AnswerAward>,
) -> Result<StatusCode, Problem> {
    auctions.answer_award(&bidder, id, &body, version.signs_files()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The contract that the winner is asked to sign, once an official has uploaded it.
#[utoipa::path(get, path = "/v1/auctions/{id}/contract", tag = "award",
    operation_id = "get_contract",
    params(("id" = AuctionId, Path)),
    responses((status = 200, body = ContractView)))]
async fn contract(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    bidder: Bidder,
) -> Result<Json<ContractView>, Problem> {
    Ok(Json(auctions.contract(&bidder, id).await?))
}

/// The contract's file, for the winner alone.
#[utoipa::path(get, path = "/v1/auctions/{id}/contract/document", tag = "award",
    operation_id = "get_contract_document",
    params(("id" = AuctionId, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf",
            description = "The contract's file.")))]
async fn contract_document(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    bidder: Bidder,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let Paper { title: name, mime, sha256, path } = auctions.contract_paper(&bidder, id).await?;
    HashedFile { path, mime, sha256, name, is_public: false }.answer(&asked).await
}

/// Records the winner's signature under the contract.
#[utoipa::path(post, path = "/v1/auctions/{id}/contract", tag = "award",
    params(("id" = AuctionId, Path)), request_body = SignContract,
    responses((status = 204)))]
async fn sign_contract(
    State(auctions): State<Service>,
    Id(id): Id<AuctionId>,
    bidder: Bidder,
    Body(body): Body<SignContract>,
) -> Result<StatusCode, Problem> {
    auctions.sign_contract_as_winner(&bidder, id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A [`BidReply`] around a receipt that is JSON already.
fn reply(context: &Context, answer: &BidAnswer) -> impl IntoResponse + use<> {
    let BidAnswer { receipt, .. } = answer;
    let json = format!("{{\"receipt\":{receipt},\"server_time\":{}}}", context.ports.clock.now().0);
    ([(header::CONTENT_TYPE, "application/json")], json)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden | Error::NotParticipant => Self::new(ProblemCode::Forbidden),
            Error::KeyCooldown(until) => {
                Self::new(ProblemCode::KeyCooldown).with("until", until.0.to_string())
            }
            Error::Rejected(rejection) => rejected(rejection),
            Error::LotInUse => Self::new(ProblemCode::RuleBroken).with("fault", "lot_in_use"),
            Error::HolderChanged => {
                Self::new(ProblemCode::RuleBroken).with("fault", "holder_changed")
            }
            Error::NothingToCorrect => {
                Self::new(ProblemCode::RuleBroken).with("fault", "nothing_to_correct")
            }
            Error::Catalogue(error) => error.into(),
            Error::HolderUnknown => Self::new(ProblemCode::Missing).with("field", "lot_holder"),
            Error::Signature(refusal) => refusal.into(),
            Error::BadSignature => Self::new(ProblemCode::BadSignature),
            Error::ConfirmationExpired => Self::new(ProblemCode::ConfirmationExpired),
            Error::MethodNotAccepted => {
                Self::new(ProblemCode::RuleBroken).with("fault", "method_not_accepted")
            }
            Error::OddId => Self::new(ProblemCode::Malformed).with("field", "bid"),
            Error::IdReused => Self::new(ProblemCode::IdReused),
            Error::Busy | Error::Paused => Self::new(ProblemCode::Busy),
            Error::Unknown => Self::new(ProblemCode::Unknown),
            Error::Conflict(conflict) => {
                Self::new(ProblemCode::ConflictOfInterest).with("conflict", conflict.key())
            }
            Error::Identity(error) => error.into(),
            Error::Paper(error) => Self::internal(&error),
            Error::Store(error) => error.into(),
        }
    }
}

fn rejected(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::WrongState | Rejection::AlreadyRelaunched | Rejection::Bid(_) => {
            Problem::new(ProblemCode::WrongState)
        }
        Rejection::SecondPersonNeeded => Problem::new(ProblemCode::SecondPersonNeeded),
        Rejection::Offer(fault) => {
            let name = serde_json::to_value(fault).ok();
            let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
            Problem::new(ProblemCode::RuleBroken).with("fault", name)
        }
        Rejection::ReasonNeeded => Problem::new(ProblemCode::Missing).with("field", "reason"),
        Rejection::TooLate => Problem::new(ProblemCode::DeadlinePassed),
        Rejection::ResumeTooSoon => {
            Problem::new(ProblemCode::RuleBroken).with("fault", "resume_too_soon")
        }
        Rejection::NotTheWinner => Problem::new(ProblemCode::Forbidden),
    }
}
