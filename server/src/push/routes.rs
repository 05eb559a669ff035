//! Routes for the address of a phone's pushes.

use crate::identity::{self, Bidder};
use crate::web::problem::{Body, Problem};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use toruk_sync::protocol::identity::PushToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    identity::Service: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(set_push_token))
}

/// Sets the registration token of the calling phone; `null` ends its pushes.
#[utoipa::path(put, path = "/v1/devices/current/push-token", tag = "push",
    request_body = PushToken,
    responses((status = 204)))]
async fn set_push_token(
    State(identity): State<identity::Service>,
    bidder: Bidder,
    Body(request): Body<PushToken>,
) -> Result<StatusCode, Problem> {
    identity.set_push_token(&bidder, request.token).await?;
    Ok(StatusCode::NO_CONTENT)
}
