//! Organisations: the list, one with its register's identifier, and who may act for it.

use super::form::{Field, Kind};
use super::layout::{Page, StaffPage, done, render, render_as};
use super::lots::refused_status;
use super::refusal::Refusal;
use super::words::Tag;
use crate::AppState;
use crate::identity::firm::TAX_REGISTER;
use crate::identity::{
    FirmName, Membership, MembershipId, NewMembership, Organisation, OrganisationDetail, Power,
    Role,
};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::OrganisationId;
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// The list's path.
const PATH: &str = "/console/organisations";

/// Page of all organisations.
#[derive(Template)]
#[template(path = "organisations.html")]
pub struct Organisations {
    pub page: Page,
    pub rows: Vec<OrganisationLine>,
    /// The form of a new one, if this official may make it.
    pub fields: Vec<Field>,
    pub refusal: Option<String>,
}

/// An organisation in the list.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct OrganisationLine {
    pub id: String,
    pub name: String,
    pub identifier: String,
}

/// Page of one organisation.
#[derive(Template)]
#[template(path = "organisation.html")]
pub struct SingleOrganisation {
    pub page: Page,
    pub id: String,
    pub name: String,
    pub members: Vec<Member>,
    /// The form of its name and identifier.
    pub fields: Vec<Field>,
    /// The form of new powers.
    pub powers: Vec<Field>,
    /// Set if this official may change it.
    pub edits: bool,
    pub refusal: Option<String>,
}

/// A person's powers in the list.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Member {
    pub id: String,
    pub name: String,
    pub power: String,
    pub document: String,
    pub from: String,
    pub until: String,
    pub state: Tag,
    /// Set if they can be ended.
    pub ends: bool,
}

/// The form with an organisation's name and identifier.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // Named as what they are.
pub struct OrganisationForm {
    pub name_ky: String,
    pub name_ru: String,
    pub name_en: String,
    pub scheme: String,
    pub identifier: String,
}

/// The form of new powers. The number is in the body alone, and is not shown again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowersForm {
    pin: String,
    power: String,
    document: String,
    valid_from: String,
    #[serde(default)]
    valid_until: String,
}

/// `GET /console/organisations`: the list.
pub async fn list(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    let rows = state.identity.organisations(&desk.official).await?;
    render(&list_page(desk.page, rows, &OrganisationForm::fresh(), None))
}

/// `POST /console/organisations`: a new organisation.
pub async fn create(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(typed): Form<OrganisationForm>,
) -> Result<Response, Refusal> {
    let (by, (name, firm)) = (&desk.official, typed.values());
    match state.identity.create_organisation(by, name, firm).await.map_err(Refusal::from) {
        Ok(id) => Ok(done(&state, &format!("{PATH}/{id}"), "organisation")),
        Err(refusal) if refusal.belongs_in_form() => {
            let rows = state.identity.organisations(by).await?;
            let status = refusal.status;
            render_as(status, &list_page(desk.page, rows, &typed, Some(refusal)))
        }
        Err(refusal) => Err(refusal),
    }
}

/// `GET /console/organisations/{id}`: one organisation.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<OrganisationId>,
) -> Result<Response, Refusal> {
    single(&state, &desk, id, None, None).await
}

/// `POST /console/organisations/{id}`: its name and identifier.
pub async fn edit(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<OrganisationId>,
    Form(typed): Form<OrganisationForm>,
) -> Result<Response, Refusal> {
    let (name, firm) = typed.values();
    match state.identity.edit_organisation(&desk.official, id, name, firm).await {
        Ok(()) => Ok(done(&state, &format!("{PATH}/{id}"), "organisation")),
        Err(error) => single(&state, &desk, id, Some(typed), Some(error.into())).await,
    }
}

/// `POST /console/organisations/{id}/powers`: somebody may act for it.
pub async fn give_powers(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<OrganisationId>,
    Form(form): Form<PowersForm>,
) -> Result<Response, Refusal> {
    let given = match form.powers() {
        Ok(powers) => {
            let given = state.identity.give_powers(&desk.official, id, powers).await;
            given.map(|_| ()).map_err(Refusal::from)
        }
        Err(refusal) => desk
            .official
            .any_in(&[Role::Sysadmin], Some(id))
            .map_or_else(|forbidden| Err(forbidden.into()), |()| Err(refusal)),
    };
    match given {
        Ok(()) => Ok(done(&state, &format!("{PATH}/{id}"), "powers")),
        Err(refusal) => single(&state, &desk, id, None, Some(refusal)).await,
    }
}

/// `POST /console/organisations/{id}/powers/{membership}/end`: nobody acts by them any more.
pub async fn end_powers(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, membership)): Path<(OrganisationId, Uuid)>,
) -> Result<Response, Refusal> {
    state.identity.end_powers(&desk.official, id, MembershipId(membership)).await?;
    Ok(done(&state, &format!("{PATH}/{id}"), "powers-ended"))
}

async fn single(
    state: &AppState,
    desk: &StaffPage,
    id: OrganisationId,
    typed: Option<OrganisationForm>,
    refusal: Option<Refusal>,
) -> Result<Response, Refusal> {
    if let Some(refusal) = refusal.as_ref().filter(|refusal| !refusal.belongs_in_form()) {
        return Err(refusal.clone());
    }
    let detail = state.identity.organisation(&desk.official, id).await?;
    let status = refused_status(&refusal);
    render_as(status, &compose(&desk.page, detail, typed, refusal))
}

/// Builds the page of all organisations.
pub fn list_page(
    page: Page,
    rows: Vec<Organisation>,
    typed: &OrganisationForm,
    refusal: Option<Refusal>,
) -> Organisations {
    let language = page.language.tag();
    let line = |row: Organisation| OrganisationLine {
        id: row.id.to_string(),
        name: row.name.get(language).to_owned(),
        identifier: row.firm.as_ref().map(identifier).unwrap_or_default(),
    };
    let rows = rows.into_iter().map(line).collect();
    let makes = page.is_any(&[Role::Sysadmin]);
    let fields = if makes { typed.fields(&page) } else { Vec::new() };
    let refusal = refusal.map(|refusal| refusal.words(page.language));
    Organisations { rows, fields, refusal, page }
}

/// Builds the page of one organisation.
pub fn compose(
    page: &Page,
    detail: OrganisationDetail,
    typed: Option<OrganisationForm>,
    refusal: Option<Refusal>,
) -> SingleOrganisation {
    let OrganisationDetail { organisation, memberships, names, now } = detail;
    let typed = typed.unwrap_or_else(|| OrganisationForm::of(&organisation));
    let member = |membership: &Membership| {
        let is_valid = membership.is_valid_at(now);
        let (key, tone) = if is_valid { ("power-valid", "good") } else { ("power-not-valid", "") };
        let end = membership.ended_at.or(membership.valid_until);
        Member {
            id: membership.id.0.to_string(),
            name: names.get(&membership.person).cloned().unwrap_or_default(),
            power: page.text_for("power", membership.power.key()),
            document: membership.document.clone(),
            from: page.at(&membership.valid_from),
            until: end.map_or_else(|| page.text("power-without-end"), |end| page.at(&end)),
            state: Tag { text: page.text(key), tone },
            ends: end.is_none_or(|end| now < end),
        }
    };
    SingleOrganisation {
        id: organisation.id.to_string(),
        name: organisation.name.get(page.language.tag()).to_owned(),
        members: memberships.iter().map(member).collect(),
        fields: typed.fields(page),
        powers: powers_fields(page, now),
        edits: page.is_any(&[Role::Sysadmin]),
        refusal: refusal.map(|refusal| refusal.words(page.language)),
        page: page.clone().shown_at(format!("{PATH}/{}", organisation.id)),
    }
}

fn identifier(firm: &FirmName) -> String {
    format!("{} {}", firm.scheme, firm.identifier)
}

fn powers_fields(page: &Page, now: Timestamp) -> Vec<Field> {
    let grounds = Power::ALL.map(|power| {
        let key = power.key();
        (key.to_owned(), page.text_for("power", key))
    });
    let moment =
        |name, key: &str, value: &str| Field::new(name, page.text(key), value).kind(Kind::Moment);
    vec![
        Field::new("pin", page.text("power-pin"), "").hint(page.text("power-pin-hint")),
        Field::new("power", page.text("power-ground"), Power::Representative.key())
            .kind(Kind::Choice(grounds.into())),
        Field::new("document", page.text("power-document"), ""),
        moment("valid_from", "power-from", &now.bishkek_field()),
        moment("valid_until", "power-until", "").optional(),
    ]
}

impl OrganisationForm {
    /// Empty, for a firm of the tax register.
    pub fn fresh() -> Self {
        Self { scheme: TAX_REGISTER.to_owned(), ..Self::default() }
    }

    fn of(organisation: &Organisation) -> Self {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let firm = organisation.firm.clone().map(|firm| (firm.scheme, firm.identifier));
        let (scheme, identifier) = firm.unwrap_or_default();
        let name = &organisation.name;
        let (name_ky, name_ru, name_en) = (known(&name.ky), known(&name.ru), known(&name.en));
        Self { name_ky, name_ru, name_en, scheme, identifier }
    }

    /// An identifier that was left empty is not known yet, whatever the register is.
    fn values(&self) -> (Text, Option<FirmName>) {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let name =
            Text { ky: given(&self.name_ky), ru: given(&self.name_ru), en: given(&self.name_en) };
        let firm = given(&self.identifier)
            .map(|identifier| FirmName { scheme: self.scheme.trim().to_owned(), identifier });
        (name, firm)
    }

    fn fields(&self, page: &Page) -> Vec<Field> {
        let line =
            |name, key: &str, value: &str| Field::new(name, page.text(key), value).optional();
        vec![
            line("name_ky", "organisation-name-ky", &self.name_ky),
            line("name_ru", "organisation-name-ru", &self.name_ru),
            line("name_en", "organisation-name-en", &self.name_en),
            line("scheme", "organisation-scheme", &self.scheme)
                .hint(page.text("organisation-scheme-hint")),
            line("identifier", "organisation-identifier", &self.identifier),
        ]
    }
}

impl PowersForm {
    fn powers(&self) -> Result<NewMembership, Refusal> {
        let pin = Pin::parse(&self.pin).map_err(|_| Refusal::unprocessable("refused-pin"))?;
        let moment = |text: &str| {
            Timestamp::parse_bishkek(text).ok_or_else(|| Refusal::unprocessable("fault-moment"))
        };
        let until = Some(self.valid_until.as_str()).filter(|text| !text.is_empty());
        let power = Power::from_key(&self.power);
        Ok(NewMembership {
            pin,
            power: power.ok_or_else(|| Refusal::unprocessable("refused-malformed"))?,
            document: self.document.clone(),
            valid_from: moment(&self.valid_from)?,
            valid_until: until.map(moment).transpose()?,
        })
    }
}
