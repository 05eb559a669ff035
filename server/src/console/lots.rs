//! Lots: the list, the import, and one lot with its missing facts and its documents.

use super::form::{Field, Kind};
use super::layout::{Page, StaffPage, done, render, render_as};
use super::refusal::Refusal;
use crate::AppState;
use crate::catalogue::Paper;
use crate::catalogue::rows::LotRow;
use crate::identity::Role;
use crate::web::file_answer::HashedFile;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::collections::BTreeMap;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{LotId, OrganisationId};

/// Parts of an address in the order they are read.
const ADDRESS: [&str; 5] = ["region", "district", "settlement", "street", "house"];

/// The query with the start of a page, or with the words of a search.
#[derive(Debug, Default, Deserialize)]
pub struct After {
    /// `next` of the previous page.
    pub after: Option<String>,
    /// The words to be found.
    #[serde(default)]
    pub q: String,
}

/// Page of the list.
#[derive(Template)]
#[template(path = "lots.html")]
pub struct Lots {
    pub page: Page,
    pub rows: Vec<LotRow>,
    /// Start of the next page.
    pub next: Option<String>,
    /// Set on every page but the first.
    pub later: bool,
    /// Set if this official imports lots.
    pub imports: bool,
    /// The words of the search.
    pub query: String,
}

/// Page of one lot.
#[derive(Template)]
#[template(path = "lot.html")]
pub struct Lot {
    pub page: Page,
    pub row: LotRow,
    /// The address in one line.
    pub address: String,
    /// Titles and holder.
    pub fields: Vec<Field>,
    /// Name of the organisation that sells it; `None` for its holder.
    pub organiser: Option<String>,
    /// Ids and names of the organisations that may sell it, and whether one does.
    pub organisations: Vec<(String, String, bool)>,
    /// Set if this official may complete the lot.
    pub edits: bool,
    pub refusal: Option<String>,
}

/// The form with the facts that an organiser completes.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // Named as what they are.
pub struct Completion {
    pub title_ky: String,
    pub title_ru: String,
    pub title_en: String,
    pub holder_ky: String,
    pub holder_ru: String,
    pub holder_en: String,
}

/// The form with the organisation that sells a lot; empty for its holder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entrusted {
    organiser: String,
}

/// `GET /console/lots`: the list.
pub async fn list(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(query): Query<After>,
) -> Result<Response, Refusal> {
    let After { after, q: query } = query;
    let (rows, next) = match query.trim() {
        "" => state.catalogue.lots(&desk.official, after.as_deref()).await?,
        words => (state.catalogue.find_lots(&desk.official, words).await?, None),
    };
    let imports = desk.page.is_any(&[Role::Organiser]);
    render(&Lots { page: desk.page, rows, next, later: after.is_some(), imports, query })
}

/// `GET /console/lots/{id}`: one lot.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<LotId>,
) -> Result<Response, Refusal> {
    let row = state.catalogue.lot(&desk.official, id).await?;
    let typed = Completion::of(&row);
    let organisations = state.catalogue.organisations(&desk.official).await?;
    render(&lot_page(&desk, row, (&typed, organisations), None))
}

/// `POST /console/lots/{id}/organiser`: the organisation that sells it.
pub async fn entrust(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<LotId>,
    Form(form): Form<Entrusted>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let organiser = match form.organiser.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Refusal::unprocessable("refused-malformed"))?),
    };
    match state.catalogue.entrust(&desk.official, id, organiser).await {
        Ok(()) => Ok(done(&state, &format!("/console/lots/{id}"), "lot")),
        Err(error) => again(&state, &desk, id, error.into(), None).await,
    }
}

/// `GET /console/lots/{id}/documents/{sha256}`: a document, shown where the browser can.
pub async fn document(
    State(state): State<AppState>,
    headers: HeaderMap,
    desk: StaffPage,
    Path((id, sha256)): Path<(LotId, String)>,
) -> Result<Response, Refusal> {
    let paper = state.catalogue.lot_paper(&desk.official, id, &sha256).await?;
    let Paper { title: name, mime, sha256, path } = paper;
    let file = HashedFile { path, mime, sha256, name, is_public: false };
    let answered = file.answer(&headers).await;
    answered.map_err(|problem| Refusal::of_status(problem.into_response().status()))
}

/// `POST /console/lots/{id}`: completes the lot.
pub async fn complete(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<LotId>,
    Form(typed): Form<Completion>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let (title, holder) = typed.texts();
    let outcome = if title.is_complete() {
        let by = &desk.official;
        state.catalogue.complete_lot(by, id, title, holder).await.map_err(Refusal::from)
    } else {
        Err(Refusal::unprocessable("lot-title-needed"))
    };
    match outcome {
        Ok(()) => Ok(done(&state, &format!("/console/lots/{id}"), "lot")),
        Err(refusal) => again(&state, &desk, id, refusal, Some(typed)).await,
    }
}

/// Shows the lot's page again, with a rejection and the typed values.
///
/// # Errors
/// Rejections that no correction in the form can resolve, and those from reading the lot.
pub async fn again(
    state: &AppState,
    desk: &StaffPage,
    id: LotId,
    refusal: Refusal,
    typed: Option<Completion>,
) -> Result<Response, Refusal> {
    if !refusal.belongs_in_form() {
        return Err(refusal);
    }
    let row = state.catalogue.lot(&desk.official, id).await?;
    let typed = typed.unwrap_or_else(|| Completion::of(&row));
    let organisations = state.catalogue.organisations(&desk.official).await?;
    render_as(refusal.status, &lot_page(desk, row, (&typed, organisations), Some(refusal)))
}

/// Builds the page of a lot.
pub fn lot_page(
    desk: &StaffPage,
    row: LotRow,
    (typed, organisations): (&Completion, Vec<(OrganisationId, Text)>),
    refusal: Option<Refusal>,
) -> Lot {
    let page = desk.page.clone().shown_at(format!("/console/lots/{}", row.lot.id));
    let fields = typed.fields(&page, &row.missing);
    let refusal = refusal.map(|refusal| refusal.words(page.language));
    let edits = page.is_any(&[Role::Organiser]);
    let language = page.language.tag();
    let named = |id: &OrganisationId| {
        let found = organisations.iter().find(|(known, _)| known == id);
        found.map(|(_, name)| name.get(language).to_owned())
    };
    let organiser = row.organiser.as_ref().and_then(named);
    let others = organisations.iter().filter(|(id, _)| Some(*id) != row.holder);
    let others = others.map(|(id, name)| {
        (id.to_string(), name.get(language).to_owned(), row.organiser == Some(*id))
    });
    let organisations = others.collect();
    let address = address(&row.lot.address);
    Lot { address, fields, organiser, organisations, edits, refusal, row, page }
}

/// An address in a line, from the large to the small.
pub fn address(parts: &BTreeMap<String, String>) -> String {
    let known = ADDRESS.iter().filter_map(|part| parts.get(*part)).map(String::as_str);
    known.collect::<Vec<_>>().join(", ")
}

impl Completion {
    /// The present values of the lot.
    pub fn of(row: &LotRow) -> Self {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let (title, holder) = (&row.lot.title, &row.lot.lot_holder);
        Self {
            title_ky: known(&title.ky),
            title_ru: known(&title.ru),
            title_en: known(&title.en),
            holder_ky: known(&holder.ky),
            holder_ru: known(&holder.ru),
            holder_en: known(&holder.en),
        }
    }

    fn texts(&self) -> (Text, Text) {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let title = (given(&self.title_ky), given(&self.title_ru), given(&self.title_en));
        let holder = (given(&self.holder_ky), given(&self.holder_ru), given(&self.holder_en));
        let text = |(ky, ru, en)| Text { ky, ru, en };
        (text(title), text(holder))
    }

    fn fields(&self, page: &Page, missing: &[&'static str]) -> Vec<Field> {
        let ask = |field: Field, key: &str| match missing.contains(&key) {
            true => field.asked(page.text("lot-not-known")),
            false => field,
        };
        let line =
            |name, key: &str, value: &str| Field::new(name, page.text(key), value).optional();
        let title = |name, key: &str, value: &str| ask(line(name, key, value), name);
        let holder_ky = line("holder_ky", "lot-holder-ky", &self.holder_ky);
        let holder_ky = holder_ky.hint(page.text("lot-holder-hint"));
        let holder_ru = line("holder_ru", "lot-holder-ru", &self.holder_ru);
        vec![
            title("title_ky", "lot-title-ky", &self.title_ky),
            title("title_ru", "lot-title-ru", &self.title_ru),
            title("title_en", "lot-title-en", &self.title_en),
            ask(holder_ky, "lot_holder"),
            ask(holder_ru, "lot_holder"),
            line("holder_en", "lot-holder-en", &self.holder_en),
        ]
    }
}

/// The status of a page whose form was rejected.
pub fn refused_status(refusal: &Option<Refusal>) -> StatusCode {
    refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status)
}
