//! Routes to which phones deliver the operations of their log.

use super::error::Error;
use super::service::Service;
use crate::context::Context;
use crate::identity::{self, Bidder};
use crate::signature::cms::SignatureRefusal;
use crate::web::problem::Problem;
use crate::web::protocol_version::ProtocolVersion;
use crate::web::received::{StampedRequest, run_to_completion};
use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use std::sync::Arc;
use toruk_sync::domain::application::Rejection;
use toruk_sync::protocol::limits::PUSH_BODY_BYTES_MAX;
use toruk_sync::protocol::operations::{Push, PushReply};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::pull::PROTOCOL_MIN;
use toruk_sync::protocol::signature::SignatureFault;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Seconds after which a phone whose files are still being scanned asks again.
const SCAN_S: u64 = 2;

/// The routes of the operation log.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    identity::Service: FromRef<S>,
    Arc<Context>: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(push)).layer(DefaultBodyLimit::max(PUSH_BODY_BYTES_MAX))
}

/// Delivers operations that were prepared without a connection; each is decided once. From a phone
/// with an unsupported protocol, drafts are accepted up to the first command.
#[utoipa::path(post, path = "/v1/sync/push", tag = "sync",
    operation_id = "push_operations",
    request_body = Push,
    params(("Sync-Protocol" = Option<u32>, Header, description = "The phone's protocol")),
    responses((status = 200, body = PushReply)))]
async fn push(
    State(applications): State<Service>,
    State(identity): State<identity::Service>,
    version: ProtocolVersion,
    request: StampedRequest,
) -> Result<Json<PushReply>, Problem> {
    run_to_completion(async move {
        let arrived = request.at;
        let (bidder, body) = request.caller_and_body::<Bidder, Push, _>(&identity).await?;
        Ok(Json(applications.push(&bidder, body, arrived, version.is_supported()).await?))
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
            Error::TooManyToday => {
                Self::new(ProblemCode::LimitReached).with("limit", "operations_per_day")
            }
            Error::TooManyOps => Self::new(ProblemCode::TooLarge),
            Error::FilesScanning => {
                Self::new(ProblemCode::Busy).retry_after(SCAN_S).with("reason", "files_scanning")
            }
            Error::RevocationUnknown => {
                SignatureRefusal::from(SignatureFault::RevocationUnknown).into()
            }
            Error::Conflict(conflict) => {
                Self::new(ProblemCode::ConflictOfInterest).with("conflict", conflict.key())
            }
            Error::StillNeeded => Self::new(ProblemCode::WrongState),
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
