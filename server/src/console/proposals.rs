//! What two officials do together: the forms that propose it, and what waits for the second one.
//!
//! Both stand on the auction's page and on the live page, where `proposals.js` asks for them again
//! every few seconds: a proposal is not in the log, so the live stream does not tell of it.

use super::auction;
use super::layout::{Page, StaffPage, done, render};
use super::lot_intake::Parts;
use super::refusal::Refusal;
use crate::AppState;
use crate::auction::proposals::{MayPropose, Pending, kind};
use crate::identity::Role;
use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use uuid::Uuid;

/// What the form suggests beyond the least notice of a resumption: the second person needs a
/// moment, too.
const RESUME_MARGIN: TimeSpan = TimeSpan::minutes(5);

/// What waits and what may be proposed, on either page.
#[derive(Debug, Clone, Default)]
pub struct Joint {
    /// Where its forms are sent: the auction's address.
    pub path: String,
    /// What waits, the oldest first.
    pub waiting: Vec<Waiting>,
    /// What may be proposed.
    pub may: MayPropose,
    /// The suggested moment of a resumption, as the form's field takes it.
    pub resume_at: String,
    /// The least notice of a resumption, in minutes.
    pub notice: String,
    /// Whether the clock stands and nobody has proposed or announced when it goes on.
    pub resume_is_due: bool,
}

/// A proposal in words.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // Named as what they are.
pub struct Waiting {
    pub id: String,
    pub kind: &'static str,
    pub title: String,
    pub reason: Option<String>,
    pub document: Option<String>,
    pub by: String,
    pub until: String,
    pub may_decide: bool,
    pub is_own: bool,
}

/// The part of the live page that is asked for again and again.
#[derive(Template)]
#[template(path = "proposals.html")]
pub struct ProposalsFragment {
    /// What all pages have.
    pub page: Page,
    /// What waits and what may be proposed.
    pub joint: Joint,
}

/// What was seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspendForm {
    reason: String,
}

/// When it shall go on, on Bishkek's wall clock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResumeForm {
    at: String,
}

impl Joint {
    /// Whether there is anything to show.
    pub fn is_any(&self) -> bool {
        let MayPropose { suspend, resume, cancel, disqualify } = self.may;
        !self.waiting.is_empty() || suspend || resume || cancel || disqualify
    }
}

/// `GET /console/auctions/{id}/proposals`
pub async fn fragment(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let joint = load(&state, &desk, &view.auction).await?;
    render(&ProposalsFragment { page: desk.page, joint })
}

/// `POST /console/auctions/{id}/suspend`
pub async fn suspend(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<SuspendForm>,
) -> Result<Response, Refusal> {
    propose(&state, &desk, id, JointAct::Suspend { reason: form.reason }).await
}

/// `POST /console/auctions/{id}/resume`
pub async fn resume(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<ResumeForm>,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    match Timestamp::parse_bishkek(form.at.trim()) {
        Some(at) => propose(&state, &desk, id, JointAct::Resume { at }).await,
        None => {
            let refusal = Refusal::unprocessable("fault-moment");
            auction::overview(&state, &desk, id, Some(refusal), String::new()).await
        }
    }
}

/// `POST /console/auctions/{id}/cancel`: the reason, and the document of which the hash is kept.
pub async fn cancel(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    let act = |reason, document| JointAct::Cancel { reason, document };
    documented(&state, &desk, id, form, act).await
}

/// `POST /console/auctions/{id}/disqualify`: as the cancellation.
pub async fn disqualify(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    watcher(&desk)?;
    let act = |reason, document| JointAct::DisqualifyWinner { reason, document };
    documented(&state, &desk, id, form, act).await
}

/// `POST /console/auctions/{id}/proposals/{proposal}/approve`
pub async fn approve(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(AuctionId, Uuid)>,
) -> Result<Response, Refusal> {
    match state.auctions.approve(&desk.official, id, proposal).await {
        Ok(()) => back(&state, &desk, id, "approved").await,
        Err(error) => refused(&state, &desk, id, error.into()).await,
    }
}

/// `POST /console/auctions/{id}/proposals/{proposal}/decline`
pub async fn decline(
    State(state): State<AppState>,
    desk: StaffPage,
    Path((id, proposal)): Path<(AuctionId, Uuid)>,
) -> Result<Response, Refusal> {
    match state.auctions.decline(&desk.official, id, proposal).await {
        Ok(()) => back(&state, &desk, id, "declined").await,
        Err(error) => refused(&state, &desk, id, error.into()).await,
    }
}

/// What waits in an auction and what this official may propose.
///
/// # Errors
/// When the database fails.
pub async fn load(state: &AppState, desk: &StaffPage, auction: &Auction) -> Result<Joint, Refusal> {
    let waiting = state.auctions.proposals(&desk.official, auction).await?;
    let people: Vec<PersonId> = waiting.iter().map(|pending| pending.proposal.by).collect();
    let names = match people.is_empty() {
        true => BTreeMap::new(),
        false => state.identity.names(&people).await?,
    };
    let may = state.auctions.may_propose(&desk.official, auction);
    let now = state.context.ports.clock.now();
    Ok(compose(&desk.page, auction, waiting, &names, may, now))
}

/// The parts in words.
pub fn compose(
    page: &Page,
    auction: &Auction,
    waiting: Vec<Pending>,
    names: &BTreeMap<PersonId, String>,
    may: MayPropose,
    now: Timestamp,
) -> Joint {
    let notice = auction.birth.rules.resume_notice_min;
    let announced = auction.suspension.as_ref().is_some_and(|stop| stop.resume_at.is_some());
    let proposed =
        waiting.iter().any(|pending| matches!(pending.proposal.act, JointAct::Resume { .. }));
    Joint {
        resume_is_due: !announced && !proposed,
        path: format!("/console/auctions/{}", auction.birth.id),
        waiting: waiting.into_iter().map(|pending| worded(page, pending, names)).collect(),
        may,
        resume_at: (now + notice + RESUME_MARGIN).bishkek_field(),
        notice: page.span(&notice),
    }
}

fn worded(page: &Page, pending: Pending, names: &BTreeMap<PersonId, String>) -> Waiting {
    let Pending { id, proposal, may_decide, is_own } = pending;
    let (reason, document) = match &proposal.act {
        JointAct::Suspend { reason } => (Some(reason.trim().to_owned()), None),
        JointAct::Resume { at } => (Some(page.text_with("from-moment", page.at(at))), None),
        JointAct::Cancel { reason, document } | JointAct::DisqualifyWinner { reason, document } => {
            (Some(reason.trim().to_owned()), Some(document.clone()))
        }
    };
    let name = names.get(&proposal.by).cloned();
    Waiting {
        id: id.to_string(),
        kind: kind(&proposal.act),
        title: page.text_for("joint", kind(&proposal.act)),
        reason,
        document,
        by: name.unwrap_or_else(|| page.text("unknown")),
        until: page.at(&proposal.expires_at),
        may_decide,
        is_own,
    }
}

async fn documented(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    form: Multipart,
    act: impl FnOnce(String, String) -> JointAct,
) -> Result<Response, Refusal> {
    let parts = Parts::read(form).await?;
    let reason = parts.text().to_owned();
    match parts.content() {
        Some(content) => {
            let document = hex::encode(Sha256::digest(content));
            propose(state, desk, id, act(reason, document)).await
        }
        None => {
            let refusal = Refusal::unprocessable("joint-no-document");
            auction::overview(state, desk, id, Some(refusal), reason).await
        }
    }
}

async fn propose(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    act: JointAct,
) -> Result<Response, Refusal> {
    match state.auctions.propose(&desk.official, id, act).await {
        Ok(decided) => {
            let what = if decided { "approved" } else { "proposed" };
            back(state, desk, id, what).await
        }
        Err(error) => refused(state, desk, id, error.into()).await,
    }
}

async fn refused(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    refusal: Refusal,
) -> Result<Response, Refusal> {
    auction::overview(state, desk, id, Some(refusal), String::new()).await
}

/// To the live page while there is something to watch, or to the auction's.
async fn back(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    what: &str,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let live = matches!(view.auction.status, Status::Waiting | Status::Bidding);
    Ok(done(&format!("/console/auctions/{id}{}", if live { "/live" } else { "" }), what))
}

/// Passes those who may propose anything; the service asks more closely.
fn watcher(desk: &StaffPage) -> Result<(), Refusal> {
    Ok(desk.official.any(&[Role::Organiser, Role::Moderator])?)
}
