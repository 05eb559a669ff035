//! Routes for the address of a phone's or browser's pushes.

use super::service::Service;
use crate::identity::{self, Bidder};
use crate::web::problem::{Body, Problem};
use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use toruk_sync::protocol::identity::PushToken;
use toruk_sync::protocol::web_push::{WebPushKey, WebPushSubscription};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
    identity::Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(set_push_token))
        .routes(routes!(subscribe, unsubscribe))
        .routes(routes!(web_key))
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

/// Sends the pushes of the calling browser to its subscription, which takes the place of its token.
#[utoipa::path(put, path = "/v1/devices/current/web-push", tag = "push",
    operation_id = "subscribe_web_push",
    request_body = WebPushSubscription,
    responses((status = 204)))]
async fn subscribe(
    State(identity): State<identity::Service>,
    bidder: Bidder,
    Body(subscription): Body<WebPushSubscription>,
) -> Result<StatusCode, Problem> {
    identity.subscribe(&bidder, &subscription).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the pushes to the calling browser.
#[utoipa::path(delete, path = "/v1/devices/current/web-push", tag = "push",
    operation_id = "unsubscribe_web_push",
    responses((status = 204)))]
async fn unsubscribe(
    State(identity): State<identity::Service>,
    bidder: Bidder,
) -> Result<StatusCode, Problem> {
    identity.unsubscribe(&bidder).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The key that a browser names when it subscribes.
#[utoipa::path(get, path = "/v1/web-push", tag = "push",
    operation_id = "get_web_push_key", security(()),
    responses((status = 200, body = WebPushKey)))]
async fn web_key(State(push): State<Service>) -> Json<WebPushKey> {
    Json(WebPushKey { public_key: push.web_key().map(str::to_owned) })
}
