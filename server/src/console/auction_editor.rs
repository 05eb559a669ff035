//! Creating, editing and relaunching an auction: one form with three targets.

use super::form::{Field, Kind};
use super::layout::{Page, StaffPage, done, render_as};
use super::offer::{Faults, Typed};
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::OfficialAction;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use toruk_sync::domain::auction::{Auction, Terms, programmed_value};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, LotId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::protocol::catalogue::AuctionView;

/// Page of the form.
#[derive(Template)]
#[template(path = "auction-form.html")]
pub struct Editor {
    pub page: Page,
    /// The purpose: `create`, `edit` or `relaunch`.
    pub purpose: &'static str,
    /// The URL that the form posts to.
    pub action: String,
    /// The URL of the previous page.
    pub back: String,
    /// Title of the lot.
    pub title: String,
    /// Id of the lot, in a hidden field.
    pub lot: String,
    /// The reason why the previous attempt failed, in words.
    pub failure: Option<String>,
    pub fields: Vec<Field>,
    /// The terms that publication would freeze, if the form is complete.
    pub frozen: Option<Terms>,
    pub refusal: Option<String>,
}

/// The query that names a new auction's lot.
#[derive(Debug, Deserialize)]
pub struct ForLot {
    lot: LotId,
}

/// The purpose of the form.
struct Purpose {
    key: &'static str,
    action: String,
    back: String,
    title: Text,
    lot: String,
    failure: Option<String>,
    rules: RuleProfile,
    /// The start price that the rules set, and where it comes from.
    set: Option<(Tyiyn, String)>,
}

/// `GET /console/auctions/new?lot=…`: the empty form.
pub async fn new(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(query): Query<ForLot>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let row = state.catalogue.lot(&desk.official, query.lot).await?;
    let typed = Typed::from_hint(query.lot.to_string(), &row.hint);
    let purpose = creation(&state, query.lot, row.lot.title).await?;
    page(&state, &desk, purpose, &typed, Faults::new(), None)
}

/// `POST /console/auctions/new`: creates a draft.
pub async fn create(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let lot: LotId = typed.lot.parse().map_err(|_| Refusal::not_found())?;
    let row = state.catalogue.lot(&desk.official, lot).await?;
    let purpose = creation(&state, lot, row.lot.title).await?;
    let offer = match checked(&state, &purpose, &typed) {
        Ok(offer) => offer,
        Err(faults) => return page(&state, &desk, purpose, &typed, faults, None),
    };
    match state.auctions.create(&desk.official, lot, offer).await {
        Ok(id) => Ok(done(&state, &format!("/console/auctions/{id}"), "created")),
        Err(error) => again(&state, &desk, purpose, &typed, error.into()),
    }
}

/// `GET /console/auctions/{id}/edit`: the form with the present offer.
pub async fn edit(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let typed = Typed::from_offer(&view.auction.birth.offer);
    page(&state, &desk, change("edit", &desk, view), &typed, Faults::new(), None)
}

/// `POST /console/auctions/{id}/edit`: saves the offer.
pub async fn save(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let purpose = change("edit", &desk, view);
    let offer = match checked(&state, &purpose, &typed) {
        Ok(offer) => offer,
        Err(faults) => return page(&state, &desk, purpose, &typed, faults, None),
    };
    match state.auctions.act(&desk.official, id, OfficialAction::Edit { offer }).await {
        Ok(()) => Ok(done(&state, &format!("/console/auctions/{id}"), "saved")),
        Err(error) => again(&state, &desk, purpose, &typed, error.into()),
    }
}

/// `GET /console/auctions/{id}/relaunch`: the form with the failed offer.
pub async fn relaunch_form(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let typed = Typed::from_failed(&view.auction);
    page(&state, &desk, change("relaunch", &desk, view), &typed, Faults::new(), None)
}

/// `POST /console/auctions/{id}/relaunch`: creates the linked draft.
pub async fn relaunch(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let purpose = change("relaunch", &desk, view);
    let offer = match checked(&state, &purpose, &typed) {
        Ok(offer) => offer,
        Err(faults) => return page(&state, &desk, purpose, &typed, faults, None),
    };
    match state.auctions.relaunch(&desk.official, id, offer, &typed.reason).await {
        Ok(id) => Ok(done(&state, &format!("/console/auctions/{id}"), "relaunched")),
        Err(error) => again(&state, &desk, purpose, &typed, error.into()),
    }
}

async fn creation(state: &AppState, lot: LotId, title: Text) -> Result<Purpose, Refusal> {
    Ok(Purpose {
        key: "create",
        action: "/console/auctions/new".to_owned(),
        back: format!("/console/lots/{lot}"),
        title,
        lot: lot.to_string(),
        failure: None,
        rules: state.rulebook.current(state.context.db.read()).await?,
        set: None,
    })
}

fn change(key: &'static str, desk: &StaffPage, view: AuctionView) -> Purpose {
    let id = view.auction.birth.id;
    let failure = view.auction.failure;
    let words = |failure| desk.page.text_for("failure", &super::words::name(&failure));
    let set = match key {
        "relaunch" => programme(&desk.page, &view.auction),
        _ => {
            let attempt = view.auction.birth.attempt.to_string();
            let origin = || desk.page.text_with("value-programmed", attempt);
            view.auction.birth.value_set.map(|value| (value, origin()))
        }
    };
    // Another attempt has the rules of the first.
    let rules = view.auction.birth.rules;
    Purpose {
        key,
        action: format!("/console/auctions/{id}/{key}"),
        back: format!("/console/auctions/{id}"),
        title: view.lot.title,
        lot: view.lot.id.to_string(),
        failure: failure.map(words),
        rules,
        set,
    }
}

/// The price that the rules set for the attempt after this one, and the sum that gives it.
fn programme(page: &Page, failed: &Auction) -> Option<(Tyiyn, String)> {
    let value = programmed_value(failed)?;
    let (birth, attempt) = (&failed.birth, failed.birth.attempt.saturating_add(1));
    let cut = birth.rules.relaunch_cut(attempt)?;
    let origin = page.text_with("value-programmed", attempt.to_string());
    let (before, cut) = (page.som(&birth.offer.value), page.percent(&cut));
    Some((value, format!("{origin}: {before} − {cut} = {}", page.som(&value))))
}

/// The offer to save; previews and faults return to the form.
fn checked(
    state: &AppState,
    purpose: &Purpose,
    typed: &Typed,
) -> Result<toruk_sync::domain::auction::Offer, Faults> {
    let offer = typed.read()?;
    if purpose.set.as_ref().is_some_and(|(value, _)| *value != offer.value) {
        return Err(Faults::from([("value", "fault-price-programmed")]));
    }
    typed.freeze(&purpose.rules, state.context.ports.clock.now())?;
    if typed.act == "preview" { Err(Faults::new()) } else { Ok(offer) }
}

fn again(
    state: &AppState,
    desk: &StaffPage,
    purpose: Purpose,
    typed: &Typed,
    refusal: Refusal,
) -> Result<Response, Refusal> {
    if !refusal.belongs_in_form() {
        return Err(refusal);
    }
    page(state, desk, purpose, typed, Faults::new(), Some(refusal))
}

fn page(
    state: &AppState,
    desk: &StaffPage,
    purpose: Purpose,
    typed: &Typed,
    faults: Faults,
    refusal: Option<Refusal>,
) -> Result<Response, Refusal> {
    let at = match purpose.key {
        "create" => format!("{}?lot={}", purpose.action, purpose.lot),
        _ => purpose.action.clone(),
    };
    let page = desk.page.clone().shown_at(at);
    let status = match &refusal {
        Some(refusal) => refusal.status,
        None if faults.is_empty() => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let faulty = (!faults.is_empty()).then(|| page.text("form-faulty"));
    let mut fields = typed.fields(&page, &faults, &purpose.rules);
    if let Some((_, origin)) = &purpose.set {
        for field in fields.iter_mut().filter(|field| field.name == "value") {
            field.hint = Some(origin.clone());
        }
    }
    if purpose.key == "relaunch" {
        let reason = Field::new("reason", page.text("relaunch-reason"), &typed.reason);
        let hint = page.text("relaunch-reason-hint");
        fields.push(reason.kind(Kind::Long).hint(hint).optional());
    }
    let editor = Editor {
        purpose: purpose.key,
        action: purpose.action,
        back: purpose.back,
        title: purpose.title.get(page.language.tag()).to_owned(),
        lot: purpose.lot,
        failure: purpose.failure,
        fields,
        frozen: typed.freeze(&purpose.rules, state.context.ports.clock.now()).ok(),
        refusal: refusal.map(|refusal| refusal.words(page.language)).or(faulty),
        page,
    };
    render_as(status, &editor)
}
