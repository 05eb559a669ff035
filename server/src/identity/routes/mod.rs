//! Routes with which a phone signs in and out.

mod certificate;
mod eid;
mod passkeys;
mod recovered;

use super::caller::Bidder;
use super::ceremony::OwnAccess;
use super::extract::{bearer, log_caller};
use super::proven::IdentityFault;
use super::service::{Error, Service};
use crate::web::problem::{Body, Id, Params, Problem};
use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::{
    Challenge, DeviceRevoked, Devices, FinishCeremony, FinishRevocation, NameDevice, Session,
    StartRegistration, StartSignIn,
};
use toruk_sync::protocol::limits::SIGNATURE_BODY_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::revocation::ConfirmRevocation;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All routes of the feature.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(start_registration))
        .routes(routes!(finish_registration))
        .routes(routes!(start_sign_in))
        .routes(routes!(finish_sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(devices))
        .routes(routes!(name_device))
        .routes(routes!(revoke_this))
        .routes(routes!(start_revocation))
        .routes(routes!(finish_revocation))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(confirm_revocation))
                .layer(DefaultBodyLimit::max(SIGNATURE_BODY_BYTES_MAX)),
        )
        .merge(certificate::routes())
        .merge(eid::routes())
        .merge(passkeys::routes())
}

/// Starts the registration of a new account: returns the passkey challenge.
#[utoipa::path(post, path = "/v1/registrations", tag = "identity",
    security(()),
    request_body = StartRegistration,
    responses((status = 200, body = Challenge)))]
async fn start_registration(
    State(identity): State<Service>,
    Body(request): Body<StartRegistration>,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(identity.start_registration(request).await?))
}

/// Creates the account and signs the phone in.
#[utoipa::path(post, path = "/v1/registrations/finish", tag = "identity",
    security(()),
    request_body = FinishCeremony,
    responses((status = 200, body = Session)))]
async fn finish_registration(
    State(identity): State<Service>,
    Body(request): Body<FinishCeremony>,
) -> Result<Json<Session>, Problem> {
    let session = identity.finish_registration(request).await?;
    log_caller(session.person);
    Ok(Json(session))
}

/// Starts a sign-in: returns the passkey challenge.
#[utoipa::path(post, path = "/v1/sessions", tag = "identity",
    security(()),
    request_body = StartSignIn,
    responses((status = 200, body = Challenge)))]
async fn start_sign_in(
    State(identity): State<Service>,
    Body(request): Body<StartSignIn>,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(identity.start_sign_in(request).await?))
}

/// Finishes a sign-in with the passkey's answer.
#[utoipa::path(post, path = "/v1/sessions/finish", tag = "identity",
    security(()),
    request_body = FinishCeremony,
    responses((status = 200, body = Session)))]
async fn finish_sign_in(
    State(identity): State<Service>,
    Body(request): Body<FinishCeremony>,
) -> Result<Json<Session>, Problem> {
    let session = identity.finish_sign_in(request).await?;
    log_caller(session.person);
    Ok(Json(session))
}

/// Ends this session; the phone gets no pushes any more.
#[utoipa::path(delete, path = "/v1/sessions/current", tag = "identity",
    operation_id = "end_session",
    responses((status = 204)))]
async fn sign_out(
    State(identity): State<Service>,
    _: Bidder,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let token = bearer(&headers).ok_or(Problem::new(ProblemCode::SignedOut))?;
    identity.sign_out(token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the caller's phones.
#[utoipa::path(get, path = "/v1/devices", tag = "identity",
    operation_id = "list_devices",
    responses((status = 200, body = Devices)))]
async fn devices(
    State(identity): State<Service>,
    bidder: Bidder,
) -> Result<Json<Devices>, Problem> {
    Ok(Json(Devices { items: identity.devices(&bidder).await? }))
}

/// Names one of the caller's phones.
#[utoipa::path(put, path = "/v1/devices/{id}/name", tag = "identity",
    params(("id" = DeviceId, Path)),
    request_body = NameDevice,
    responses((status = 204)))]
async fn name_device(
    State(identity): State<Service>,
    Id(id): Id<DeviceId>,
    bidder: Bidder,
    Body(NameDevice { name }): Body<NameDevice>,
) -> Result<StatusCode, Problem> {
    identity.name_device(&bidder, id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The choice of a person who revokes a phone.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RevokeQuery {
    /// Ends the passkey that was made on the phone even if the account has no other. Then only
    /// phones that are signed in open the account.
    #[serde(default)]
    end_last_passkey: bool,
}

/// Revokes the caller's phone for good; from then on it gets `device_revoked`.
///
/// Its key, session and push address end, and the passkey that was made on it unless that is the
/// account's last one; the answer says which. May be repeated. Another phone of the account is
/// revoked by `POST /v1/devices/{id}/revocation`; here it is answered `forbidden`.
#[utoipa::path(delete, path = "/v1/devices/{id}", tag = "identity",
    operation_id = "revoke_device",
    params(("id" = DeviceId, Path), RevokeQuery),
    responses((status = 200, body = DeviceRevoked)))]
async fn revoke_this(
    State(identity): State<Service>,
    Id(id): Id<DeviceId>,
    bidder: Bidder,
    Params(query): Params<RevokeQuery>,
) -> Result<Json<DeviceRevoked>, Problem> {
    if id != bidder.device {
        return Err(Problem::new(ProblemCode::Forbidden));
    }
    Ok(Json(identity.revoke(&bidder, id, query.end_last_passkey).await?))
}

/// Starts the revocation of one of the caller's phones: returns the challenge that a passkey of the
/// account has to answer.
#[utoipa::path(post, path = "/v1/devices/{id}/revocation", tag = "identity",
    operation_id = "start_device_revocation",
    params(("id" = DeviceId, Path), RevokeQuery),
    responses((status = 200, body = Challenge)))]
async fn start_revocation(
    State(identity): State<Service>,
    Id(device): Id<DeviceId>,
    bidder: Bidder,
    Params(query): Params<RevokeQuery>,
) -> Result<Json<Challenge>, Problem> {
    let part = OwnAccess::Phone { device, end_last_passkey: query.end_last_passkey };
    Ok(Json(identity.start_end_of_own(bidder.person, part).await?))
}

/// Revokes the phone for good, as `DELETE /v1/devices/{id}` does.
#[utoipa::path(post, path = "/v1/devices/{id}/revocation/finish", tag = "identity",
    operation_id = "finish_device_revocation",
    params(("id" = DeviceId, Path)),
    request_body = FinishRevocation,
    responses((status = 200, body = DeviceRevoked)))]
async fn finish_revocation(
    State(identity): State<Service>,
    Id(id): Id<DeviceId>,
    bidder: Bidder,
    Body(answer): Body<FinishRevocation>,
) -> Result<Json<DeviceRevoked>, Problem> {
    let FinishRevocation { ceremony, credential } = answer;
    Ok(Json(identity.finish_revocation(&bidder, id, ceremony, credential).await?))
}

/// Revokes the phone for good, confirmed by a certificate or by eID instead of a passkey.
#[utoipa::path(post, path = "/v1/devices/{id}/revocation/confirmed", tag = "identity",
    operation_id = "confirm_device_revocation",
    params(("id" = DeviceId, Path)),
    request_body = ConfirmRevocation,
    responses((status = 200, body = DeviceRevoked)))]
async fn confirm_revocation(
    State(identity): State<Service>,
    Id(id): Id<DeviceId>,
    bidder: Bidder,
    Body(request): Body<ConfirmRevocation>,
) -> Result<Json<DeviceRevoked>, Problem> {
    Ok(Json(identity.revoke_confirmed(&bidder, id, &request).await?))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::SignedOut => Self::new(ProblemCode::SignedOut),
            Error::DeviceRevoked => Self::new(ProblemCode::DeviceRevoked),
            Error::DeviceTaken => Self::new(ProblemCode::IdReused).with("id", "device"),
            Error::DeviceKeyTaken => Self::new(ProblemCode::IdReused).with("id", "device_key"),
            Error::ProofMissing => Self::new(ProblemCode::UpgradeRequired),
            Error::ProofWrong | Error::ConfirmationWrong => Self::new(ProblemCode::BadSignature),
            Error::ConfirmationExpired => Self::new(ProblemCode::ConfirmationExpired),
            Error::CeremonyFailed => Self::new(ProblemCode::CeremonyFailed),
            Error::InvitationInvalid | Error::CodeInvalid => Self::new(ProblemCode::NotFound),
            Error::Malformed(what) => Self::new(ProblemCode::Malformed).with("detail", what),
            Error::TooManyDevices => Self::new(ProblemCode::LimitReached).with("limit", "devices"),
            Error::TooManyPushAddresses => {
                Self::new(ProblemCode::LimitReached).with("limit", "push_addresses")
            }
            Error::Eid(fault) => Self::new(ProblemCode::EidFailed).with("fault", fault.key()),
            Error::EidUnavailable => Self::new(ProblemCode::EidUnavailable),
            Error::Busy => Self::new(ProblemCode::Busy),
            Error::Forbidden => Self::new(ProblemCode::Forbidden),
            Error::Conflict { conflict, .. } => {
                Self::new(ProblemCode::ConflictOfInterest).with("conflict", conflict.key())
            }
            Error::Identity(fault) => Self::new(match fault {
                IdentityFault::NoAccount | IdentityFault::Revoked | IdentityFault::Forgotten => {
                    ProblemCode::Forbidden
                }
                IdentityFault::Taken | IdentityFault::PinTaken | IdentityFault::PinDiffers => {
                    ProblemCode::IdReused
                }
            })
            .with("identity", fault.key()),
            Error::Signature(refusal) => refusal.into(),
            Error::TooManyPasskeys => {
                Self::new(ProblemCode::LimitReached).with("limit", "passkeys")
            }
            Error::LastAdministrator | Error::LastPasskey => Self::new(ProblemCode::WrongState),
            Error::Store(error) => error.into(),
        }
    }
}
