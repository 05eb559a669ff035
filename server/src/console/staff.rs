//! Officials: the list, and invitations of new ones.

use super::layout::{Page, StaffPage, render, render_as};
use super::refusal::Refusal;
use crate::AppState;
use crate::identity::Role;
use crate::identity::service::{Invitation, StaffRow};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Page of the officials.
#[derive(Template)]
#[template(path = "staff.html")]
pub struct Staff {
    pub page: Page,
    pub rows: Vec<Row>,
    /// A link that was just made; it is shown only once.
    pub invitation: Option<InvitationLink>,
}

/// An official with their roles.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Row {
    pub name: String,
    pub roles: String,
    pub since: String,
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
}

/// `GET /console/staff`: the list of officials.
pub async fn list(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    let staff = state.identity.staff(&desk.official).await?;
    render(&compose(desk.page, staff, None))
}

/// `POST /console/staff`: shows the link in the response itself, because it is shown once and must
/// not be in a URL.
pub async fn invite(
    State(state): State<AppState>,
    desk: StaffPage,
    Form(form): Form<Invite>,
) -> Result<Response, Refusal> {
    let by = Some(&desk.official);
    let invitation = state.identity.invite(by, form.role, None).await?;
    let staff = state.identity.staff(&desk.official).await?;
    let page = compose(desk.page, staff, Some((form.role, invitation)));
    render_as(StatusCode::CREATED, &page)
}

/// Builds the page of the officials.
pub fn compose(page: Page, staff: Vec<StaffRow>, made: Option<(Role, Invitation)>) -> Staff {
    let roles = |roles: &[Role]| {
        roles.iter().map(|role| page.text_for("role", role.key())).collect::<Vec<_>>().join(", ")
    };
    let row = |official: &StaffRow| Row {
        name: official.name.clone(),
        roles: roles(&official.roles),
        since: page.at(&official.since),
    };
    let rows = staff.iter().map(row).collect();
    let invitation = made.map(|(role, made)| InvitationLink {
        link: made.link,
        role: roles(&[role]),
        until: page.at(&made.expires_at),
    });
    Staff { rows, invitation, page }
}
