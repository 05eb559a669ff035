//! Guarantees that may be kept: what the two offices say, and the forms in which they do.

use super::layout::{Page, StaffPage, answered, render_as};
use super::lot_intake::Parts;
use super::lots::refused_status;
use super::refusal::Refusal;
use super::words::name;
use crate::AppState;
use crate::deposit::{ForfeitCase, Opinion};
use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::response::Response;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use toruk_sync::domain::id::{DepositId, PersonId};
use uuid::Uuid;

const PATH: &str = "/console/guarantees";
/// The form's choice to keep a guarantee; any other refunds it.
const KEEP: &str = "keep";
const REFUND: &str = "refund";

/// Page of the guarantees that wait for a decision.
#[derive(Template)]
#[template(path = "guarantees.html")]
pub struct Guarantees {
    pub page: Page,
    pub cases: Vec<Case>,
    pub refusal: Option<String>,
}

/// A guarantee in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Case {
    pub id: String,
    pub auction: String,
    pub auction_number: String,
    pub title: String,
    pub amount: String,
    pub proposal: Option<Proposed>,
    pub may_propose: bool,
    pub may_decide: bool,
    pub is_own: bool,
}

/// An office's opinion in words.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Proposed {
    /// The opinion's id: what is decided is the one that was read.
    pub id: String,
    /// `keep` or `refund`.
    pub what: &'static str,
    pub office: String,
    pub by: String,
    pub reason: String,
    pub document: String,
    pub until: String,
}

/// `GET /console/guarantees`: what waits, the oldest first.
pub async fn list(State(state): State<AppState>, desk: StaffPage) -> Result<Response, Refusal> {
    show(&state, desk, None).await
}

/// `POST /console/guarantees/{id}/propose`: what should become of it, why, and the document of
/// which the hash is stored.
pub async fn propose(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<DepositId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    let parts = Parts::read(form).await?;
    let (keep, reason) = (parts.choice() == KEEP, parts.text().to_owned());
    let document = parts.content().map(|content| hex::encode(Sha256::digest(content)));
    let opinion = Opinion { keep, reason, document: document.unwrap_or_default() };
    let proposed = state.deposits.propose_forfeit(&desk.official, id, opinion).await;
    after(&state, desk, proposed.map_err(Refusal::from), "proposed").await
}

/// `POST /console/guarantees/{id}/proposals/{proposal}/approve`: approves the other office's opinion.
pub async fn approve(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(DepositId, Uuid)>,
) -> Result<Response, Refusal> {
    let approved = state.deposits.approve_forfeit(&desk.official, id, proposal).await;
    after(&state, desk, approved.map_err(Refusal::from), "approved").await
}

/// `POST /console/guarantees/{id}/proposals/{proposal}/decline`: declines it, or withdraws one's
/// own.
pub async fn decline(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(DepositId, Uuid)>,
) -> Result<Response, Refusal> {
    let declined = state.deposits.decline_forfeit(&desk.official, id, proposal).await;
    after(&state, desk, declined.map_err(Refusal::from), "declined").await
}

async fn after(
    state: &AppState,
    desk: StaffPage,
    outcome: Result<(), Refusal>,
    what: &str,
) -> Result<Response, Refusal> {
    let again = |refusal| show(state, desk, Some(refusal));
    answered(state, (PATH, what), outcome, again).await
}

async fn show(
    state: &AppState,
    desk: StaffPage,
    refusal: Option<Refusal>,
) -> Result<Response, Refusal> {
    let cases = state.deposits.forfeits(&desk.official).await?;
    let authors = cases.iter().filter_map(|case| case.proposal.as_ref());
    let authors: Vec<PersonId> = authors.map(|(_, proposal)| proposal.by).collect();
    let names = match authors.is_empty() {
        true => BTreeMap::new(),
        false => state.identity.names(&authors).await?,
    };
    let status = refused_status(&refusal);
    let page = compose(desk.page, cases, &names, refusal);
    render_as(status, &page)
}

/// Builds the page.
pub fn compose(
    page: Page,
    cases: Vec<ForfeitCase>,
    names: &BTreeMap<PersonId, String>,
    refusal: Option<Refusal>,
) -> Guarantees {
    let cases = cases.into_iter().map(|case| worded(&page, case, names)).collect();
    let refusal = refusal.map(|refusal| refusal.words(page.language));
    Guarantees { page, cases, refusal }
}

fn worded(page: &Page, case: ForfeitCase, names: &BTreeMap<PersonId, String>) -> Case {
    let proposal = case.proposal.map(|(id, proposal)| Proposed {
        id: id.to_string(),
        what: if proposal.keep { KEEP } else { REFUND },
        office: page.text_for("office", &name(&proposal.office)),
        by: names.get(&proposal.by).cloned().unwrap_or_else(|| page.text("unknown")),
        until: page.at(&proposal.expires_at),
        reason: proposal.reason,
        document: proposal.document,
    });
    Case {
        id: case.deposit.id.to_string(),
        auction: case.auction.to_string(),
        auction_number: case.auction_name.number.clone(),
        title: case.auction_name.title.get(page.language.tag()).to_owned(),
        amount: page.som(&case.deposit.amount),
        proposal,
        may_propose: case.may_propose,
        may_decide: case.may_decide,
        is_own: case.is_own,
    }
}
