//! The API that a merchant's server calls. Every request is signed.

use super::book::{NewOrder, Operation, Order, Refund, Refusal};
use super::signature::{MERCHANT, SIGNATURE, Signed, TIMESTAMP};
use super::{Answers, Desk, StatementFault, lock};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use toruk_sync::domain::business_day::BusinessDay;
use uuid::Uuid;

/// No request is longer than this.
const BODY_SIZE_BYTES_MAX: usize = 64 * 1024;

/// Few, so that tests meet a second page.
const LINES_OF_A_PAGE: usize = 3;

/// A refusal of a request: its HTTP status and a word.
struct Problem(StatusCode, String);

pub(super) fn routes(desk: &Arc<Desk>) -> Router<Arc<Desk>> {
    Router::new()
        .route("/v1/orders", post(order))
        .route("/v1/orders/{order}", get(find_order))
        .route("/v1/providers", get(providers))
        .route("/v1/refunds", post(refund))
        .route("/v1/statements/{day}/{page}", get(statement))
        .route_layer(from_fn_with_state(Arc::clone(desk), guard))
}

/// Lets signed requests in, and misbehaves when asked to.
async fn guard(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_SIZE_BYTES_MAX).await else {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "too large").into_response();
    };
    if !is_signed(&desk, &parts, &body) {
        return problem(StatusCode::UNAUTHORIZED, "bad signature").into_response();
    }
    let (answers, fails) = {
        let mut misbehaviour = lock(&desk.misbehaviour);
        let fails = misbehaviour.failing_calls > 0;
        misbehaviour.failing_calls = misbehaviour.failing_calls.saturating_sub(1);
        (misbehaviour.answers, fails)
    };
    if fails {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable").into_response();
    }
    if answers == Answers::Never {
        return silence(&desk).await;
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if answers == Answers::LostAfterWork {
        return silence(&desk).await;
    }
    response
}

/// Keeps the caller waiting until it gives up or the payment system stops.
async fn silence(desk: &Desk) -> Response {
    desk.stopping.cancelled().await;
    problem(StatusCode::SERVICE_UNAVAILABLE, "stopped").into_response()
}

fn is_signed(desk: &Desk, parts: &Parts, body: &[u8]) -> bool {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(merchant), Some(timestamp), Some(signature)) =
        (header(MERCHANT), header(TIMESTAMP), header(SIGNATURE))
    else {
        return false;
    };
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let signed = Signed { timestamp, method, path, body };
    merchant == desk.merchant.id && signed.is_signed_by(&desk.merchant.secret, signature)
}

async fn order(State(desk): State<Arc<Desk>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let asked: NewOrder = parse(&body)?;
    let order = desk.book().order(asked)?.clone();
    let id = order.asked.order;
    let mut answer = json!({ "order": id, "expires_at": order.asked.expires_at });
    match order.code {
        Some(code) => answer["code"] = json!(code),
        None => answer["redirect_url"] = json!(format!("{}/card/{id}", desk.base)),
    }
    Ok(Json(answer))
}

async fn find_order(
    State(desk): State<Arc<Desk>>,
    Path(order): Path<Uuid>,
) -> Result<Json<Value>, Problem> {
    let Order { payments, state, .. } = desk.book().find(order)?.clone();
    Ok(Json(json!({ "order": order, "state": state, "payments": payments })))
}

/// The banks and wallets of the manual, and one more of each kind.
async fn providers() -> Json<Value> {
    let one = |id: &str, channel: &str, names: [&str; 3]| {
        let [ky, ru, en] = names;
        json!({ "id": id, "channel": channel, "name": { "ky": ky, "ru": ru, "en": en } })
    };
    Json(json!({ "providers": [
        one("elsom", "wallet_code", ["Элсом", "Элсом", "Elsom"]),
        one("balance-kg", "wallet_code", ["Баланс.kg", "Баланс.kg", "Balance.kg"]),
        one("rsk", "branch_code", ["РСК Банк", "РСК Банк", "RSK Bank"]),
        one("aiyl", "branch_code", ["Айыл Банк", "Айыл Банк", "Aiyl Bank"]),
        one("demir", "card", ["Демир Банк", "Демир Банк", "Demir Bank"]),
    ] }))
}

async fn refund(State(desk): State<Arc<Desk>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let asked: Refund = parse(&body)?;
    let refund = asked.refund;
    let is_undecided = {
        let mut misbehaviour = lock(&desk.misbehaviour);
        let is_undecided = misbehaviour.undecided_refunds > 0;
        misbehaviour.undecided_refunds = misbehaviour.undecided_refunds.saturating_sub(1);
        is_undecided
    };
    if is_undecided {
        return Ok(Json(json!({ "refund": refund, "done": false })));
    }
    let now = desk.clock.now();
    desk.book().refund(asked, now)?;
    Ok(Json(json!({ "refund": refund, "done": true })))
}

/// A page of a day's operations, as the misbehaviour has them.
async fn statement(
    State(desk): State<Arc<Desk>>,
    Path((day, page)): Path<(BusinessDay, usize)>,
) -> Result<Json<Value>, Problem> {
    let fault = desk.misbehaviour().statement;
    let book = desk.book();
    let mut operations = book.operations(day.start(), day.end());
    let yesterday = book.operations(day.previous().start(), day.start());
    drop(book);
    distort(&mut operations, yesterday, fault);
    let pages = operations.chunks(LINES_OF_A_PAGE);
    let more = page < pages.len();
    let shown: Vec<_> =
        pages.skip(page.saturating_sub(1)).flatten().take(LINES_OF_A_PAGE).collect();
    let closed = day.end() <= desk.clock.now() && fault != StatementFault::StillOpen;
    Ok(Json(json!({
        "day": day, "page": page, "closed": closed, "more": more, "operations": shown,
    })))
}

/// Spoils the first operation of a day.
fn distort(operations: &mut Vec<Operation>, yesterday: Vec<Operation>, fault: StatementFault) {
    match (fault, operations.first_mut()) {
        (StatementFault::Late, first) => {
            let is_any = first.is_some();
            if is_any {
                operations.remove(0);
            }
            operations.extend(yesterday.into_iter().take(1));
        }
        (StatementFault::Missing, Some(_)) => drop(operations.remove(0)),
        (StatementFault::Doubled, Some(first)) => {
            let again = first.clone();
            operations.push(again);
        }
        (StatementFault::Off(tyiyn), Some(first)) => first.amount += tyiyn,
        (StatementFault::OtherCurrency, Some(first)) => "USD".clone_into(&mut first.currency),
        (StatementFault::None | StatementFault::StillOpen, _) | (_, None) => {}
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|error| problem(StatusCode::BAD_REQUEST, &error.to_string()))
}

fn problem(status: StatusCode, reason: &str) -> Problem {
    Problem(status, reason.to_owned())
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Unknown => StatusCode::NOT_FOUND,
            Refusal::Expired | Refusal::AlreadyPaid | Refusal::Conflict | Refusal::MoreThanPaid => {
                StatusCode::CONFLICT
            }
            Refusal::InvalidAmount => StatusCode::BAD_REQUEST,
            Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        };
        problem(status, &refusal.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}
