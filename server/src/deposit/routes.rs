//! Paying a deposit, and the payment system's callback.

use super::service::{Error, Service};
use crate::identity::{self, Bidder};
use crate::web::paper_answer::{PaperAnswer, PaperQuery};
use crate::web::problem::{Body, Id, Params, Problem};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRef, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use toruk_sync::domain::deposit::{Intent, Rejection};
use toruk_sync::domain::id::{ApplicationId, IntentId};
use toruk_sync::protocol::deposit::{BeginPayment, PaymentWays};
use toruk_sync::protocol::limits::BODY_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of payments.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    identity::Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(ways))
        .routes(routes!(slip))
        .routes(routes!(callback))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}

/// Begins an attempt to pay the deposit; a repeated request with the same id begins no second one.
#[utoipa::path(post, path = "/v1/applications/{id}/payments", tag = "payments",
    operation_id = "begin_payment",
    params(("id" = ApplicationId, Path)),
    request_body = BeginPayment,
    responses((status = 200, body = Intent)))]
async fn begin(
    State(deposits): State<Service>,
    bidder: Bidder,
    Id(id): Id<ApplicationId>,
    Body(body): Body<BeginPayment>,
) -> Result<Json<Intent>, Problem> {
    Ok(Json(deposits.begin(&bidder, id, body).await?))
}

/// The ways to pay: banks and wallets to choose from, and the operator's account for transfers.
#[utoipa::path(get, path = "/v1/payments/ways", tag = "payments",
    operation_id = "get_payment_ways",
    responses((status = 200, body = PaymentWays)))]
async fn ways(State(deposits): State<Service>, _: Bidder) -> Json<PaymentWays> {
    Json(deposits.ways().await)
}

/// The slip for the caller's own code at a bank's branch as PDF/A-3a, to be kept for when there is no
/// network, and printed.
#[utoipa::path(get, path = "/v1/applications/{id}/payments/{payment}/slip.pdf", tag = "payments",
    operation_id = "get_payment_slip",
    params(("id" = ApplicationId, Path), ("payment" = IntentId, Path), PaperQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf",
            description = "The slip, while the code can be paid.")))]
async fn slip(
    State(deposits): State<Service>,
    bidder: Bidder,
    Id((id, payment)): Id<(ApplicationId, IntentId)>,
    Params(query): Params<PaperQuery>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let language = query.language()?;
    let slip = deposits.payment_slip(&bidder, id, payment).await?;
    let (content, name) = (format!("{slip:?}"), format!("{}-payment", slip.number));
    PaperAnswer { name: &name, content: &content, language, is_public: false }
        .answer(&asked, move || slip.write(language))
        .await
}

/// Callback of the payment system: there is news of an order. The server asks the payment system
/// before it believes anything.
#[utoipa::path(post, path = "/v1/payments/callback", tag = "payments",
    operation_id = "report_payment", security(()),
    params(
        ("X-Merchant" = String, Header, description = "The merchant's name."),
        ("X-Timestamp" = i64, Header, description = "The time of the request, Unix seconds."),
        ("X-Signature" = String, Header, description = "HMAC-SHA256 as `server/GATEWAY.md` says."),
    ),
    request_body(content = Object, description = "As `server/GATEWAY.md` says."),
    responses((status = 204, description = "Checked."), (status = 401, description = "Forged.")))]
async fn callback(
    State(deposits): State<Service>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    deposits.callback(&headers, uri.path(), &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden => Self::new(ProblemCode::Forbidden),
            Error::Rejected(Rejection::WrongState | Rejection::AlreadyPaid) => {
                Self::new(ProblemCode::WrongState)
            }
            Error::Rejected(Rejection::SecondPersonNeeded) => {
                Self::new(ProblemCode::SecondPersonNeeded)
            }
            Error::Rejected(Rejection::ReasonNeeded) => {
                Self::new(ProblemCode::Missing).with("field", "reason")
            }
            Error::Conflict(conflict) => {
                Self::new(ProblemCode::ConflictOfInterest).with("conflict", conflict.key())
            }
            Error::Rejected(Rejection::TooLate | Rejection::Lapsed) => {
                Self::new(ProblemCode::DeadlinePassed)
            }
            Error::GatewayUnavailable => Self::new(ProblemCode::GatewayUnavailable),
            Error::IdReused => Self::new(ProblemCode::IdReused),
            Error::UnknownProvider => Self::new(ProblemCode::Malformed).with("field", "provider"),
            Error::TooManyAttempts => Self::new(ProblemCode::LimitReached),
            Error::Forged => Self::new(ProblemCode::BadSignature).at(StatusCode::UNAUTHORIZED),
            Error::Store(error) => error.into(),
        }
    }
}
