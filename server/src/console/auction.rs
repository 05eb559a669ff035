//! One auction: where it stands, its terms, its history, and what this official may do with it.

use super::layout::{Page, StaffPage, done, render_as};
use super::lot_intake::Parts;
use super::lots::refused_status;
use super::proposals::{self, Joint};
use super::refusal::Refusal;
use super::words::{self, Tag};
use crate::AppState;
use crate::auction::OfficialAction;
use crate::catalogue;
use crate::db::StoreError;
use crate::identity::Role;
use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toruk_sync::domain::auction::{Auction, ContractFault, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;

/// Most entries of the history on the page.
const HISTORY: u64 = 100;
/// Longest upload of a contract, of which only the hash is kept.
pub const CONTRACT_BODY_BYTES_MAX: usize = super::lot_intake::DOCUMENT_BODY_BYTES_MAX;

/// The page.
#[derive(Template)]
#[template(path = "auction.html")]
pub struct Overview {
    /// What all pages have.
    pub page: Page,
    /// The auction.
    pub view: AuctionView,
    /// Its address.
    pub path: String,
    /// Its state.
    pub state: Tag,
    /// The state in a sentence.
    pub sentence: String,
    /// Its moments.
    pub timeline: Vec<TimelineMoment>,
    /// Its log, the newest first.
    pub history: Vec<TimelineMoment>,
    /// What may be done.
    pub may: May,
    /// What two officials do together.
    pub joint: Joint,
    /// What was refused.
    pub refusal: Option<String>,
    /// A reason that was typed and refused.
    pub reason: String,
}

/// Something that happened or will.
#[derive(Debug)]
pub struct TimelineMoment {
    /// What.
    pub text: String,
    /// When.
    pub at: String,
    /// Whether it is over.
    pub past: bool,
}

/// What this official may do now.
#[derive(Debug, Default)]
#[allow(missing_docs)] // Named as what they allow.
pub struct May {
    pub edit: bool,
    pub publish: bool,
    /// Would publish, but submitted it himself.
    pub second_person: bool,
    pub relaunch: bool,
    pub contract: bool,
    pub watch: bool,
}

impl May {
    /// Whether anything at all.
    pub fn anything(&self) -> bool {
        self.edit || self.publish || self.second_person || self.relaunch || self.contract
    }
}

/// A reason for giving back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnForm {
    reason: String,
}

/// Whose fault it is that no contract came about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractFailedForm {
    fault: ContractFault,
}

/// `GET /console/auctions/{id}`
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    overview(&state, &desk, id, None, String::new()).await
}

/// `POST /console/auctions/{id}/submit`
pub async fn submit(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::Submit, "submitted").await
}

/// `POST /console/auctions/{id}/publish`
pub async fn publish(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::Publish, "published").await
}

/// `POST /console/auctions/{id}/return`
pub async fn give_back(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<ReturnForm>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::Return { reason: form.reason }, "returned").await
}

/// `POST /console/auctions/{id}/contract`: the hash of the signed contract, or the contract itself,
/// of which the hash is kept.
pub async fn sign_contract(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    form: Multipart,
) -> Result<Response, Refusal> {
    desk.organiser()?;
    let parts = Parts::read(form).await?;
    let typed = parts.text().trim().to_ascii_lowercase();
    let document = match parts.content() {
        Some(content) => hex::encode(Sha256::digest(content)),
        None => typed.clone(),
    };
    if document.len() != 64 || !document.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let refusal = Refusal::unprocessable("contract-hash");
        return overview(&state, &desk, id, Some(refusal), typed).await;
    }
    act(&state, &desk, id, OfficialAction::SignContract { document }, "contract").await
}

/// `POST /console/auctions/{id}/contract-failed`
pub async fn fail_contract(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<ContractFailedForm>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::FailContract { fault: form.fault }, "contract-failed")
        .await
}

async fn act(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    act: OfficialAction,
    what: &str,
) -> Result<Response, Refusal> {
    let typed = match &act {
        OfficialAction::Return { reason } => reason.clone(),
        _ => String::new(),
    };
    match state.auctions.act(&desk.official, id, act).await {
        Ok(()) => Ok(done(&format!("/console/auctions/{id}"), what)),
        Err(error) => overview(state, desk, id, Some(error.into()), typed).await,
    }
}

/// The page, with what was refused and what was typed.
///
/// # Errors
/// A refusal that does not belong in a form; what loading the page refuses.
pub async fn overview(
    state: &AppState,
    desk: &StaffPage,
    id: AuctionId,
    refusal: Option<Refusal>,
    reason: String,
) -> Result<Response, Refusal> {
    if let Some(refusal) = refusal.as_ref().filter(|refusal| !refusal.belongs_in_form()) {
        return Err(refusal.clone());
    }
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let log = log(state, &view, HISTORY).await?;
    let now = state.context.ports.clock.now();
    let joint = proposals::load(state, desk, &view.auction).await?;
    let status = refused_status(&refusal);
    let words = refusal.map(|refusal| refusal.words(desk.page.language));
    render_as(status, &compose(desk, view, &log, now, joint, (words, reason)))
}

/// The page's parts.
pub fn compose(
    desk: &StaffPage,
    view: AuctionView,
    log: &[Record],
    now: Timestamp,
    joint: Joint,
    (refusal, reason): (Option<String>, String),
) -> Overview {
    let path = format!("/console/auctions/{}", view.auction.birth.id);
    let page = desk.page.clone().shown_at(path.clone());
    let entry = |record: &Record| TimelineMoment {
        text: words::event(&page, &record.event),
        at: page.at(&record.at),
        past: true,
    };
    Overview {
        state: words::state(&page, &view.auction),
        sentence: sentence(&page, &view.auction),
        timeline: timeline(&page, &view.auction, now),
        history: log.iter().rev().map(entry).collect(),
        may: may(desk, &view.auction),
        joint,
        path,
        view,
        refusal,
        reason,
        page,
    }
}

/// The log's end; empty for an auction whose log is not public yet.
///
/// # Errors
/// What the catalogue refuses.
pub async fn log(state: &AppState, view: &AuctionView, last: u64) -> Result<Vec<Record>, Refusal> {
    let after = view.seq.saturating_sub(last);
    match state.catalogue.log(view.auction.birth.id, after, last).await {
        Ok(log) => Ok(log),
        Err(catalogue::Error::Store(StoreError::NotFound)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn may(desk: &StaffPage, auction: &Auction) -> May {
    let is = |role| desk.official.any(&[role]).is_ok();
    let (organiser, moderator) = (is(Role::Organiser), is(Role::Moderator));
    let reviews = moderator && auction.status == Status::Review;
    let own = auction.submitted_by == Some(desk.official.person);
    May {
        edit: organiser && auction.status == Status::Draft,
        publish: reviews && !own,
        second_person: reviews && own,
        relaunch: organiser
            && auction.status == Status::Unsuccessful
            && auction.successor.is_none(),
        contract: organiser && auction.status == Status::Awarded,
        watch: matches!(auction.status, Status::Waiting | Status::Bidding)
            || auction.round.is_some(),
    }
}

/// The state as a sentence; why it failed, when it did.
pub fn sentence(page: &Page, auction: &Auction) -> String {
    if let Some(suspension) = &auction.suspension {
        let goes_on = match suspension.resume_at {
            Some(at) => page.text_with("sentence-resume-at", page.at(&at)),
            None => page.text("sentence-resume-unknown"),
        };
        let cause = page.text_with("sentence-cause", page.text_of("cause", &suspension.cause));
        return format!("{} {cause} {goes_on}", page.text("sentence-suspended"));
    }
    match auction.failure {
        Some(failure) => page.text_for("failure", &words::name(&failure)),
        None => page.text_for("sentence", &words::name(&auction.status)),
    }
}

fn timeline(page: &Page, auction: &Auction, now: Timestamp) -> Vec<TimelineMoment> {
    let terms = auction.terms.as_ref();
    let start = terms.map_or(auction.birth.offer.start, |terms| terms.start);
    let award = auction.awards.last();
    let moments = [
        ("moment-tender-end", terms.map(|terms| terms.tender_end)),
        ("moment-start", Some(start)),
        ("moment-resume", auction.suspension.as_ref().and_then(|suspension| suspension.resume_at)),
        ("moment-close", auction.closes_at().filter(|_| auction.suspension.is_none())),
        ("moment-confirm", award.map(|award| award.confirm_by)),
        ("moment-contract", auction.contract_by),
    ];
    let known = moments.into_iter().filter_map(|(key, at)| at.map(|at| (key, at)));
    known
        .map(|(key, at)| TimelineMoment { text: page.text(key), at: page.at(&at), past: at <= now })
        .collect()
}
