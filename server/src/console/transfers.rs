//! Bank transfers: the bank's statement is sent, looked at line by line, and then booked.

use super::amounts::in_currency;
use super::layout::{Page, StaffPage, done, render, render_as};
use super::lot_intake::Parts;
use super::lots::refused_status;
use super::refusal::Refusal;
use super::words::Tag;
use crate::AppState;
use crate::deposit::bank::StatementFault;
use crate::deposit::{ImportError, ImportHead, ImportPreview, LineFate};
use crate::identity::Role;
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

const PATH: &str = "/console/transfers";
/// Lines that a page shows; the counts are of all.
const LINES_SHOWN: usize = 500;

/// Page of the statements.
#[derive(Template)]
#[template(path = "transfers.html")]
pub struct Transfers {
    pub page: Page,
    pub rows: Vec<ImportRow>,
    /// Set if this official may send a statement.
    pub may_send: bool,
    pub refusal: Option<String>,
}

/// A statement in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct ImportRow {
    pub path: String,
    pub name: String,
    pub lines: usize,
    pub sent: String,
    pub state: Tag,
}

/// Page of one statement.
#[derive(Template)]
#[template(path = "transfer-import.html")]
pub struct TransferImport {
    pub page: Page,
    pub path: String,
    pub name: String,
    pub sent: String,
    pub sha256: String,
    /// Pairs of fate and number of lines.
    pub counts: Vec<(String, usize)>,
    pub left_out: usize,
    pub rows: Vec<LineRow>,
    /// The number of lines that are not shown.
    pub hidden: usize,
    pub confirmed: Option<String>,
    pub may_confirm: bool,
}

/// A line in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct LineRow {
    pub day: String,
    pub payer: String,
    pub purpose: String,
    pub amount: String,
    pub fate: Tag,
    /// What to look at: another name.
    pub signs: Vec<String>,
}

/// `GET /console/transfers`: the statements, the newest first.
pub async fn list(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    show_list(&state, desk, None).await
}

/// `POST /console/transfers`: a statement, to be looked at; nothing is booked.
pub async fn send(
    State(state): State<AppState>,
    desk: StaffPage,
    form: Multipart,
) -> Result<Response, Refusal> {
    let parts = Parts::read(form).await?;
    let name = parts.file_name().to_owned();
    let content = parts.content().unwrap_or_default();
    match state.deposits.preview_import(&desk.official, &name, &content).await {
        Ok(id) => Ok(Redirect::to(&format!("{PATH}/{id}")).into_response()),
        Err(ImportError::File(fault)) => show_list(&state, desk, Some(refusal(&fault))).await,
        Err(ImportError::Other(error)) => Err(error.into()),
    }
}

/// `GET /console/transfers/{id}`: a statement with the fate of each line.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<Uuid>,
) -> Result<Response, Refusal> {
    let preview = state.deposits.import_preview(&desk.official, id).await?;
    render(&compose_import(desk.page, &preview))
}

/// `POST /console/transfers/{id}/confirm`: books its lines.
pub async fn confirm(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<Uuid>,
) -> Result<Response, Refusal> {
    state.deposits.confirm_import(&desk.official, id).await?;
    Ok(done(&state, &format!("{PATH}/{id}"), "booked"))
}

fn refusal(fault: &StatementFault) -> Refusal {
    match fault {
        StatementFault::NotAStatement => Refusal::unprocessable("transfers-no-statement"),
        StatementFault::Malformed(at) => Refusal::unprocessable("transfers-malformed").with(at),
        StatementFault::TooLarge => Refusal::unprocessable("transfers-too-large"),
        StatementFault::Entity => Refusal::unprocessable("transfers-entity"),
    }
}

async fn show_list(
    state: &AppState,
    desk: StaffPage,
    refusal: Option<Refusal>,
) -> Result<Response, Refusal> {
    let imports = state.deposits.bank_imports(&desk.official).await?;
    let status = refused_status(&refusal);
    let page = compose(desk.page, &imports, refusal);
    render_as(status, &page)
}

/// Builds the page of the statements.
pub fn compose(page: Page, imports: &[ImportHead], refusal: Option<Refusal>) -> Transfers {
    let row = |import: &ImportHead| {
        let (key, tone) = match import.confirmed_at {
            Some(_) => ("transfers-booked", "good"),
            None => ("transfers-looked-at", "warn"),
        };
        ImportRow {
            path: format!("{PATH}/{}", import.id),
            name: import.name.clone(),
            lines: import.lines,
            sent: page.at(&import.at),
            state: Tag { text: page.text(key), tone },
        }
    };
    Transfers {
        rows: imports.iter().map(row).collect(),
        may_send: page.is_any(&[Role::Finance]),
        refusal: refusal.map(|refusal| refusal.words(page.language)),
        page,
    }
}

/// Builds the page of one statement.
pub fn compose_import(page: Page, preview: &ImportPreview) -> TransferImport {
    let ImportPreview { import, fates } = preview;
    let kinds = ["matched", "unmatched", "known", "other-currency"];
    let count = |kind: &&str| fates.iter().filter(|fate| key(**fate) == *kind).count();
    let counts = kinds.iter().map(|kind| (page.text_for("fate", kind), count(kind)));
    let lines = import.lines.iter().zip(fates).take(LINES_SHOWN);
    let row = |(line, fate): (&crate::deposit::bank::BankLine, &LineFate)| LineRow {
        day: line.day.plain(),
        payer: line.payer.clone(),
        purpose: line.purpose.clone(),
        amount: in_currency(&page, line.amount.get(), &line.currency),
        fate: tag(&page, *fate),
        signs: signs(&page, *fate),
    };
    TransferImport {
        path: format!("{PATH}/{}", import.id),
        name: import.name.clone(),
        sent: page.at(&import.at),
        sha256: import.sha256.clone(),
        counts: counts.collect(),
        left_out: import.left_out,
        rows: lines.map(row).collect(),
        hidden: import.lines.len().saturating_sub(LINES_SHOWN),
        confirmed: import.confirmed_at.map(|at| page.at(&at)),
        may_confirm: import.confirmed_at.is_none() && page.is_any(&[Role::Finance]),
        page,
    }
}

fn key(fate: LineFate) -> &'static str {
    match fate {
        LineFate::Known => "known",
        LineFate::Matched { .. } => "matched",
        LineFate::Unmatched => "unmatched",
        LineFate::OtherCurrency => "other-currency",
    }
}

/// The fate in a word. Another amount is settled, and what does not fit goes back.
fn tag(page: &Page, fate: LineFate) -> Tag {
    let (key, tone) = match fate {
        LineFate::Known => ("fate-known", ""),
        LineFate::Matched { is_exact: true, .. } => ("fate-matched", "good"),
        LineFate::Matched { is_exact: false, .. } => ("fate-other-amount", "warn"),
        LineFate::Unmatched => ("fate-unmatched", "warn"),
        LineFate::OtherCurrency => ("fate-other-currency", "bad"),
    };
    Tag { text: page.text(key), tone }
}

fn signs(page: &Page, fate: LineFate) -> Vec<String> {
    match fate {
        LineFate::Matched { is_namesake: false, .. } => vec![page.text("fate-other-name")],
        _ => Vec::new(),
    }
}
