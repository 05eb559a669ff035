//! Routes by which a phone signs in, recovers its account, or confirms an act, by eID.

use super::recovered::recovered;
use crate::identity::Bidder;
use crate::identity::extract::log_caller;
use crate::identity::service::Service;
use crate::web::problem::{Body, Problem};
use axum::Json;
use axum::extract::{FromRef, State};
use toruk_sync::protocol::eid::{
    EidAnswer, EidConfirmed, EidStart, FinishEid, StartEid, StartEidConfirmation,
};
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, Session};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes for eID but the one to which the browser comes back.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(finish))
        .routes(routes!(start_recovery))
        .routes(routes!(finish_recovery))
        .routes(routes!(start_confirmation))
        .routes(routes!(finish_confirmation))
}

/// Starts a sign-in by eID, or a recovery: returns the provider's page. `not_found` if this server
/// has no eID.
#[utoipa::path(post, path = "/v1/sessions/eid", tag = "identity",
    operation_id = "start_eid", security(()),
    request_body = StartEid,
    responses((status = 200, body = EidStart)))]
async fn start(
    State(identity): State<Service>,
    Body(request): Body<StartEid>,
) -> Result<Json<EidStart>, Problem> {
    Ok(Json(identity.start_eid(request).await?))
}

/// Signs the phone in by the provider's answer. A person who is new here gets an account, without a
/// passkey.
#[utoipa::path(post, path = "/v1/sessions/eid/finish", tag = "identity",
    operation_id = "finish_eid", security(()),
    request_body = FinishEid,
    responses((status = 200, body = Session)))]
async fn finish(
    State(identity): State<Service>,
    Body(request): Body<FinishEid>,
) -> Result<Json<Session>, Problem> {
    let session = identity.finish_eid(request).await?;
    log_caller(session.person);
    Ok(Json(session))
}

/// Starts the registration of a passkey of the account that the provider's answer names: returns
/// the passkey challenge. The answer must have been asked for with the purpose `recovery`.
#[utoipa::path(post, path = "/v1/registrations/by-eid", tag = "identity",
    operation_id = "start_recovery_by_eid", security(()),
    request_body = EidAnswer,
    responses((status = 200, body = Challenge)))]
async fn start_recovery(
    State(identity): State<Service>,
    Body(answer): Body<EidAnswer>,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(identity.start_recovery_by_eid(answer).await?))
}

/// Adds the passkey to the account, and signs the phone in. It places no bid for the time that the
/// auction's rules name, unless nobody has used the account before.
#[utoipa::path(post, path = "/v1/registrations/by-eid/finish", tag = "identity",
    operation_id = "finish_recovery_by_eid", security(()),
    request_body = FinishCeremony,
    responses((status = 200, body = Session)))]
async fn finish_recovery(
    State(identity): State<Service>,
    Body(request): Body<FinishCeremony>,
) -> Result<Json<Session>, Problem> {
    recovered(&identity, request).await
}

/// Starts the confirmation of one act by eID: returns the provider's page, at which the person
/// authenticates again. `not_found` if this server has no eID.
#[utoipa::path(post, path = "/v1/confirmations/eid", tag = "identity",
    operation_id = "start_eid_confirmation",
    request_body = StartEidConfirmation,
    responses((status = 200, body = EidStart)))]
async fn start_confirmation(
    State(identity): State<Service>,
    bidder: Bidder,
    Body(request): Body<StartEidConfirmation>,
) -> Result<Json<EidStart>, Problem> {
    Ok(Json(identity.start_eid_confirmation(&bidder, request).await?))
}

/// Redeems the provider's answer for a seal that confirms the act, once and for 24 hours.
#[utoipa::path(post, path = "/v1/confirmations/eid/finish", tag = "identity",
    operation_id = "finish_eid_confirmation",
    request_body = EidAnswer,
    responses((status = 200, body = EidConfirmed)))]
async fn finish_confirmation(
    State(identity): State<Service>,
    bidder: Bidder,
    Body(answer): Body<EidAnswer>,
) -> Result<Json<EidConfirmed>, Problem> {
    Ok(Json(identity.finish_eid_confirmation(&bidder, &answer).await?))
}
