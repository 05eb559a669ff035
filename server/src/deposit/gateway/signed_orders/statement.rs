//! A day's statement, page by page.

use super::answers::{is_usable, strange};
use crate::ports::GatewayError;
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
pub const PAGES_MAX: usize = 400;
/// The length of a currency's code.
const CURRENCY_BYTES: usize = 3;

/// A page of a statement.
#[derive(Deserialize)]
pub struct StatementAnswer {
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
    order: Option<Uuid>,
    amount: Tyiyn,
    currency: String,
    at: Timestamp,
}

impl StatementAnswer {
    /// Adds its lines; returns `true` for the last page. One that names another day or number is
    /// not believed.
    pub fn read_into(
        self,
        lines: &mut Vec<StatementLine>,
        day: BusinessDay,
        page: usize,
    ) -> Result<bool, GatewayError> {
        if (self.day, self.page) != (day, page) || self.operations.len() > LINES_MAX {
            return Err(strange("another page"));
        }
        if !self.closed {
            return Err(GatewayError::Unavailable("the day is not closed yet".to_owned()));
        }
        for operation in self.operations {
            lines.push(line(operation)?);
        }
        Ok(!self.more)
    }
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
    Ok(StatementLine { kind, name, order: order.map(IntentId), amount, currency, at })
}
