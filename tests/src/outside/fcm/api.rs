//! The two endpoints, with FCM's status codes and error bodies.

use super::account::GRANT_TYPE;
use super::mailbox::opaque;
use super::message::Send;
use super::{PostOffice, SendFault, lock};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// No request is longer than this.
const BODY_SIZE_BYTES_MAX: usize = 64 * 1024;
/// No more bearer tokens than this are valid at one time.
const TOKENS_MAX: usize = 1_000;

#[derive(Deserialize)]
struct TokenForm {
    grant_type: String,
    assertion: String,
}

/// An error as FCM words it.
struct FcmProblem {
    status: StatusCode,
    /// Google's word for the status.
    word: &'static str,
    /// FCM's own code, where it has one.
    code: Option<&'static str>,
    message: String,
    retry_after_s: Option<u32>,
}

pub(super) fn routes() -> Router<Arc<PostOffice>> {
    Router::new()
        .route("/token", post(token))
        .route("/v1/projects/{project}/messages:send", post(send))
        .layer(DefaultBodyLimit::max(BODY_SIZE_BYTES_MAX))
}

async fn token(State(office): State<Arc<PostOffice>>, Form(form): Form<TokenForm>) -> Response {
    let number = {
        let mut counts = lock(&office.counts);
        counts.token_calls += 1;
        counts.token_calls
    };
    let (fails, life_s) = {
        let mut misbehaviour = lock(&office.misbehaviour);
        let fails = misbehaviour.failing_token_calls > 0;
        misbehaviour.failing_token_calls = misbehaviour.failing_token_calls.saturating_sub(1);
        (fails, misbehaviour.token_life_s)
    };
    if fails {
        let body = json!({ "error": "internal_failure" });
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response();
    }
    if form.grant_type != GRANT_TYPE {
        let body = json!({ "error": "unsupported_grant_type" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    if let Err(reason) = office.account.check(&form.assertion) {
        let body = json!({ "error": "invalid_grant", "error_description": reason });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
    let token = format!("ya29.{}", opaque("token", number));
    let mut tokens = lock(&office.tokens);
    if tokens.len() >= TOKENS_MAX {
        tokens.pop_first();
    }
    tokens.insert(token.clone());
    let body = json!({ "access_token": token, "expires_in": life_s, "token_type": "Bearer" });
    Json(body).into_response()
}

async fn send(
    State(office): State<Arc<PostOffice>>,
    Path(project): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, FcmProblem> {
    let number = {
        let mut counts = lock(&office.counts);
        counts.send_calls += 1;
        counts.send_calls
    };
    check_bearer(&office, &headers)?;
    if project != office.account.project() {
        let word = "PERMISSION_DENIED";
        return Err(FcmProblem::new(StatusCode::FORBIDDEN, word, Some("SENDER_ID_MISMATCH")));
    }
    let Send { validate_only, message } = serde_json::from_slice(&body).map_err(invalid)?;
    let to = message.token.clone();
    let name = format!("projects/{project}/messages/0:{number}");
    let now = office.clock.now();
    let message = message.accept(name.clone(), now).map_err(invalid)?;

    let fault = lock(&office.misbehaviour).sends.pop_front();
    if let Some(fault) = fault {
        suffer(&office, fault).await?;
    }
    if validate_only {
        lock(&office.mailbox).check(&to).map_err(|_| unregistered())?;
        return Ok(Json(json!({ "name": name })));
    }
    let accepted = lock(&office.mailbox).accept(&to, message, office.clock.now());
    let delivered = accepted.map_err(|_| unregistered())?;
    let mut counts = lock(&office.counts);
    counts.accepted += 1;
    counts.delivered += delivered;
    Ok(Json(json!({ "name": name })))
}

fn check_bearer(office: &PostOffice, headers: &HeaderMap) -> Result<(), FcmProblem> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|value| value.strip_prefix("Bearer "));
    match token.is_some_and(|token| lock(&office.tokens).contains(token)) {
        true => Ok(()),
        false => Err(unauthenticated()),
    }
}

async fn suffer(office: &PostOffice, fault: SendFault) -> Result<(), FcmProblem> {
    let (status, word, code) = match fault {
        SendFault::Unregistered => return Err(unregistered()),
        SendFault::TokenExpired => return Err(unauthenticated()),
        SendFault::Slow(by) => {
            office.clock.sleep_until(office.clock.now() + by).await;
            return Ok(());
        }
        SendFault::Silent => {
            office.stopping.cancelled().await;
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "UNAVAILABLE")
        }
        SendFault::TooManyRequests { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")
        }
        SendFault::SenderIdMismatch => {
            (StatusCode::FORBIDDEN, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")
        }
        SendFault::PermissionDenied => {
            (StatusCode::FORBIDDEN, "PERMISSION_DENIED", "PERMISSION_DENIED")
        }
        SendFault::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "INTERNAL"),
        SendFault::Unavailable { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "UNAVAILABLE")
        }
    };
    let retry_after_s = match fault {
        SendFault::TooManyRequests { retry_after_s } | SendFault::Unavailable { retry_after_s } => {
            Some(retry_after_s)
        }
        _ => None,
    };
    Err(FcmProblem { retry_after_s, ..FcmProblem::new(status, word, Some(code)) })
}

fn unregistered() -> FcmProblem {
    FcmProblem::new(StatusCode::NOT_FOUND, "NOT_FOUND", Some("UNREGISTERED"))
}

fn unauthenticated() -> FcmProblem {
    FcmProblem::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", None)
}

fn invalid(reason: impl ToString) -> FcmProblem {
    let word = "INVALID_ARGUMENT";
    let problem = FcmProblem::new(StatusCode::BAD_REQUEST, word, Some(word));
    FcmProblem { message: reason.to_string(), ..problem }
}

impl FcmProblem {
    fn new(status: StatusCode, word: &'static str, code: Option<&'static str>) -> Self {
        let message = status.canonical_reason().unwrap_or_default().to_owned();
        Self { status, word, code, message, retry_after_s: None }
    }
}

impl IntoResponse for FcmProblem {
    fn into_response(self) -> Response {
        let details: Vec<Value> = self
            .code
            .map(|code| {
                json!({
                    "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError",
                    "errorCode": code,
                })
            })
            .into_iter()
            .collect();
        let body = json!({ "error": {
            "code": self.status.as_u16(),
            "message": self.message,
            "status": self.word,
            "details": details,
        }});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
