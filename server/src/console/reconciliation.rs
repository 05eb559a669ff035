//! Days of the payment system against the ledger: the list, one day, its report as PDF and as a
//! workbook.

use super::amounts::signed;
use super::layout::{Page, StaffPage, done, render};
use super::money_tasks::{self, TaskCard};
use super::refusal::Refusal;
use crate::AppState;
use crate::deposit::{DayReport, MissingStatement, ReconciledDay, Reconciliations};
use crate::identity::Role;
use crate::pdf::{DayPaper, DayPaperLine, PaperLanguage};
use crate::web::file_answer::disposition;
use crate::web::paper_answer::PaperAnswer;
use crate::workbook;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::task::spawn_blocking;
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::money_task::{MoneyTask, TaskCause};
use toruk_sync::domain::reconciliation::{DayTotals, OperationTotal};

/// The media type of a workbook.
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Page of the days.
#[derive(Template)]
#[template(path = "reconciliation.html")]
pub struct Days {
    pub page: Page,
    pub rows: Vec<DayRow>,
    /// A statement that the payment system does not give, in words.
    pub missing: Option<String>,
}

/// A day in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct DayRow {
    pub path: String,
    pub day: String,
    pub payments: String,
    pub refunds: String,
    pub net: String,
    pub differences: usize,
    /// So much differs that it became no tasks.
    pub is_beyond_work: bool,
}

/// Page of one day.
#[derive(Template)]
#[template(path = "reconciliation-day.html")]
pub struct DayPage {
    pub page: Page,
    pub path: String,
    pub day: String,
    pub compared: String,
    pub lines: usize,
    /// The number of operations that do not agree.
    pub differences: usize,
    /// So much differs that it became no tasks.
    pub is_beyond_work: bool,
    pub totals: Vec<TotalRow>,
    pub tasks: Vec<TaskCard>,
    /// Set if this official may ask for the statement again.
    pub may_ask: bool,
}

/// Payments or refunds of a day, by both sides.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct TotalRow {
    pub kind: &'static str,
    pub stated: String,
    pub booked: String,
    pub difference: String,
    pub agrees: bool,
}

/// `GET /console/reconciliation`: the days, the newest first.
pub async fn list(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    let known = state.deposits.reconciliations(&desk.official).await?;
    render(&compose(desk.page, known))
}

/// `GET /console/reconciliation/{day}`: one day with what does not agree.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(day): Path<BusinessDay>,
) -> Result<Response, Refusal> {
    let report = state.deposits.day_report(&desk.official, day).await?;
    let names = money_tasks::names(&state, &report.tasks).await?;
    render(&compose_day(desk.page, &report, &names))
}

/// `POST /console/reconciliation/{day}/again`: asks for the statement again.
pub async fn again(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(day): Path<BusinessDay>,
) -> Result<Response, Refusal> {
    state.deposits.compare_again(&desk.official, day).await?;
    Ok(done(&state, &format!("/console/reconciliation/{day}"), "compared"))
}

/// `GET /console/reconciliation/{day}/report`: the day as PDF.
pub async fn report(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(day): Path<BusinessDay>,
    asked: HeaderMap,
) -> Result<Response, Refusal> {
    let report = state.deposits.day_report(&desk.official, day).await?;
    let language = PaperLanguage::parse(desk.page.language.tag()).unwrap_or_default();
    let paper = paper(&desk.page, &report);
    let (content, name) = (format!("{paper:?}"), format!("reconciliation-{day}"));
    PaperAnswer { name: &name, content: &content, language, is_public: false }
        .answer(&asked, move || paper.write(language))
        .await
        .map_err(|_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "refused-busy"))
}

/// `GET /console/reconciliation/{day}/workbook`: the day with all its operations as XLSX.
pub async fn workbook(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(day): Path<BusinessDay>,
) -> Result<Response, Refusal> {
    let report = state.deposits.day_report(&desk.official, day).await?;
    let words = workbook_words(&desk.page);
    let content = workbook_content(&desk.page, report);
    let made = spawn_blocking(move || workbook::write(&words, &content)).await;
    let made = made.map_err(|error| Refusal::internal(&error))?;
    let bytes = made.map_err(|error| Refusal::internal(&error))?;
    let name = format!("reconciliation-{day}.xlsx");
    let headers = [
        (header::CONTENT_TYPE, WORKBOOK.to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::CONTENT_DISPOSITION, disposition("attachment", &name)),
    ];
    Ok((headers, bytes).into_response())
}

/// Builds the page of the days.
pub fn compose(page: Page, known: Reconciliations) -> Days {
    let rows = known.days.iter().map(|day| day_row(&page, day)).collect();
    let words = |missing: MissingStatement| {
        let day = page.text_with("statement-missing", missing.day.plain());
        format!("{day} {}", page.text_with("statement-asked", page.at(&missing.asked_at)))
    };
    let missing = known.missing.map(words);
    Days { rows, missing, page }
}

/// Builds the page of one day.
pub fn compose_day(page: Page, report: &DayReport, names: &money_tasks::Names) -> DayPage {
    let day = &report.day;
    // A difference is credited to nobody.
    let none = money_tasks::Attempts::new();
    let card = |task| money_tasks::closed_card(&page, task, names, &none);
    let tasks = report.tasks.iter().map(card);
    DayPage {
        path: format!("/console/reconciliation/{}", day.day),
        day: day.day.plain(),
        compared: page.at(&day.at),
        lines: usize::try_from(day.lines).unwrap_or(usize::MAX),
        differences: usize::try_from(day.differences).unwrap_or(usize::MAX),
        is_beyond_work: day.is_beyond_work,
        totals: totals(&page, &day.totals),
        tasks: tasks.collect(),
        may_ask: page.is_any(&[Role::Finance]),
        page,
    }
}

fn day_row(page: &Page, day: &ReconciledDay) -> DayRow {
    let DayTotals { payments_stated, refunds_stated, .. } = day.totals;
    let net = payments_stated.sum_tyiyn.saturating_sub(refunds_stated.sum_tyiyn);
    DayRow {
        path: format!("/console/reconciliation/{}", day.day),
        day: day.day.plain(),
        payments: counted(page, payments_stated),
        refunds: counted(page, refunds_stated),
        net: signed(page, net),
        differences: usize::try_from(day.differences).unwrap_or(usize::MAX),
        is_beyond_work: day.is_beyond_work,
    }
}

fn counted(page: &Page, total: OperationTotal) -> String {
    format!("{} · {}", total.count, signed(page, total.sum_tyiyn))
}

fn totals(page: &Page, totals: &DayTotals) -> Vec<TotalRow> {
    let row = |kind, stated: OperationTotal, booked: OperationTotal| TotalRow {
        kind,
        stated: counted(page, stated),
        booked: counted(page, booked),
        difference: signed(page, stated.sum_tyiyn.saturating_sub(booked.sum_tyiyn)),
        agrees: stated == booked,
    };
    vec![
        row("payment", totals.payments_stated, totals.payments_booked),
        row("refund", totals.refunds_stated, totals.refunds_booked),
    ]
}

fn paper(page: &Page, report: &DayReport) -> DayPaper {
    let line = |task: &MoneyTask| {
        let TaskCause::Difference(found) = &task.cause else { return None };
        Some(DayPaperLine {
            kind: page.text_for("difference", found.kind.key()),
            operation: page.text_for("operation", found.operation.key()),
            name: found.name.clone(),
            stated: found.stated.as_ref().map(|(amount, currency)| format!("{amount} {currency}")),
            booked: found.booked.map(|amount| amount.to_string()),
            status: page.text_for("money-status", task.status()),
        })
    };
    DayPaper {
        day: report.day.day,
        compared_at: report.day.at,
        lines: report.day.lines,
        totals: report.day.totals,
        differences: report.tasks.iter().filter_map(line).collect(),
    }
}

fn workbook_words(page: &Page) -> workbook::Words {
    let text = |key| page.text(key);
    workbook::Words {
        totals: text("workbook-totals"),
        operations: text("workbook-operations"),
        differences: text("workbook-differences"),
        totals_head: [
            "operation",
            "workbook-stated-count",
            "workbook-stated",
            "workbook-booked-count",
            "workbook-booked",
            "workbook-difference",
        ]
        .map(text)
        .into(),
        operations_head: [
            "operation",
            "workbook-name",
            "workbook-order",
            "workbook-amount",
            "workbook-currency",
            "workbook-at",
        ]
        .map(text)
        .into(),
        differences_head: [
            "workbook-kind",
            "operation",
            "workbook-name",
            "workbook-stated",
            "workbook-currency",
            "workbook-booked",
            "state",
        ]
        .map(text)
        .into(),
        payment: page.text_for("operation", "payment"),
        refund: page.text_for("operation", "refund"),
    }
}

fn workbook_content(page: &Page, report: DayReport) -> workbook::Content {
    let difference = |task: &MoneyTask| {
        let TaskCause::Difference(found) = &task.cause else { return None };
        let kind = page.text_for("difference", found.kind.key());
        let status = page.text_for("money-status", task.status());
        Some((kind, found.clone(), status))
    };
    workbook::Content {
        at: report.day.at,
        totals: report.day.totals,
        differences: report.tasks.iter().filter_map(difference).collect(),
        lines: report.lines,
    }
}
