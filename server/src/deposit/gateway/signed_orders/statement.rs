//! A day's statement, page by page.

use super::{SignedOrders, is_usable, strange};
use crate::ports::GatewayError;
use http::Method;
use serde::Deserialize;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::reconciliation::{OperationKind, StatementLine};
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Most operations of one page.
const LINES_MAX: usize = 500;
/// Most pages of one day: 200 000 operations.
const PAGES_MAX: usize = 400;
/// The length of a currency's code.
const CURRENCY_BYTES: usize = 3;

#[derive(Deserialize)]
struct PageAnswer {
    day: BusinessDay,
    page: usize,
    closed: bool,
    more: bool,
    operations: Vec<OperationAnswer>,
}

#[derive(Deserialize)]
struct OperationAnswer {
    kind: OperationKind,
    reference: String,
    #[serde(default)]
    refund: Option<Uuid>,
    #[serde(default)]
    order: Option<IntentId>,
    amount: Tyiyn,
    currency: String,
    at: Timestamp,
}

/// Reads all pages. A page that names another day or number is not believed.
pub(super) async fn read(
    gateway: &SignedOrders,
    day: BusinessDay,
) -> Result<Vec<StatementLine>, GatewayError> {
    let mut lines = Vec::new();
    for page in 1..=PAGES_MAX {
        let path = format!("/v1/statements/{day}/{page}");
        let answer: PageAnswer = gateway.call(Method::GET, &path, None).await?;
        if (answer.day, answer.page) != (day, page) || answer.operations.len() > LINES_MAX {
            return Err(strange("another page"));
        }
        if !answer.closed {
            return Err(GatewayError::Unavailable("the day is not closed yet".to_owned()));
        }
        for operation in answer.operations {
            lines.push(line(operation)?);
        }
        if !answer.more {
            return Ok(lines);
        }
    }
    Err(strange("a statement without an end"))
}

fn line(operation: OperationAnswer) -> Result<StatementLine, GatewayError> {
    let OperationAnswer { kind, reference, refund, order, amount, currency, at } = operation;
    let is_code =
        currency.len() == CURRENCY_BYTES && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let name = match kind {
        OperationKind::Payment => reference,
        OperationKind::Refund => refund.map(|refund| refund.to_string()).unwrap_or_default(),
    };
    if !is_code || !is_usable(&name) {
        return Err(strange("an unusable operation"));
    }
    Ok(StatementLine { kind, name, order, amount, currency, at })
}
