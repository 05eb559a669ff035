//! Officials: the list with everything that lets them in, invitations, and the end of access.

use super::layout::{Page, Search, StaffPage, done, render, render_as};
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::service::Invitation;
use crate::identity::{
    Organisation, PasskeyOwner, PasskeyReview, PasskeyRow, Revocation, Role, SessionRow,
    StaffAccess, StaffRow,
};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::text::{SearchWords, sort_key};

/// Page of the officials.
#[derive(Template)]
#[template(path = "staff.html")]
pub struct Staff {
    pub page: Page,
    pub rows: Vec<Row>,
    pub invitations: Vec<OpenInvitation>,
    /// Ids and names of the organisations to which a role may be bound.
    pub organisations: Vec<(String, String)>,
    /// Passkeys of which there may be two copies.
    pub reviews: Vec<ReviewRow>,
    /// Set if this official may end access.
    pub may_end: bool,
    /// A link that was just made; it is shown only once.
    pub invitation: Option<InvitationLink>,
    /// The words of the search.
    pub query: String,
}

/// A passkey to be reviewed.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct ReviewRow {
    pub id: String,
    pub owner: String,
    pub since: String,
}

/// An official: told apart from namesakes by id, organisation and inviter.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Row {
    pub id: String,
    pub name: String,
    pub roles: Vec<RoleGranted>,
    pub organisations: String,
    pub since: String,
    pub invited_by: String,
    pub sessions: Vec<AccessPart>,
    pub passkeys: Vec<AccessPart>,
    /// Sign-in by eID, in words, if it is linked.
    pub eid: Option<String>,
}

/// A role of an official.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct RoleGranted {
    pub key: &'static str,
    pub name: String,
}

/// A session or passkey, and its description.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct AccessPart {
    pub id: String,
    pub words: String,
}

/// An invitation that was not used.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct OpenInvitation {
    pub id: String,
    pub role: String,
    pub invited_by: String,
    pub until: String,
}

/// A one-time link.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct InvitationLink {
    pub link: String,
    pub role: String,
    pub until: String,
}

/// The form with the invited role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    role: Role,
    /// Empty for a role in all organisations.
    #[serde(default)]
    organisation: String,
}

/// The form that forgets a bidder, by the id that the audit trail has.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    person: String,
}

/// The form that ends access.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndAccess {
    what: AccessKind,
    /// Id of the official, session, passkey or invitation.
    id: String,
    /// The role, where one ends.
    role: Option<Role>,
}

/// The form about a reviewed passkey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// WebAuthn's credential id, base64url.
    id: String,
}

/// The kinds of access that can be ended.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AccessKind {
    Official,
    Role,
    Session,
    Passkey,
    Eid,
    Invitation,
}

impl EndAccess {
    fn revocation(self) -> Option<Revocation> {
        let person = || Some(PersonId(self.id.parse().ok()?));
        match self.what {
            AccessKind::Official => Some(Revocation::Official(person()?)),
            AccessKind::Role => Some(Revocation::Role(person()?, self.role?)),
            AccessKind::Session => Some(Revocation::Session(self.id)),
            AccessKind::Passkey => Some(Revocation::Passkey(self.id)),
            AccessKind::Eid => Some(Revocation::Eid(person()?)),
            AccessKind::Invitation => Some(Revocation::Invitation(self.id)),
        }
    }
}

/// `GET /console/staff`: the list of officials.
pub async fn list(
    State(state): State<AppState>,
    desk: StaffPage,
    Query(Search { q: query }): Query<Search>,
) -> Result<Response, Refusal> {
    let by = &desk.official;
    let access = state.identity.access(Some(by)).await?;
    let organisations = state.identity.organisations(by).await?;
    let reviews = state.identity.passkeys_to_review(by).await?;
    render(&compose(desk.page, (access, organisations), reviews, query, None))
}

/// `POST /console/staff`: shows the link in the response itself, because it is shown once and must
/// not be in a URL.
pub async fn invite(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(form): Form<Invite>,
) -> Result<Response, Refusal> {
    let by = Some(&desk.official);
    let organisation = match form.organisation.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Refusal::unprocessable("refused-malformed"))?),
    };
    let invitation = state.identity.invite(by, form.role, organisation).await?;
    let access = state.identity.access(by).await?;
    let organisations = state.identity.organisations(&desk.official).await?;
    let reviews = state.identity.passkeys_to_review(&desk.official).await?;
    let made = Some((form.role, invitation));
    let page = compose(desk.page, (access, organisations), reviews, String::new(), made);
    render_as(StatusCode::CREATED, &page)
}

/// `POST /console/staff/end`: ends a part of an official's access.
pub async fn end(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(form): Form<EndAccess>,
) -> Result<Response, Refusal> {
    let what = form.revocation().ok_or_else(|| Refusal::unprocessable("refused-malformed"))?;
    state.identity.end_access(Some(&desk.official), &what).await?;
    Ok(done(&state, "/console/staff", "access-ended"))
}

/// `POST /console/staff/reviewed`: a passkey was looked into.
pub async fn end_review(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(form): Form<Reviewed>,
) -> Result<Response, Refusal> {
    state.identity.end_passkey_review(&desk.official, &form.id).await?;
    Ok(done(&state, "/console/staff", "passkey-reviewed"))
}

/// `POST /console/people/forget`: a bidder is forgotten for good.
pub async fn forget(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(form): Form<Forget>,
) -> Result<Response, Refusal> {
    let malformed = |_| Refusal::unprocessable("refused-malformed");
    let person = form.person.trim().parse().map_err(malformed)?;
    state.applications.forget(Some(&desk.official), person).await?;
    Ok(done(&state, "/console/staff", "person-forgotten"))
}

/// Builds the page of the officials.
pub fn compose(
    page: Page,
    (access, organisations): (StaffAccess, Vec<Organisation>),
    reviews: Vec<PasskeyReview>,
    query: String,
    made: Option<(Role, Invitation)>,
) -> Staff {
    let role = |role: Role| page.text_for("role", role.key());
    let by_whom = |who: &Option<(PersonId, String)>| match who {
        Some((person, name)) => format!("{name} ({})", short(*person)),
        None => page.text("staff-machine"),
    };
    let words = SearchWords::new(&query);
    let found = access.staff.iter().filter(|official| is_found(&page, &words, official));
    let mut staff: Vec<&StaffRow> = found.collect();
    staff.sort_by_cached_key(|official| sort_key(&official.name));
    let rows = staff.into_iter().map(|official| row(&page, official, by_whom)).collect();
    let invitations = access.invitations.iter().map(|invitation| OpenInvitation {
        id: invitation.id.clone(),
        role: role(invitation.role),
        invited_by: by_whom(&invitation.invited_by),
        until: page.at(&invitation.expires_at),
    });
    let invitations = invitations.collect();
    let invitation = made.map(|(granted, made)| InvitationLink {
        link: made.link,
        role: role(granted),
        until: page.at(&made.expires_at),
    });
    let may_end = page.is_any(&[Role::Sysadmin]);
    let reviews = reviews.into_iter().map(|review| review_row(&page, review)).collect();
    let place = page.language.tag();
    let pair = |one: Organisation| (one.id.to_string(), one.name.get(place).to_owned());
    let organisations = organisations.into_iter().map(pair).collect();
    Staff { rows, invitations, organisations, reviews, may_end, invitation, query, page }
}

/// Returns `true` if every word is in the name, an organisation's name, a role or the id.
fn is_found(page: &Page, words: &SearchWords, official: &StaffRow) -> bool {
    let names = official.organisations.iter();
    let names = names.flat_map(|name| [&name.ky, &name.ru, &name.en]).flatten();
    let roles = official.roles.iter().map(|role| page.text_for("role", role.key()));
    let mut texts: Vec<String> = roles.collect();
    texts.extend([official.name.clone(), official.person.to_string()]);
    words.are_in(names.chain(&texts).map(String::as_str))
}

fn review_row(page: &Page, review: PasskeyReview) -> ReviewRow {
    let owner = match review.owner {
        PasskeyOwner::Official(person, name) => format!("{name} ({})", short(person)),
        PasskeyOwner::Bidder(person) => page.text_with("review-bidder", short(person)),
    };
    ReviewRow { id: review.id, owner, since: page.at(&review.since) }
}

fn row(
    page: &Page,
    official: &StaffRow,
    by_whom: impl Fn(&Option<(PersonId, String)>) -> String,
) -> Row {
    let granted =
        |role: &Role| RoleGranted { key: role.key(), name: page.text_for("role", role.key()) };
    let mut organisations: Vec<&str> =
        official.organisations.iter().map(|name| name.get(page.language.tag())).collect();
    organisations.sort_by_cached_key(|name| sort_key(name));
    organisations.dedup();
    let session = |session: &SessionRow| AccessPart {
        id: session.id.clone(),
        words: page.text_with("staff-session-since", page.at(&session.since)),
    };
    let passkey =
        |passkey: &PasskeyRow| AccessPart { id: passkey.id.clone(), words: page.passkey(passkey) };
    Row {
        id: official.person.to_string(),
        name: official.name.clone(),
        roles: official.roles.iter().map(granted).collect(),
        organisations: match organisations.is_empty() {
            true => page.text("staff-no-organisation"),
            false => organisations.join(", "),
        },
        since: page.at(&official.since),
        invited_by: by_whom(&official.invited_by),
        sessions: official.sessions.iter().map(session).collect(),
        passkeys: official.passkeys.iter().map(passkey).collect(),
        eid: official
            .eid
            .as_ref()
            .map(|eid| format!("{}: {}", page.text("access-eid"), page.eid(eid))),
    }
}

/// The last characters of an id, which tell namesakes apart.
fn short(person: PersonId) -> String {
    const SHORT_CHARS: usize = 6;
    let id = person.to_string();
    id.chars().skip(id.len().saturating_sub(SHORT_CHARS)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::language::Language;
    use crate::console::tests::samples::{now, page};
    use toruk_sync::domain::form::Text;
    use uuid::Uuid;

    fn official(name: &str, organisation: Text, role: Role) -> StaffRow {
        StaffRow {
            person: PersonId(Uuid::from_u128(name.len() as u128)),
            name: name.to_owned(),
            roles: vec![role],
            organisations: vec![organisation],
            since: now(),
            invited_by: None,
            sessions: vec![],
            passkeys: vec![],
            eid: None,
        }
    }

    #[test]
    fn officials_are_found_as_they_are_typed_and_stand_in_the_order_of_the_kyrgyz_alphabet() {
        let ministry = Text::all("Өзгөчө кырдаалдар", "МЧС", "Emergencies");
        let fund = Text::all("Мамлекеттик мүлк фонду", "Фонд госимущества", "State Property");
        let staff = vec![
            official("Үсөнов Улан", ministry.clone(), Role::Finance),
            official("Осмонов Азат", fund.clone(), Role::Organiser),
            official("Өмүралиева Жаңыл", fund, Role::Moderator),
            official("Усупов Нур", ministry, Role::Auditor),
        ];
        for (typed, expected) in [
            ("", &["Осмонов", "Өмүралиева", "Усупов", "Үсөнов"][..]),
            ("усонов", &["Үсөнов"]),
            ("омуралиева жаныл", &["Өмүралиева"]),
            ("озгочо", &["Усупов", "Үсөнов"]),
            ("emergencies", &["Усупов", "Үсөнов"]),
            ("organiser", &["Осмонов"]),
            ("фонд омуралиева", &["Өмүралиева"]),
            ("нет такого", &[]),
        ] {
            let access = StaffAccess { staff: staff.clone(), invitations: vec![] };
            let page = page(Language::En, "/console/staff", &[Role::Sysadmin]);
            let shown = compose(page, (access, vec![]), vec![], typed.to_owned(), None);
            let names = shown.rows.iter().filter_map(|row| row.name.split(' ').next());
            assert_eq!(names.collect::<Vec<_>>(), expected, "{typed}");
        }
    }
}
