//! The rules for new auctions: the profile in force with the legal basis of each number, its
//! versions, a change that two officials make, and what it would have changed in the last auctions.

use super::layout::{Page, StaffPage, done, render_as};
use super::lots::refused_status;
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::Role;
use crate::rulebook::{
    Error, FieldKind, PROFILE_FIELDS, PendingProfile, ProfileField, Simulation, StoredProfile,
    field_text,
};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::simulation::SimulatedEnd;
use uuid::Uuid;

const PATH: &str = "/console/rules";
/// The beginning of the names of fields in the form, and of their legal basis.
const FIELD: &str = "field-";
const BASIS: &str = "basis-";

/// Page of the rules.
#[derive(Template)]
#[template(path = "rules.html")]
#[allow(missing_docs)] // Named as what they are.
pub struct RulesPage {
    pub page: Page,
    pub name: String,
    pub version: u32,
    pub fields: Vec<FieldRow>,
    pub versions: Vec<VersionRow>,
    pub pending: Option<PendingRow>,
    /// Set if this official may propose.
    pub may_edit: bool,
    /// A typed reason.
    pub reason: String,
    pub simulation: Option<SimulationView>,
    pub refusal: Option<String>,
}

/// A field in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct FieldRow {
    pub name: &'static str,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub basis: String,
    /// Names to choose from, with `true` for the chosen one.
    pub options: Vec<(String, bool)>,
    pub is_long: bool,
    pub is_optional: bool,
}

/// A version in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct VersionRow {
    pub version: u32,
    pub at: String,
    pub proposed_by: String,
    pub approved_by: String,
    pub reason: String,
}

/// A proposal in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct PendingRow {
    pub id: String,
    pub by: String,
    pub until: String,
    pub reason: String,
    /// The label of a field, its value before and after.
    pub changes: Vec<(String, String, String)>,
    pub may_decide: bool,
    pub is_own: bool,
}

/// A simulation in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct SimulationView {
    pub auctions: usize,
    pub left_out: usize,
    pub changed: usize,
    pub rows: Vec<SimulationRow>,
}

/// An auction of a simulation in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct SimulationRow {
    pub id: String,
    pub number: String,
    pub before: String,
    pub after: String,
}

type Texts = BTreeMap<String, String>;

/// `GET /console/rules`: the profile in force.
pub async fn show(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    again(&state, &desk, None, None, Texts::new()).await
}

/// `POST /console/rules`: proposes a change, or tries it on the last auctions.
pub async fn propose(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(form): Form<Texts>,
) -> Result<Response, Refusal> {
    let part = |beginning: &str| -> Texts {
        let of = form.iter().filter_map(|(name, text)| {
            Some((name.strip_prefix(beginning)?.to_owned(), text.clone()))
        });
        of.collect()
    };
    let (texts, basis) = (part(FIELD), part(BASIS));
    let by = &desk.official;
    if form.get("act").is_some_and(|act| act == "simulate") {
        return match state.rulebook.simulate(by, &texts).await {
            Ok(found) => again(&state, &desk, None, Some(found), form).await,
            Err(error) => again(&state, &desk, Some(refusal(&desk.page, error)), None, form).await,
        };
    }
    let reason = form.get("reason").cloned().unwrap_or_default();
    match state.rulebook.propose(by, (&texts, &basis), &reason).await {
        Ok(()) => Ok(done(&state, PATH, "proposed")),
        Err(error) => again(&state, &desk, Some(refusal(&desk.page, error)), None, form).await,
    }
}

/// `POST /console/rules/proposals/{proposal}/approve`: puts another official's proposal in force.
pub async fn approve(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(proposal): Path<Uuid>,
) -> Result<Response, Refusal> {
    let approved = state.rulebook.approve(&desk.official, proposal).await;
    after(&state, &desk, approved, "approved").await
}

/// `POST /console/rules/proposals/{proposal}/decline`: declines it, or withdraws one's own.
pub async fn decline(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(proposal): Path<Uuid>,
) -> Result<Response, Refusal> {
    let declined = state.rulebook.decline(&desk.official, proposal).await;
    after(&state, &desk, declined, "declined").await
}

async fn after(
    state: &AppState,
    desk: &StaffPage,
    outcome: Result<(), Error>,
    what: &str,
) -> Result<Response, Refusal> {
    match outcome {
        Ok(()) => Ok(done(state, PATH, what)),
        Err(error) => {
            again(state, desk, Some(refusal(&desk.page, error)), None, Texts::new()).await
        }
    }
}

fn refusal(page: &Page, error: Error) -> Refusal {
    let conflict = |key| Refusal::new(StatusCode::CONFLICT, key);
    match error {
        Error::Forbidden => Refusal::forbidden(),
        Error::Field(fault) => {
            Refusal::unprocessable("rules-field").with(page.text_for("field-of-rules", fault.0))
        }
        Error::NothingChanged => Refusal::unprocessable("refused-nothing-corrected"),
        Error::ReasonNeeded => Refusal::unprocessable("money-reason-needed"),
        Error::SecondPersonNeeded => conflict("money-second-person"),
        Error::Lapsed => conflict("money-lapsed"),
        Error::Conflict(found) => found.into(),
        Error::Store(error) => error.into(),
    }
}

async fn again(
    state: &AppState,
    desk: &StaffPage,
    refusal: Option<Refusal>,
    simulation: Option<Simulation>,
    typed: Texts,
) -> Result<Response, Refusal> {
    if let Some(refusal) = refusal.as_ref().filter(|refusal| !refusal.belongs_in_form()) {
        return Err(refusal.clone());
    }
    let (book, by) = (&state.rulebook, &desk.official);
    let plain = |error| self::refusal(&desk.page, error);
    let versions = book.versions(by).await.map_err(plain)?;
    let pending = book.pending(by).await.map_err(plain)?;
    let current = book.current(state.context.db.read()).await?;
    let mut people: Vec<PersonId> = versions
        .iter()
        .flat_map(|version| [version.proposed_by, version.approved_by])
        .chain(pending.iter().map(|pending| pending.proposal.by))
        .collect();
    people.dedup();
    let names = match people.is_empty() {
        true => BTreeMap::new(),
        false => state.identity.names(&people).await?,
    };
    let status = refused_status(&refusal);
    let words = refusal.map(|refusal| refusal.words(desk.page.language));
    let page = desk.page.clone().shown_at(PATH.to_owned());
    let mut shown = compose(page, &current, versions, pending, &names);
    shown.may_edit = book.may_edit(by);
    shown.refusal = words;
    shown.simulation = simulation.map(|found| simulated(&shown.page, &found));
    shown.put(&typed);
    render_as(status, &shown)
}

/// Builds the page.
pub fn compose(
    page: Page,
    current: &RuleProfile,
    versions: Vec<StoredProfile>,
    pending: Option<PendingProfile>,
    names: &BTreeMap<PersonId, String>,
) -> RulesPage {
    let basis = versions.first().map(|known| known.basis.clone()).unwrap_or_default();
    let name =
        |person: &PersonId| names.get(person).cloned().unwrap_or_else(|| page.text("unknown"));
    let field = |field: &ProfileField| row(&page, current, field, &basis);
    RulesPage {
        name: current.id.clone(),
        version: current.version,
        fields: PROFILE_FIELDS.iter().map(field).collect(),
        versions: versions
            .iter()
            .map(|known| VersionRow {
                version: known.rules.version,
                at: page.at(&known.approved_at),
                proposed_by: name(&known.proposed_by),
                approved_by: name(&known.approved_by),
                reason: known.reason.clone(),
            })
            .collect(),
        pending: pending.map(|pending| PendingRow {
            id: pending.id.to_string(),
            by: name(&pending.proposal.by),
            until: page.at(&pending.proposal.expires_at),
            changes: changes(&page, current, &pending.proposal.rules),
            reason: pending.proposal.reason,
            may_decide: pending.may_decide,
            is_own: pending.is_own,
        }),
        may_edit: page.is_any(&[Role::Moderator]),
        reason: String::new(),
        simulation: None,
        refusal: None,
        page,
    }
}

impl RulesPage {
    /// Puts what was typed into the form again.
    fn put(&mut self, typed: &Texts) {
        for field in &mut self.fields {
            if let Some(text) = typed.get(&format!("{FIELD}{}", field.name)) {
                field.value.clone_from(text);
                for (option, is_chosen) in &mut field.options {
                    *is_chosen = option == text;
                }
            }
            if let Some(text) = typed.get(&format!("{BASIS}{}", field.name)) {
                field.basis.clone_from(text);
            }
        }
        if let Some(reason) = typed.get("reason") {
            self.reason.clone_from(reason);
        }
    }
}

fn row(page: &Page, rules: &RuleProfile, field: &ProfileField, basis: &Texts) -> FieldRow {
    let value = field_text(rules, field);
    let names: &[&str] = match field.kind {
        FieldKind::Choice(names) => names,
        FieldKind::YesNo => &["yes", "no"],
        _ => &[],
    };
    let hint = match field.kind {
        FieldKind::Span => "span",
        FieldKind::Percent => "percent",
        FieldKind::Percents => "percents",
        FieldKind::Bands => "bands",
        FieldKind::Plan => "plan",
        FieldKind::Count => "count",
        FieldKind::Som => "som",
        FieldKind::Moment => "moment",
        FieldKind::Days => "days",
        FieldKind::Several(_) => "methods",
        FieldKind::YesNo | FieldKind::Choice(_) | FieldKind::Text => "",
    };
    FieldRow {
        name: field.name,
        label: page.text_for("field-of-rules", field.name),
        hint: if hint.is_empty() { String::new() } else { page.text_for("rules-hint", hint) },
        options: options(names, field.is_optional, &value),
        basis: basis.get(field.name).cloned().unwrap_or_default(),
        is_long: matches!(field.kind, FieldKind::Days | FieldKind::Bands),
        is_optional: field.is_optional,
        value,
    }
}

/// The names of a choice, with `true` for the chosen one; one that may be left empty begins with
/// nothing, so that a form that is sent unchanged changes nothing.
fn options(names: &[&str], is_optional: bool, value: &str) -> Vec<(String, bool)> {
    let nothing = (is_optional && !names.is_empty()).then_some("");
    let all = nothing.into_iter().chain(names.iter().copied());
    all.map(|name| (name.to_owned(), name == value)).collect()
}

fn changes(
    page: &Page,
    before: &RuleProfile,
    after: &RuleProfile,
) -> Vec<(String, String, String)> {
    let of = |field: &ProfileField| {
        let (old, new) = (field_text(before, field), field_text(after, field));
        (old != new).then(|| (page.text_for("field-of-rules", field.name), old, new))
    };
    PROFILE_FIELDS.iter().filter_map(of).collect()
}

/// Describes a simulation in words: the auctions that would have ended otherwise.
pub fn simulated(page: &Page, found: &Simulation) -> SimulationView {
    let others = found.auctions.iter().filter(|auction| auction.ends.is_other());
    let rows: Vec<_> = others
        .map(|auction| SimulationRow {
            id: auction.id.to_string(),
            number: auction.number.clone(),
            before: end(page, &auction.ends.before),
            after: end(page, &auction.ends.after),
        })
        .collect();
    SimulationView {
        auctions: found.auctions.len(),
        left_out: found.left_out,
        changed: rows.len(),
        rows,
    }
}

fn end(page: &Page, end: &SimulatedEnd) -> String {
    if let Some(fault) = &end.not_published {
        return page.text_with("simulation-not-published", page.text_of("offer-fault", fault));
    }
    if let Some(failure) = &end.failure {
        return page.text_of("failure", failure);
    }
    match &end.winner {
        Some((bidder, price)) => {
            let raises = usize::try_from(end.raises).unwrap_or(usize::MAX);
            let bidder = page.text_with("participant", bidder.to_string());
            format!("{bidder}, {} · {}", page.som(price), page.text_count("count-raises", raises))
        }
        None => page.text_of("status", &end.status),
    }
}
