//! The live monitor: price, time left, leader and bids of one auction.
//!
//! The server renders all of it, so the page is useful without scripts. `live.js` then follows
//! `/v1/live` from the board's last record: it draws bids from their records itself and, for rarer
//! events, requests the board again, so that states are worded in one place.

use super::auction::log;
use super::auction::sentence;
use super::joint_acts::{self, Joint};
use super::layout::{Page, StaffPage, render};
use super::refusal::Refusal;
use super::words::{self, Tag};
use crate::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use toruk_sync::domain::auction::{Event, Status};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::receipt::Record;

/// Most entries of the log in which the board looks for bids.
const BIDS: u64 = 100;
/// Rejections of bids, whose texts are sent to the script.
const REFUSALS: [&str; 10] = [
    "not_eligible",
    "not_started",
    "suspended",
    "deadline_passed",
    "closed",
    "stale_basis",
    "already_leading",
    "wrong_amount",
    "price_limit",
    "rate_limited",
];

/// Page of the live monitor.
#[derive(Template)]
#[template(path = "live.html")]
pub struct Live {
    pub page: Page,
    pub board: Board,
    /// Actions that take two officials.
    pub joint: Joint,
    /// Pairs of a rejection's key and text.
    pub refusals: Vec<(&'static str, String)>,
}

/// The board without the page around it.
#[derive(Template)]
#[template(path = "live-fragment.html")]
pub struct LiveFragment {
    pub page: Page,
    pub board: Board,
}

/// The content of the board.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Board {
    pub id: String,
    pub number: String,
    pub title: String,
    pub state: Tag,
    pub sentence: String,
    pub running: bool,
    pub price: String,
    pub price_start: String,
    pub step: String,
    pub leader: Option<String>,
    pub raises: u64,
    pub participants: usize,
    /// The number of times that the bidding resumed after a stop.
    pub epoch: u32,
    /// The event to which the clock counts down, in words.
    pub clock: String,
    /// End of the countdown, in µs.
    pub deadline: Option<i64>,
    pub ends: String,
    pub left: String,
    pub server_time: i64,
    pub seq: u64,
    pub bids: Vec<Bid>,
}

/// A bid in the list.
#[derive(Debug)]
#[allow(missing_docs)] // Named as what they are.
pub struct Bid {
    pub seq: u64,
    pub at: String,
    pub bidder: String,
    pub amount: String,
    pub result: Tag,
}

/// `GET /console/auctions/{id}/live`: the live monitor.
pub async fn show(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let joint = joint_acts::load(&state, &desk, &view.auction).await?;
    let board = load(&state, &desk, id).await?;
    let page = desk.page;
    render(&Live { refusals: refusals(&page), page, board, joint })
}

/// The texts of bids' rejections, for the script.
pub fn refusals(page: &Page) -> Vec<(&'static str, String)> {
    REFUSALS.map(|key| (key, page.text_for("bid", key))).to_vec()
}

/// `GET /console/auctions/{id}/live/board`: the board alone.
pub async fn fragment(
    State(state): State<AppState>,
    desk: StaffPage,
    Path(id): Path<AuctionId>,
) -> Result<Response, Refusal> {
    let board = load(&state, &desk, id).await?;
    render(&LiveFragment { page: desk.page, board })
}

async fn load(state: &AppState, desk: &StaffPage, id: AuctionId) -> Result<Board, Refusal> {
    let view = state.catalogue.view_for(&desk.official, id).await?;
    let log = log(state, &view, BIDS).await?;
    Ok(compose(&desk.page, &view, &log, state.context.ports.clock.now()))
}

/// The board's content at `now`.
pub fn compose(page: &Page, view: &AuctionView, log: &[Record], now: Timestamp) -> Board {
    let auction = &view.auction;
    let running = auction.status == Status::Bidding && auction.suspension.is_none();
    let resume_at = auction.suspension.as_ref().map(|suspension| suspension.resume_at);
    let (clock, deadline) = match auction.status {
        _ if let Some(resume_at) = resume_at => ("clock-resume", resume_at),
        Status::Rectification | Status::Tendering => {
            ("clock-applications", auction.terms.as_ref().map(|terms| terms.tender_end))
        }
        Status::Waiting => ("clock-start", auction.terms.as_ref().map(|terms| terms.start)),
        Status::Bidding if running => ("clock-window", auction.closes_at()),
        _ => ("clock-none", None),
    };
    let (offer, round) = (&auction.birth.offer, auction.round);
    let step = auction.terms.as_ref().map(|terms| page.som(&terms.minimal_step));
    let leader = round.and_then(|round| round.leader);
    Board {
        id: auction.birth.id.to_string(),
        number: view.number.clone(),
        title: view.lot.title.get(page.language.tag()).to_owned(),
        state: words::state(page, auction),
        sentence: sentence(page, auction),
        running,
        price: page.som(&round.map_or(offer.value, |round| round.price)),
        price_start: page.som(&offer.value),
        step: step.unwrap_or_default(),
        leader: leader.map(|leader| page.text_with("participant", leader.to_string())),
        raises: round.map_or(0, |round| round.number),
        participants: auction.participants.len(),
        epoch: auction.epoch,
        clock: page.text(clock),
        deadline: deadline.map(|deadline| deadline.0),
        // The moment of resumption is a part of the sentence.
        ends: deadline
            .filter(|_| auction.suspension.is_none())
            .map(|deadline| page.at(&deadline))
            .unwrap_or_default(),
        left: deadline.map_or_else(|| "—".to_owned(), |deadline| page.left(deadline - now)),
        server_time: now.0,
        // The record up to which the list was read; the stream has the later ones.
        seq: log.last().map_or(view.seq, |record| record.seq.max(view.seq)),
        bids: log.iter().rev().filter_map(|record| bid(page, record)).collect(),
    }
}

fn bid(page: &Page, record: &Record) -> Option<Bid> {
    let participant = |bidder: &toruk_sync::domain::id::BidderNo| {
        page.text_with("participant", bidder.to_string())
    };
    let (bidder, amount, result, at) = match &record.event {
        Event::BidPlaced { bidder, amount, received_at, .. } => {
            let result = Tag { text: page.text("bid-accepted"), tone: "good" };
            (participant(bidder), page.som(amount), result, received_at)
        }
        Event::BidRefused { bidder, reason, received_at, .. } => {
            let result = Tag { text: page.text_for("bid", &words::name(reason)), tone: "bad" };
            (participant(bidder), "—".to_owned(), result, received_at)
        }
        _ => return None,
    };
    Some(Bid { seq: record.seq, at: page.at(at), bidder, amount, result })
}
