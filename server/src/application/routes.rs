//! Where phones deliver the operations of their log.

use super::service::Error;
use crate::AppState;
use crate::web::problem::Problem;
use crate::web::protocol_version::Speaks;
use crate::web::received::{Arrived, to_the_end};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use toruk_sync::domain::application::Rejection;
use toruk_sync::protocol::limits::PUSH_BODY_BYTES_MAX;
use toruk_sync::protocol::operations::{Push, PushReply};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::PROTOCOL_MIN;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Seconds after which a phone asks again whose files are still being scanned.
const SCAN_S: u64 = 2;

/// The routes of the operation log.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(push)).layer(DefaultBodyLimit::max(PUSH_BODY_BYTES_MAX))
}

/// Delivers operations that were prepared without a connection; each is decided once. Of a phone
/// that is too old, drafts are taken up to the first command.
#[utoipa::path(post, path = "/v1/sync/push", tag = "sync",
    request_body = Push,
    params(("Sync-Protocol" = Option<u32>, Header, description = "What the phone speaks")),
    responses((status = 200, body = PushReply)))]
async fn push(
    State(state): State<AppState>,
    speaks: Speaks,
    request: Arrived,
) -> Result<Json<PushReply>, Problem> {
    to_the_end(async move {
        let arrived = request.at;
        let (bidder, body) = request.from_bidder::<Push>(&state).await?;
        Ok(Json(state.applications.push(&bidder, body, arrived, speaks.is_understood()).await?))
    })
    .await
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Forbidden => Self::new(ProblemCode::Forbidden),
            Error::Rejected(rejection) => rejection.into(),
            Error::UpgradeRequired => {
                Self::new(ProblemCode::UpgradeRequired).with("min", PROTOCOL_MIN)
            }
            Error::TooManyOps => Self::new(ProblemCode::TooLarge),
            Error::FilesScanning => {
                Self::new(ProblemCode::Busy).retry_after(SCAN_S).with("reason", "files_scanning")
            }
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
