//! The provider's addresses.

use super::desk::EidDesk;
use super::wrongs::{EidCounts, EidEndpoint, EidTrouble, lie, lock};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Length of an answer that nobody should read to its end, bytes.
const HUGE_BYTES: usize = 1024 * 1024;

pub(super) fn routes() -> Router<Arc<EidDesk>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(description))
        .route("/keys", get(keys))
        .route("/connect/token", post(tokens))
        .route("/connect/userinfo", get(user_info))
}

async fn description(State(desk): State<Arc<EidDesk>>) -> Response {
    if let Some(trouble) = begun(&desk, EidEndpoint::Description, |n| &mut n.descriptions).await {
        return trouble;
    }
    let issuer = &desk.issuer;
    let mut description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/connect/authorize"),
        "token_endpoint": format!("{issuer}/connect/token"),
        "userinfo_endpoint": format!("{issuer}/connect/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "scopes_supported": ["openid", "profile", "email", "phone", "organizations"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post", "query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    lie(&mut description, &lock(&desk.misbehaviour).description);
    Json(description).into_response()
}

async fn keys(State(desk): State<Arc<EidDesk>>) -> Response {
    if let Some(trouble) = begun(&desk, EidEndpoint::Keys, |n| &mut n.keys).await {
        return trouble;
    }
    Json(lock(&desk.keys).published()).into_response()
}

async fn tokens(
    State(desk): State<Arc<EidDesk>>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    if let Some(trouble) = begun(&desk, EidEndpoint::Tokens, |n| &mut n.tokens).await {
        return trouble;
    }
    let refused = |status, error: &str| (status, Json(json!({ "error": error }))).into_response();
    if !is_client(&desk, &headers, &form) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    match desk.redeem(&form) {
        Ok(body) => Json(body).into_response(),
        Err(error) => refused(StatusCode::BAD_REQUEST, error),
    }
}

async fn user_info(State(desk): State<Arc<EidDesk>>, headers: HeaderMap) -> Response {
    if let Some(trouble) = begun(&desk, EidEndpoint::UserInfo, |n| &mut n.user_infos).await {
        return trouble;
    }
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let access = said.and_then(|said| said.strip_prefix("Bearer "));
    match access.and_then(|access| desk.user_info(access)) {
        Some(claims) => Json(claims).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// RFC 6749, section 2.3.1: by the header or in the body.
fn is_client(desk: &EidDesk, headers: &HeaderMap, form: &BTreeMap<String, String>) -> bool {
    let client = &desk.client;
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(basic) = said.and_then(|said| said.strip_prefix("Basic ")) {
        let expected = format!("{}:{}", form_encoded(&client.id), form_encoded(&client.secret));
        return basic == STANDARD.encode(expected);
    }
    form.get("client_id") == Some(&client.id) && form.get("client_secret") == Some(&client.secret)
}

/// As in a form: names and secrets of clients are encoded before they are put into the header.
fn form_encoded(text: &str) -> String {
    let url = reqwest::Url::parse_with_params("http://client/", [("", text)]);
    url.ok()
        .and_then(|url| Some(url.query()?.trim_start_matches('=').to_owned()))
        .unwrap_or_default()
}

/// Counts a request, and shows the trouble that was asked for.
async fn begun(
    desk: &EidDesk,
    endpoint: EidEndpoint,
    count: fn(&mut EidCounts) -> &mut u64,
) -> Option<Response> {
    *count(&mut lock(&desk.counts)) += 1;
    let trouble = lock(&desk.misbehaviour).trouble;
    let (at, trouble) = trouble?;
    if at != endpoint {
        return None;
    }
    Some(match trouble {
        EidTrouble::Fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        EidTrouble::Html => Html("<h1>Maintenance</h1>").into_response(),
        EidTrouble::Huge => Json(json!({ "a": "a".repeat(HUGE_BYTES) })).into_response(),
        EidTrouble::Redirects => Redirect::to("/elsewhere").into_response(),
        EidTrouble::Never => {
            desk.stopping.cancelled().await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    })
}
