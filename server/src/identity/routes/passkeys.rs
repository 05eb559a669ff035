//! Routes for the caller's passkeys, and for their next phone.

use crate::audit::Principal;
use crate::identity::caller::Bidder;
use crate::identity::ceremony::OwnAccess;
use crate::identity::extract::log_caller;
use crate::identity::service::Service;
use crate::web::problem::{Body, Id, Problem};
use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, Session};
use toruk_sync::protocol::passkeys::{
    FinishConfirmation, NamePasskey, NextDeviceCode, Passkeys, StartByCode,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes for passkeys.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(passkeys))
        .routes(routes!(name_passkey))
        .routes(routes!(start_end))
        .routes(routes!(finish_end))
        .routes(routes!(start_code))
        .routes(routes!(finish_code))
        .routes(routes!(start_by_code))
        .routes(routes!(finish_by_code))
}

/// Lists the passkeys with which the caller signs in.
#[utoipa::path(get, path = "/v1/passkeys", tag = "identity",
    operation_id = "list_passkeys",
    responses((status = 200, body = Passkeys)))]
async fn passkeys(
    State(identity): State<Service>,
    bidder: Bidder,
) -> Result<Json<Passkeys>, Problem> {
    Ok(Json(Passkeys { items: identity.own_passkeys(bidder.person).await? }))
}

/// Names one of the caller's passkeys.
#[utoipa::path(put, path = "/v1/passkeys/{id}/name", tag = "identity",
    params(("id" = String, Path)),
    request_body = NamePasskey,
    responses((status = 204)))]
async fn name_passkey(
    State(identity): State<Service>,
    Id(id): Id<String>,
    bidder: Bidder,
    Body(NamePasskey { name }): Body<NamePasskey>,
) -> Result<StatusCode, Problem> {
    identity.name_passkey(Principal::Bidder(bidder.person), &id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts the end of one of the caller's passkeys: returns the challenge that a passkey of the
/// account has to answer.
#[utoipa::path(post, path = "/v1/passkeys/{id}/revocation", tag = "identity",
    operation_id = "start_passkey_revocation",
    params(("id" = String, Path)),
    responses((status = 200, body = Challenge)))]
async fn start_end(
    State(identity): State<Service>,
    Id(id): Id<String>,
    bidder: Bidder,
) -> Result<Json<Challenge>, Problem> {
    let part = OwnAccess::Passkey { id };
    Ok(Json(identity.start_end_of_own(bidder.person, part).await?))
}

/// Ends the passkey: it signs nobody in any more. The account's last one is answered
/// `wrong_state`. Phones that are signed in stay so.
#[utoipa::path(post, path = "/v1/passkeys/{id}/revocation/finish", tag = "identity",
    operation_id = "finish_passkey_revocation",
    params(("id" = String, Path)),
    request_body = FinishConfirmation,
    responses((status = 204)))]
async fn finish_end(
    State(identity): State<Service>,
    Id(id): Id<String>,
    bidder: Bidder,
    Body(answer): Body<FinishConfirmation>,
) -> Result<StatusCode, Problem> {
    let FinishConfirmation { ceremony, credential } = answer;
    let by = Principal::Bidder(bidder.person);
    identity.finish_end_of_passkey(by, &id, ceremony, credential).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts a code for the caller's next phone: returns the challenge that a passkey of the account
/// has to answer.
#[utoipa::path(post, path = "/v1/passkey-codes", tag = "identity",
    operation_id = "start_passkey_code",
    responses((status = 200, body = Challenge)))]
async fn start_code(
    State(identity): State<Service>,
    bidder: Bidder,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(identity.start_code(bidder.person).await?))
}

/// Makes the code, in place of the caller's last one.
#[utoipa::path(post, path = "/v1/passkey-codes/finish", tag = "identity",
    operation_id = "finish_passkey_code",
    request_body = FinishConfirmation,
    responses((status = 200, body = NextDeviceCode)))]
async fn finish_code(
    State(identity): State<Service>,
    bidder: Bidder,
    Body(answer): Body<FinishConfirmation>,
) -> Result<Json<NextDeviceCode>, Problem> {
    let FinishConfirmation { ceremony, credential } = answer;
    let by = Principal::Bidder(bidder.person);
    let made = identity.finish_code(by, ceremony, credential).await?;
    let (code, expires_at) = (made.code.to_string(), made.expires_at);
    Ok(Json(NextDeviceCode { code, expires_at }))
}

/// Starts the registration of a passkey of the account whose code this is. A code that was used,
/// replaced or has expired is answered `not_found`.
#[utoipa::path(post, path = "/v1/registrations/by-code", tag = "identity",
    operation_id = "start_registration_by_code", security(()),
    request_body = StartByCode,
    responses((status = 200, body = Challenge)))]
async fn start_by_code(
    State(identity): State<Service>,
    Body(StartByCode { code }): Body<StartByCode>,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(identity.start_by_code(&code).await?))
}

/// Adds the passkey to the account, uses the code up, and signs the phone in.
#[utoipa::path(post, path = "/v1/registrations/by-code/finish", tag = "identity",
    operation_id = "finish_registration_by_code", security(()),
    request_body = FinishCeremony,
    responses((status = 200, body = Session)))]
async fn finish_by_code(
    State(identity): State<Service>,
    Body(request): Body<FinishCeremony>,
) -> Result<Json<Session>, Problem> {
    let session = identity.finish_by_code(request).await?;
    log_caller(session.person);
    Ok(Json(session))
}
