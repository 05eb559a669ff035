//! Drafts have no routes of their own: parts arrive in the operations of `/v1/sync/push` and the
//! whole goes out with `/v1/mine`.

use crate::AppState;
use utoipa_axum::router::OpenApiRouter;

/// None.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
