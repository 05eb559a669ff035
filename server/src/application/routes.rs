//! The lane on which phones deliver.

use super::service::{Error, Service};
use crate::AppState;
use crate::identity::Bidder;
use crate::problem::{Body, Problem};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use toruk_sync::domain::application::Rejection;
use toruk_sync::protocol::limits::PUSH_BODY_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::sync::{Push, PushReply};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of the command lane.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(push)).layer(DefaultBodyLimit::max(PUSH_BODY_BYTES_MAX))
}

/// Delivers operations that were prepared without a connection; each is decided once.
#[utoipa::path(post, path = "/v1/sync/push", tag = "sync",
    request_body = Push,
    responses((status = 200, body = PushReply)))]
async fn push(
    State(applications): State<Service>,
    bidder: Bidder,
    Body(body): Body<Push>,
) -> Result<Json<PushReply>, Problem> {
    Ok(Json(applications.push(&bidder, body).await?))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden => Self::new(ProblemCode::Forbidden),
            Error::Rejected(rejection) => rejection.into(),
            Error::TooManyOps => Self::new(ProblemCode::TooLarge),
            Error::Blob(error) => error.into(),
            Error::Identity(_) => Self::internal(&error),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::DeadlinePassed { tender_end } => {
                Self::new(ProblemCode::DeadlinePassed).with("tender_end", tender_end.0)
            }
            Rejection::TermsChanged { version } => {
                Self::new(ProblemCode::WrongState).with("version", version)
            }
            Rejection::ReasonNeeded => Self::new(ProblemCode::Missing).with("field", "reason"),
            Rejection::MethodNotAccepted => Self::new(ProblemCode::RuleBroken),
            Rejection::NotTendering | Rejection::Duplicate { .. } | Rejection::WrongState => {
                Self::new(ProblemCode::WrongState)
            }
        }
    }
}
