//! All routes.

use crate::AppState;
use axum::Router;
use tokio_util::sync::CancellationToken;

/// The whole surface.
pub fn router(state: AppState, _stop: CancellationToken) -> Router {
    Router::new().with_state(state)
}
