//! One auction: its state, terms and history, and the actions that this official may take.

use super::contract::{self, ShownContract};
use super::instalments::{self, ShownInstalment};
use super::joint_acts::{self, Joint};
use super::layout::{Page, StaffPage, done, render_as};
use super::lot_intake::Parts;
use super::lots::refused_status;
use super::papers::{self, ShownPaper};
use super::protocol::{self, ShownProtocols};
use super::refusal::Refusal;
use super::words::{self, Tag};
use crate::AppState;
use crate::auction::{KNOW_WINNERS, OfficialAction, SignedAct, is_decided};
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
/// Largest upload of a contract, of which only the hash is stored.
pub const CONTRACT_BODY_BYTES_MAX: usize = super::lot_intake::DOCUMENT_BODY_BYTES_MAX;

/// Page of an auction.
#[derive(Template)]
#[template(path = "auction.html")]
pub struct Overview {
    pub page: Page,
    pub view: AuctionView,
    pub path: String,
    pub state: Tag,
    /// The state in a sentence.
    pub sentence: String,
    /// Planned and past moments.
    pub timeline: Vec<TimelineMoment>,
    /// The log, the newest first.
    pub history: Vec<TimelineMoment>,
    pub may: May,
    /// Actions that take two officials.
    pub joint: Joint,
    /// The official protocols.
    pub protocols: ShownProtocols,
    /// The contract's file, once there is one.
    pub contract: Option<ShownContract>,
    /// The parts in which the winner pays.
    pub instalments: Vec<ShownInstalment>,
    /// What was published with it, also what a correction has replaced.
    pub papers: Vec<ShownPaper>,
    /// Keys of the acts whose signature by certificate may be downloaded with its evidence.
    pub signed_acts: Vec<&'static str>,
    pub refusal: Option<String>,
    /// A typed reason that was rejected.
    pub reason: String,
}

impl Overview {
    /// Returns `true` if this official may sign something here now.
    pub fn signs(&self) -> bool {
        self.protocols.signs || self.contract.as_ref().is_some_and(|contract| contract.signs)
    }

    /// Returns `true` if a program on their computer may sign it.
    pub fn signs_locally(&self) -> bool {
        let contract = self.contract.as_ref().and_then(|contract| contract.certificate.as_ref());
        let offers = contract.into_iter().chain(self.protocols.certificate.as_ref());
        offers.into_iter().any(|offer| offer.local_signer.is_some())
    }
}

/// A past or planned moment.
#[derive(Debug)]
pub struct TimelineMoment {
    pub text: String,
    pub at: String,
    pub past: bool,
    /// Number of the record in the log; `None` for what is no record.
    pub seq: Option<u64>,
}

/// The actions that this official may take now.
#[derive(Debug, Default)]
#[allow(missing_docs)] // Named as what they allow.
pub struct May {
    pub edit: bool,
    pub publish: bool,
    /// The official could publish, but submitted the auction themselves.
    pub second_person: bool,
    pub relaunch: bool,
    pub contract: bool,
    pub watch: bool,
    /// The winner has confirmed, and this official may know who it is.
    pub winner: bool,
    /// There is a result, and this official may see what became of the applications.
    pub result: bool,
    /// There is a protocol of the result, or of the suspension.
    pub protocol: bool,
}

impl May {
    /// Returns `true` if any action is allowed.
    pub fn anything(&self) -> bool {
        self.edit || self.publish || self.second_person || self.relaunch || self.contract
    }
}

/// The form that returns an auction, with a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnForm {
    reason: String,
}

/// The form of a failed contract, with the party at fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractFailedForm {
    fault: ContractFault,
}

/// `GET /console/auctions/{id}`: the auction's page.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    overview(&state, &desk, id, None, String::new()).await
}

/// `POST /console/auctions/{id}/submit`: submits the draft.
pub async fn submit(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::Submit, "submitted").await
}

/// `POST /console/auctions/{id}/publish`: publishes the auction.
pub async fn publish(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::Publish, "published").await
}

/// `POST /console/auctions/{id}/return`: returns it to the organiser.
pub async fn give_back(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
    Form(form): Form<ReturnForm>,
) -> Result<Response, Refusal> {
    act(&state, &desk, id, OfficialAction::Return { reason: form.reason }, "returned").await
}

/// `POST /console/auctions/{id}/contract`: takes the hash of the signed contract, or the contract
/// itself, of which only the hash is stored.
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

/// `POST /console/auctions/{id}/contract-failed`: records that there is no contract.
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
        Ok(()) => Ok(done(state, &format!("/console/auctions/{id}"), what)),
        Err(error) => overview(state, desk, id, Some(error.into()), typed).await,
    }
}

/// Loads the page, with a rejection and the typed reason if there are any.
///
/// # Errors
/// A rejection that does not belong in a form, or one from loading the page.
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
    let joint = joint_acts::load(state, desk, &view.auction).await?;
    let status = refused_status(&refusal);
    let words = refusal.map(|refusal| refusal.words(desk.page.language));
    let contract = contract::load(state, desk, &view.auction).await?;
    let signed = state.auctions.signed_acts(&desk.official, &view.auction).await?;
    let signed_acts = signed.into_iter().map(SignedAct::key).collect();
    let papers = papers::of_auction(state, &desk.page, &view.auction, &log).await?;
    let protocols = protocol::load(state, desk, &view.auction, &log);
    let page = compose(desk, view, &log, now, joint, (words, reason));
    let page = Overview { protocols, contract, papers, signed_acts, ..page };
    render_as(status, &page)
}

/// Builds the page of an auction.
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
        seq: Some(record.seq),
    };
    Overview {
        state: words::state(&page, &view.auction),
        sentence: sentence(&page, &view.auction),
        timeline: timeline(&page, &view.auction, now),
        history: log.iter().rev().map(entry).collect(),
        may: may(desk, &view.auction),
        joint,
        protocols: ShownProtocols::default(),
        contract: None,
        instalments: instalments::shown(&page, &view.auction),
        papers: Vec::new(),
        signed_acts: Vec::new(),
        path,
        view,
        refusal,
        reason,
        page,
    }
}

/// The last records of the log; empty while the log is not public.
///
/// # Errors
/// Rejections by the catalogue.
pub async fn log(state: &AppState, view: &AuctionView, last: u64) -> Result<Vec<Record>, Refusal> {
    let after = view.seq.saturating_sub(last);
    match state.catalogue.log(view.auction.birth.id, after, last).await {
        Ok(log) => Ok(log),
        Err(catalogue::Error::Store(StoreError::NotFound)) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn may(desk: &StaffPage, auction: &Auction) -> May {
    // The holder's officials see it too, and the organiser's act.
    let organisation = Some(auction.birth.procuring_entity);
    let is = |role| desk.official.any_in(&[role], organisation).is_ok();
    let (organiser, moderator) = (is(Role::Organiser), is(Role::Moderator));
    let reviews = moderator && auction.status == Status::Review;
    let own = auction.submitted_by == Some(desk.official.person);
    May {
        edit: organiser && auction.status == Status::Draft,
        publish: reviews && !own,
        second_person: reviews && own,
        relaunch: organiser
            && matches!(auction.status, Status::Unsuccessful | Status::Cancelled)
            && auction.successor.is_none(),
        contract: organiser && auction.status == Status::Awarded,
        winner: matches!(auction.status, Status::Awarded | Status::Complete)
            && desk.official.any_in(&KNOW_WINNERS, organisation).is_ok(),
        result: is_decided(auction) && desk.official.any_in(&KNOW_WINNERS, organisation).is_ok(),
        protocol: auction.is_public()
            && (auction.suspension.is_some()
                || auction.is_over()
                || matches!(auction.status, Status::Qualification | Status::Awarded)),
        watch: matches!(auction.status, Status::Waiting | Status::Bidding)
            || auction.round.is_some(),
    }
}

/// The state as a sentence, with the reason of a failure.
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
        None if auction.status == Status::Qualification && auction.has_sole_applicant() => {
            page.text("sentence-sole-applicant")
        }
        None => page.text_for("sentence", &words::name(&auction.status)),
    }
}

/// Planned and past moments, in their order.
pub fn timeline(page: &Page, auction: &Auction, now: Timestamp) -> Vec<TimelineMoment> {
    let terms = auction.terms.as_ref();
    let start = terms.map_or(auction.birth.offer.start, |terms| terms.start);
    let award = auction.awards.last();
    let moments = [
        ("moment-tender-end", terms.map(|terms| terms.tender_end)),
        // An award to the sole applicant comes before a start that then never is.
        ("moment-start", Some(start).filter(|_| !auction.has_sole_applicant())),
        ("moment-resume", auction.suspension.as_ref().and_then(|suspension| suspension.resume_at)),
        ("moment-close", auction.closes_at().filter(|_| auction.suspension.is_none())),
        ("moment-confirm", award.map(|award| award.confirm_by)),
        ("moment-contract", auction.contract_by),
    ];
    let known = moments.into_iter().filter_map(|(key, at)| at.map(|at| (key, at)));
    known
        .map(|(key, at)| {
            let (text, past) = (page.text(key), at <= now);
            TimelineMoment { text, at: page.at(&at), past, seq: None }
        })
        .collect()
}
