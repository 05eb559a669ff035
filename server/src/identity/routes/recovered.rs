//! The end of a recovery, the same at each door.

use crate::identity::extract::log_caller;
use crate::identity::service::Service;
use crate::web::problem::Problem;
use axum::Json;
use toruk_sync::protocol::identity::{FinishCeremony, Session};

/// Adds the passkey to the account whose owner was proven, and signs the phone in.
pub async fn recovered(
    identity: &Service,
    request: FinishCeremony,
) -> Result<Json<Session>, Problem> {
    let session = identity.finish_recovery(request).await?;
    log_caller(session.person);
    Ok(Json(session))
}
