//! The officials' console: pages rendered by the server, in Kyrgyz, Russian and English.
//!
//! One file per page: its handlers and what its template is given. Pages work without scripts;
//! only a passkey's ceremony and the live monitor need one. Nothing here decides: a handler calls
//! one service and shows what it said.

pub mod access;
mod assets;
pub mod form;
pub mod guard;
pub mod home;
pub mod language;
pub mod layout;
pub mod refusal;
#[cfg(test)]
mod tests;

use crate::AppState;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

/// All pages, to be nested at `/console`. `state` is for the layers that look at sessions and at
/// the public origin.
pub fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/", get(home::show))
        .route("/assets/{hash}/{*file}", get(assets::serve))
        .route("/language", post(access::choose_language))
        .route("/enrol/{token}", get(access::show_enrolment))
        .route("/enrol/{token}/start", post(access::start_enrolment))
        .route("/enrol/{token}/finish", post(access::finish_enrolment))
        .route("/sign-in", get(access::show_sign_in))
        .route("/sign-in/start", post(access::start_sign_in))
        .route("/sign-in/finish", post(access::finish_sign_in))
        .route("/sign-out", post(access::sign_out))
        .fallback(|| async { refusal::Refusal::not_found() })
        .layer(from_fn_with_state(state.clone(), guard::same_origin))
        .layer(from_fn_with_state(state.clone(), layout::error_pages))
        .layer(from_fn(guard::strict_headers))
}
