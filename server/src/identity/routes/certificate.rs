//! Routes by which a phone signs in, or recovers its account, by a certificate's signature (ЭЦП).

use super::recovered::recovered;
use crate::identity::extract::log_caller;
use crate::identity::service::Service;
use crate::signature::cms::SignatureRefusal;
use crate::web::problem::{Body, Problem};
use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, Session};
use toruk_sync::protocol::limits::SIGNATURE_BODY_BYTES_MAX;
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate, SignatureFault,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Seconds a client is asked to wait before it asks about revocation again.
const REVOCATION_S: u64 = 60;

/// All routes for certificates.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Service: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(finish))
        .routes(routes!(start_proof))
        .routes(routes!(start_recovery))
        .routes(routes!(finish_recovery))
        .layer(DefaultBodyLimit::max(SIGNATURE_BODY_BYTES_MAX))
}

/// Starts a sign-in by certificate: returns the bytes to sign. `signature_refused` if this server
/// accepts no certificates.
#[utoipa::path(post, path = "/v1/sessions/certificate", tag = "identity",
    operation_id = "start_certificate_sign_in", security(()),
    responses((status = 200, body = CertificateChallenge)))]
async fn start(State(identity): State<Service>) -> Result<Json<CertificateChallenge>, Problem> {
    Ok(Json(identity.start_certificate_sign_in().await?))
}

/// Signs the phone in by the signed challenge. A person who is new here gets an account, without a
/// passkey.
#[utoipa::path(post, path = "/v1/sessions/certificate/finish", tag = "identity",
    operation_id = "finish_certificate_sign_in", security(()),
    request_body = FinishCertificate,
    responses((status = 200, body = Session)))]
async fn finish(
    State(identity): State<Service>,
    Body(request): Body<FinishCertificate>,
) -> Result<Json<Session>, Problem> {
    let session = identity.finish_certificate_sign_in(request).await?;
    log_caller(session.person);
    Ok(Json(session))
}

/// Starts the proof of somebody who has lost their passkeys: returns the bytes to sign.
#[utoipa::path(post, path = "/v1/registrations/by-certificate/challenge", tag = "identity",
    operation_id = "start_certificate_recovery", security(()),
    responses((status = 200, body = CertificateChallenge)))]
async fn start_proof(
    State(identity): State<Service>,
) -> Result<Json<CertificateChallenge>, Problem> {
    Ok(Json(identity.start_certificate_recovery().await?))
}

/// Starts the registration of a passkey of the account whose owner has signed: returns the passkey
/// challenge.
#[utoipa::path(post, path = "/v1/registrations/by-certificate", tag = "identity",
    operation_id = "start_recovery_by_certificate", security(()),
    request_body = ProveByCertificate,
    responses((status = 200, body = Challenge)))]
async fn start_recovery(
    State(identity): State<Service>,
    Body(request): Body<ProveByCertificate>,
) -> Result<Json<Challenge>, Problem> {
    Ok(Json(identity.start_recovery_by_certificate(request).await?))
}

/// Adds the passkey to the account, and signs the phone in. It places no bid for the time that the
/// auction's rules name, unless nobody has used the account before.
#[utoipa::path(post, path = "/v1/registrations/by-certificate/finish", tag = "identity",
    operation_id = "finish_recovery_by_certificate", security(()),
    request_body = FinishCeremony,
    responses((status = 200, body = Session)))]
async fn finish_recovery(
    State(identity): State<Service>,
    Body(request): Body<FinishCeremony>,
) -> Result<Json<Session>, Problem> {
    recovered(&identity, request).await
}

impl From<SignatureRefusal> for Problem {
    fn from(refusal: SignatureRefusal) -> Self {
        let problem = match refusal.fault {
            SignatureFault::AlgorithmUnsupported => {
                Self::new(ProblemCode::SignatureAlgorithmUnsupported)
            }
            SignatureFault::RevocationUnknown => {
                Self::new(ProblemCode::RevocationUnknown).retry_after(REVOCATION_S)
            }
            fault => Self::new(ProblemCode::SignatureRefused).with("fault", fault.key()),
        };
        match refusal.oid {
            Some(oid) => problem.with("oid", oid),
            None => problem,
        }
    }
}
