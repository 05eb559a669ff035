//! Payments: attempts to pay, received money, mismatches, and the ledger's balances.

use super::amounts::signed;
use super::layout::{Page, Search, StaffPage, done, render};
use super::refusal::Refusal;
use super::words::{Tag, mismatch, name};
use crate::AppState;
use crate::deposit::{Balance, PaymentRow};
use crate::identity::Role;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use toruk_sync::domain::deposit::IntentStatus;
use toruk_sync::domain::id::IntentId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// The accounts of money that others hold.
const HELD: [&str; 2] = ["gateway", "bank"];

/// Page of the payments.
#[derive(Template)]
#[template(path = "payments.html")]
pub struct Payments {
    pub page: Page,
    /// The attempts, with mismatches first.
    pub rows: Vec<Row>,
    /// Pairs of account and balance.
    pub balances: Vec<(String, String)>,
    /// The number of mismatches.
    pub unfit: usize,
    /// The number of payments that a wrong clock of the payment system dates.
    pub clock_faults: usize,
    /// The moment since which the payment system has not answered.
    pub silent: Option<String>,
    /// The words of the search.
    pub query: String,
}

/// An attempt to pay.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Row {
    pub id: String,
    pub code: String,
    pub channel: String,
    pub auction: String,
    pub auction_number: String,
    /// Title of the auction's lot.
    pub title: String,
    pub expected: String,
    pub received: String,
    pub created: String,
    pub state: Tag,
    pub mismatch: Option<Tag>,
    pub clock_fault: Option<String>,
    /// Set if this official can say that the clock was looked into.
    pub may_review: bool,
    pub deposit: String,
}

/// `GET /console/payments`: the attempts and balances.
pub async fn list(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(Search { q: query }): Query<Search>,
) -> Result<Response, Refusal> {
    let rows = match query.trim() {
        "" => state.deposits.payments(&desk.official).await?,
        words => state.deposits.find_payments(&desk.official, words).await?,
    };
    let balances = state.deposits.balances(&desk.official).await?;
    let silent = state.deposits.gateway_silent_since();
    render(&compose(desk.page, rows, balances, query, silent))
}

/// `POST /console/payments/{id}/clock`: the clock that dated a payment was looked into.
pub async fn end_clock_review(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<IntentId>,
) -> Result<Response, Refusal> {
    state.deposits.end_clock_review(&desk.official, id).await?;
    Ok(done(&state, "/console/payments", "clock-reviewed"))
}

/// Builds the page of the payments.
pub fn compose(
    page: Page,
    mut payments: Vec<PaymentRow>,
    balances: Vec<Balance>,
    query: String,
    silent: Option<Timestamp>,
) -> Payments {
    payments.sort_by_key(|row| row.mismatch.is_none() && !row.is_clock_open);
    let clock_faults = payments.iter().filter(|row| row.is_clock_open).count();
    let unfit = payments.iter().filter(|row| row.mismatch.is_some()).count();
    let rows = payments.iter().map(|payment| row(&page, payment)).collect();
    // The ledger counts what the operator owes; money that the payment system holds is owed to the
    // operator.
    let balance = |balance: &Balance| {
        let held = HELD.contains(&balance.account.as_str());
        let amount = if held { -balance.amount_tyiyn } else { balance.amount_tyiyn };
        (page.text_for("account", &balance.account), signed(&page, amount))
    };
    let balances = balances.iter().map(balance).collect();
    let silent = silent.map(|since| page.at(&since));
    Payments { page, rows, balances, unfit, clock_faults, silent, query }
}

fn row(page: &Page, payment: &PaymentRow) -> Row {
    let intent = &payment.intent;
    let tone = match intent.status {
        IntentStatus::Created
        | IntentStatus::CodeIssued
        | IntentStatus::Redirected
        | IntentStatus::Pending => "accent",
        IntentStatus::Succeeded => "good",
        IntentStatus::SucceededLate => "warn",
        IntentStatus::Failed => "bad",
        IntentStatus::Expired | IntentStatus::Cancelled => "",
    };
    Row {
        id: intent.id.to_string(),
        code: intent.code.clone().unwrap_or_else(|| page.text("code-none")),
        channel: page.text_for("channel", &name(&intent.channel)),
        auction: payment.auction.to_string(),
        auction_number: payment.auction_name.number.clone(),
        title: payment.auction_name.title.get(page.language.tag()).to_owned(),
        expected: page.som(&intent.amount),
        received: page.som(&payment.received),
        created: page.at(&payment.created_at),
        state: Tag { text: page.text_for("intent", &name(&intent.status)), tone },
        mismatch: payment.mismatch.map(|found| mismatch(page, found)),
        clock_fault: payment.clock_fault.map(|off| clock_fault(page, off)),
        may_review: payment.is_clock_open && page.is_any(&[Role::Finance]),
        deposit: page.text_for("deposit", &name(&payment.deposit.status)),
    }
}

/// How wrong the payment system's clock is, at least.
pub fn clock_fault(page: &Page, off: TimeSpan) -> String {
    let key = if off.0 > 0 { "clock-fault-ahead" } else { "clock-fault-behind" };
    page.text_with(key, page.span(&TimeSpan(off.0.saturating_abs())))
}
