//! Applications: the queue, one application with its answers and files, and the decision.

use super::layout::{Page, StaffPage, done, render, render_as};
use super::lots::refused_status;
use super::refusal::Refusal;
use super::words::{self, Tag};
use crate::AppState;
use crate::application::{Detail, QueueRow, Risk, masked};
use crate::catalogue::media_type;
use crate::identity::Role;
use crate::web::file_answer::disposition;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::BTreeSet;
use toruk_sync::domain::application::Status;
use toruk_sync::domain::form::{FieldKind, Form as Questions};
use toruk_sync::domain::id::{ApplicationId, AuctionId};
use toruk_sync::domain::text::file_name;
use toruk_sync::draft::FileRef;

/// Page of the moderator's queue.
#[derive(Template)]
#[template(path = "applications.html")]
pub struct Queue {
    pub page: Page,
    /// Applications, with those that wait first.
    pub rows: Vec<Row>,
    /// The number of waiting applications.
    pub waiting: usize,
    /// The words of the search.
    pub query: String,
    /// The path of the auction whose applications these are, if they are of one.
    pub of_auction: Option<String>,
}

/// An application in the queue.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Row {
    pub id: String,
    pub number: String,
    pub auction: String,
    pub auction_number: String,
    /// Title of the auction's lot.
    pub title: String,
    pub state: Tag,
    pub deposit: Tag,
    pub files: usize,
    pub received: String,
}

/// Page of one application.
#[derive(Template)]
#[template(path = "application.html")]
pub struct Single {
    pub page: Page,
    pub id: String,
    /// Name of the applicant.
    pub person: String,
    /// Public number of the auction.
    pub auction: String,
    pub state: Tag,
    pub deposit: Tag,
    /// The moment of its arrival.
    pub received: String,
    /// The moderator's reason, if there is one.
    pub stated: Option<String>,
    /// SHA-256 of the signed package.
    pub package_hash: String,
    /// Set if the evidence of its signature may be downloaded.
    pub has_evidence: bool,
    /// Pairs of question and answer.
    pub answers: Vec<(String, String)>,
    pub files: Vec<(String, FileRef)>,
    /// The state of the applicant's proof, in words.
    pub proof: Tag,
    /// Name of the firm that applies.
    pub firm: Option<String>,
    /// Set if personal numbers are masked and may be opened.
    pub opens_numbers: bool,
    /// Signs that the applicant may not be independent.
    pub risks: Vec<RiskLine>,
    /// Set if this official may decide.
    pub decides: bool,
    /// Set if this official may exclude the applicant.
    pub excludes: bool,
    pub refusal: Option<String>,
    /// A typed reason that was rejected.
    pub reason: String,
}

/// A sign, and the other application if two are alike.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct RiskLine {
    pub words: String,
    pub other: Option<(String, String)>,
}

/// The form of a refusal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefuseForm {
    reason: String,
}

/// The query of the list: words of a search, or one auction.
#[derive(Debug, Default, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    q: String,
    auction: Option<AuctionId>,
}

/// `GET /console/applications`: those that wait, then the newest in any state; with an auction, all
/// of its own, also after it has ended.
pub async fn list(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(ListQuery { q: query, auction }): Query<ListQuery>,
) -> Result<Response, Refusal> {
    let (applications, by) = (&state.applications, &desk.official);
    let rows = match (auction, query.trim()) {
        (Some(auction), _) => applications.queue(by, Some(auction)).await?,
        (None, "") => {
            let mut rows = applications.queue(by, None).await?;
            let waiting: BTreeSet<_> = rows.iter().map(|row| row.application.id).collect();
            let newest = applications.find_applications(by, "").await?.into_iter();
            rows.extend(newest.filter(|row| !waiting.contains(&row.application.id)));
            rows
        }
        (None, words) => applications.find_applications(by, words).await?,
    };
    let auction = auction.map(|auction| format!("/console/auctions/{auction}"));
    render(&queue_page(desk.page, rows, query, auction))
}

/// Builds the page of the queue.
pub fn queue_page(
    page: Page,
    mut queue: Vec<QueueRow>,
    query: String,
    of_auction: Option<String>,
) -> Queue {
    let waits = |row: &QueueRow| row.application.status == Status::Signed;
    // Who waits longest comes first, and of the others the newest.
    queue.sort_by_key(|row| match (waits(row), row.application.received_at) {
        (true, at) => (false, at.0),
        (false, at) => (true, at.0.saturating_neg()),
    });
    let waiting = queue.iter().filter(|row| waits(row)).count();
    let row = |row: QueueRow| Row {
        id: row.application.id.to_string(),
        number: row.number,
        auction: row.application.auction.to_string(),
        title: row.auction.title.get(page.language.tag()).to_owned(),
        auction_number: row.auction.number,
        state: words::application(&page, row.application.status),
        deposit: deposit(&page, row.deposit_paid),
        files: row.files,
        received: page.at(&row.application.received_at),
    };
    let rows = queue.into_iter().map(row).collect();
    Queue { page, rows, waiting, query, of_auction }
}

/// `GET /console/applications/{id}`: one application.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Refusal> {
    single(&state, &desk, id, None, String::new()).await
}

/// `POST /console/applications/{id}/numbers`: the application with its personal numbers, on record.
pub async fn open_numbers(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Refusal> {
    let detail = state.applications.with_numbers(&desk.official, id).await?;
    render(&compose(&desk.page, detail, (None, String::new())))
}

/// `POST /console/applications/{id}/admit`: admits the application.
pub async fn admit(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<ApplicationId>,
) -> Result<Response, Refusal> {
    match state.applications.admit(&desk.official, id).await {
        Ok(()) => Ok(done(&state, "/console/applications", "admitted")),
        Err(error) => single(&state, &desk, id, Some(error.into()), String::new()).await,
    }
}

/// `POST /console/applications/{id}/refuse`: refuses it with a reason.
pub async fn refuse(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<ApplicationId>,
    Form(form): Form<RefuseForm>,
) -> Result<Response, Refusal> {
    match state.applications.refuse(&desk.official, id, &form.reason).await {
        Ok(()) => Ok(done(&state, "/console/applications", "refused")),
        Err(error) => single(&state, &desk, id, Some(error.into()), form.reason).await,
    }
}

/// `POST /console/applications/{id}/exclude`: excludes an admitted applicant before the start.
pub async fn exclude(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<ApplicationId>,
    Form(form): Form<RefuseForm>,
) -> Result<Response, Refusal> {
    match state.applications.disqualify(&desk.official, id, &form.reason).await {
        Ok(()) => Ok(done(&state, "/console/applications", "excluded")),
        Err(error) => single(&state, &desk, id, Some(error.into()), form.reason).await,
    }
}

/// `GET /console/applications/{id}/files/{sha256}`: the file, as a download, because the browser
/// must not open a stranger's file.
pub async fn file(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, sha256)): Path<(ApplicationId, String)>,
) -> Result<Response, Refusal> {
    let (file, content) = state.applications.file(&desk.official, id, &sha256).await?;
    let (kind, disposition) = download(&file.name, &content);
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, content).into_response())
}

/// The type and the disposition of a file. Its bytes decide on both, not the name or the type that
/// the applicant's phone gave: a browser that saves it opens it by the ending.
fn download(name: &str, content: &[u8]) -> (&'static str, String) {
    let kind = media_type(content).unwrap_or("application/octet-stream");
    (kind, disposition("attachment", &file_name(name, kind)))
}

async fn single(
    state: &AppState,
    desk: &StaffPage,
    id: ApplicationId,
    refusal: Option<Refusal>,
    reason: String,
) -> Result<Response, Refusal> {
    if let Some(refusal) = refusal.as_ref().filter(|refusal| !refusal.belongs_in_form()) {
        return Err(refusal.clone());
    }
    let detail = state.applications.detail(&desk.official, id).await?;
    let status = refused_status(&refusal);
    let words = refusal.map(|refusal| refusal.words(desk.page.language));
    render_as(status, &compose(&desk.page, detail, (words, reason)))
}

/// Builds the page of an application.
pub fn compose(page: &Page, detail: Detail, (refusal, reason): (Option<String>, String)) -> Single {
    let Detail { application, package, person_name, is_excludable, .. } = detail;
    let detail_id = application.id;
    let form = Questions::standard();
    let language = page.language.tag();
    let question = |id: &str| {
        let field = form.fields.iter().find(|field| field.id == id);
        field.map_or_else(|| id.to_owned(), |field| field.label.get(language).to_owned())
    };
    let answer = |id: &str, value: &str| {
        let kind = form.fields.iter().find(|field| field.id == id).map(|field| &field.kind);
        match kind {
            Some(FieldKind::Choice { .. }) => page.text_for("choice", value),
            Some(FieldKind::Consent) if value == "yes" => page.text("yes"),
            _ => value.to_owned(),
        }
    };
    let slot = |id: &str| {
        let slot = form.slots.iter().find(|slot| slot.id == id);
        slot.map_or_else(|| id.to_owned(), |slot| slot.label.get(language).to_owned())
    };
    // In the form's order; questions that the form no longer has come last.
    let place = |id: &str| form.fields.iter().position(|field| field.id == id);
    let mut given: Vec<_> = package.answers.iter().collect();
    given.sort_by_key(|(id, _)| place(id).unwrap_or(usize::MAX));
    let answers = given.into_iter().map(|(id, value)| (question(id), answer(id, value)));
    let (key, tone) =
        if detail.is_proven { ("applicant-proven", "good") } else { ("applicant-unproven", "") };
    Single {
        id: application.id.to_string(),
        person: person_name,
        auction: application.auction.to_string(),
        state: words::application(page, application.status),
        deposit: deposit(page, application.deposit_paid),
        received: page.at(&application.received_at),
        stated: application.reason,
        package_hash: application.package_hash,
        has_evidence: detail.has_evidence,
        answers: answers.collect(),
        proof: Tag { text: page.text(key), tone },
        firm: detail.firm.map(|name| name.get(language).to_owned()),
        opens_numbers: !detail.has_open_numbers,
        risks: detail.risks.iter().map(|risk| risk_line(page, risk)).collect(),
        files: package.files.into_iter().map(|file| (slot(&file.slot), file)).collect(),
        decides: application.status == Status::Signed && page.is_any(&[Role::Moderator]),
        excludes: is_excludable && page.is_any(&[Role::Moderator]),
        refusal,
        reason,
        page: page.clone().shown_at(format!("/console/applications/{detail_id}")),
    }
}

fn risk_line(page: &Page, risk: &Risk) -> RiskLine {
    let other = risk.other.map(|other| (other.to_string(), masked(other)));
    RiskLine { words: page.text_for("risk", risk.kind.key()), other }
}

fn deposit(page: &Page, paid: bool) -> Tag {
    let (key, tone) = if paid { ("deposit-paid", "good") } else { ("deposit-due", "") };
    Tag { text: page.text(key), tone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_under_the_ending_of_its_bytes() {
        for (name, content, kind, saved) in [
            ("a.pdf", &b"%PDF-1.7"[..], "application/pdf", "a.pdf"),
            ("passport.html", b"%PDF-1.7 <script>", "application/pdf", "passport.html.pdf"),
            ("safe\u{202e}txt.exe", b"%PDF-1.7", "application/pdf", "safetxt.exe.pdf"),
            ("a.pdf", b"<script>", "application/octet-stream", "a.pdf.bin"),
            ("a\r\nb;\".jpg", b"\xff\xd8\xff", "image/jpeg", "ab%3B_.jpg"),
            ("й.png", b"\x89PNG\r\n\x1a\n", "image/png", "%D0%B9.png"),
        ] {
            let disposition = format!("attachment; filename*=UTF-8''{saved}");
            assert_eq!(download(name, content), (kind, disposition), "{name:?}");
        }
        assert!(download(&"a".repeat(300_000), b"%PDF-").1.len() < 200);
    }
}
