//! The live screen: follow, see the price, quote, confirm, bid, and confirm a win.

use super::receipt::{BidReceipt, receipt_record};
use super::records::{as_code, as_params};
use super::{Core, auction_id};
use crate::device::bid_id;
use crate::driver::http::ApiRequest;
use crate::engine::bids::{BidOutcome, PlacedBid};
use crate::engine::{Engine, Input};
use crate::error::CoreError;
use crate::mutex::lock;
use std::collections::HashMap;
use std::time::Duration;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::{AnswerAward, PlaceBid, ProtocolView};
use toruk_sync::protocol::limits::BID_TIMEOUT_MS;
use toruk_sync::receipt::Decision;
use toruk_sync::signing::SignedPayload as _;

/// A bid is waited for this long, its time on the wire and a little more.
const BID_WAIT: Duration = Duration::from_millis(BID_TIMEOUT_MS + 1_000);
/// The fate of an unknown bid is waited for this long; it is asked for until it is known.
const OUTCOME_WAIT: Duration = Duration::from_secs(3);

/// Everything the live screen shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LiveState {
    /// Which auction.
    pub auction: String,
    /// Where it stands.
    pub status: String,
    /// The log's length in this state.
    pub seq: u64,
    /// The current price.
    pub price: i64,
    /// `first_offer` or `raising`, once bidding opened.
    pub phase: Option<String>,
    /// Accepted raises.
    pub round: u64,
    /// The window's end; a bid received then or later is late. Absent while the clock stands.
    pub deadline: Option<i64>,
    /// The leader's number.
    pub leader: Option<u16>,
    /// This person's number.
    pub own_number: Option<u16>,
    /// How many take part.
    pub participants: u32,
    /// When bidding opens.
    pub start: i64,
    /// Microseconds until then, while it lies ahead.
    pub starts_in: Option<i64>,
    /// Microseconds until the deadline, while it lies ahead.
    pub ends_in: Option<i64>,
    /// The button's state: `can_first_offer`, `can_raise`, `leading`, `offline`, `closed`, ….
    pub button: String,
    /// Why it is closed: `won`, `lost`, `no_first_offer`, `cancelled`, `unsuccessful`,
    /// `deadline_passed`.
    pub closed: Option<String>,
    /// The amount a tap would offer.
    pub amount: Option<i64>,
    /// A stopped clock, to be told above everything else.
    pub suspension: Option<LiveSuspension>,
    /// How often the bidding went on after a stop.
    pub epoch: u32,
    /// Whether the stream is there and not silent.
    pub connected: bool,
    /// After how many records the operator told two histories of this auction, if he did: say so
    /// above everything else; no bid is possible.
    pub contradicted: Option<u64>,
    /// The server's time, once it is known.
    pub server_time: Option<i64>,
    /// It lies within this many microseconds of it.
    pub uncertainty: Option<i64>,
}

/// A stopped clock: no bids and no deadlines.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LiveSuspension {
    /// From when on bids were impossible.
    pub since: i64,
    /// `late_start`, `outage` or `technical_fault`.
    pub cause: String,
    /// When it goes on, once that is announced.
    pub resume_at: Option<i64>,
    /// Microseconds until then, while it lies ahead.
    pub resumes_in: Option<i64>,
}

/// A price that was shown, and what raising it would cost. Dies when the round moves on.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Quote {
    /// Its number; serves one bid.
    pub id: u64,
    /// Which auction.
    pub auction: String,
    /// The price seen.
    pub price: i64,
    /// «Жогорулатылган бааңыз».
    pub amount: i64,
    /// The round seen.
    pub round: u64,
    /// The window's end.
    pub deadline: Option<i64>,
    /// Whether it is «биринчи сунуш».
    pub first_offer: bool,
}

/// What became of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum BidState {
    /// The bidder leads.
    Accepted,
    /// Nothing changed; the code says why.
    Refused,
    /// Sent, and no answer yet. It is asked for until it is known; never sent again.
    Unknown,
    /// The server never got it.
    NotReceived,
}

/// A bid's result.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BidResult {
    /// The bid's id.
    pub bid: String,
    /// What became of it.
    pub state: BidState,
    /// Why, when it was refused.
    pub code: Option<String>,
    /// What the code's translation needs.
    pub params: HashMap<String, String>,
    /// The receipt, once it was decided.
    pub receipt: Option<BidReceipt>,
}

/// The result as the winner is asked to sign it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ResultProtocol {
    /// The auction's public number.
    pub number: String,
    /// The winner's number.
    pub winner: u16,
    /// The price, tyiyn.
    pub price: i64,
    /// How many took part.
    pub participants: u16,
    /// How many raises were accepted.
    pub rounds: u64,
    /// The log's head when bidding closed, hex.
    pub log_head: String,
    /// A confirmation received then or later is late.
    pub confirm_by: i64,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// The auction's screen is open: streams it live, until `unwatch`.
    ///
    /// # Errors
    /// `malformed`.
    pub fn watch(&self, auction: String) -> Result<(), CoreError> {
        self.driver.input(Input::Watch(auction_id(&auction)?))
    }

    /// The auction's screen is closed.
    ///
    /// # Errors
    /// `malformed`.
    pub fn unwatch(&self, auction: String) -> Result<(), CoreError> {
        self.driver.input(Input::Unwatch(auction_id(&auction)?))
    }

    /// The live screen, now. Call it on events and on each tick of a countdown.
    ///
    /// # Errors
    /// `auction_unknown` before anything was seen of it.
    pub fn live_state(&self, auction: String) -> Result<LiveState, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        self.driver
            .read(|engine| live_state(engine, auction, now))
            .ok_or_else(|| CoreError::refused("auction_unknown"))
    }

    /// Shows what a raise would cost now, for the person to confirm.
    ///
    /// # Errors
    /// The button's state when no bid is possible.
    pub fn quote(&self, auction: String) -> Result<Quote, CoreError> {
        let auction = auction_id(&auction)?;
        self.driver.update(|engine, now| {
            let quoted = engine.quote(auction, now)?;
            let round = engine.view(auction).and_then(|view| view.auction.round);
            let quote = Quote {
                id: quoted.id,
                auction: auction.to_string(),
                price: quoted.basis.price.get(),
                amount: quoted.amount.get(),
                round: quoted.basis.round,
                deadline: round.map(|round| round.deadline.0),
                first_offer: quoted.basis.round == 0,
            };
            Ok((quote, engine.handle(Input::Woken, now)))
        })
    }

    /// The person said «Ооба»: sends the bid, once. Never queued, never sent again.
    ///
    /// # Errors
    /// `stale_quote` when the price moved on since it was shown; the button's state.
    pub async fn place_bid(&self, quote: Quote) -> Result<BidResult, CoreError> {
        let auction = auction_id(&quote.auction)?;
        let platform = &self.driver.platform;
        let wall = Timestamp(platform.clock.wall_us());
        let account_generation = self.driver.account_generation();
        let (quoted, server) = self.driver.update_as(Some(account_generation), |engine, now| {
            let quoted = engine.take_quote(auction, quote.id, now)?;
            let server = engine.server_now(now).map_or(wall, |estimate| estimate.time);
            Ok(((quoted, server), engine.handle(Input::Woken, now)))
        })?;
        let unsigned = PlaceBid {
            bid: bid_id(platform.entropy.as_ref(), server.0)?,
            epoch: quoted.epoch,
            basis: quoted.basis,
            amount: quoted.amount,
            client_sent_at: wall,
            signature: String::new(),
        };
        let bid = unsigned.bid;
        let device = self.device()?;
        // The phone's hardware may take its time.
        let signed = self.driver.blocking(move || device.sign(auction, unsigned)).await??;
        self.driver.update_as(Some(account_generation), |engine, now| {
            Ok(((), engine.send_bid(auction, signed, now)))
        })?;
        let outcome = |engine: &Engine| engine.bids().get(bid).map(|placed| placed.outcome.clone());
        let done = |engine: &Engine| outcome(engine) != Some(BidOutcome::Sending);
        self.driver.wait_until(BID_WAIT, done).await;
        let known =
            |engine: &Engine| !engine.is_online() || outcome(engine) != Some(BidOutcome::Unknown);
        self.driver.wait_until(OUTCOME_WAIT, known).await;
        self.result_of(bid)
    }

    /// What became of a bid; asks the server when this phone does not know.
    ///
    /// # Errors
    /// `not_found` when this phone never made it.
    pub async fn bid_status(&self, bid: String) -> Result<BidResult, CoreError> {
        let bid: BidId = bid.parse().map_err(|_| CoreError::refused("malformed"))?;
        let outcome = self.driver.read(|engine| engine.bids().get(bid).map(|p| p.outcome.clone()));
        if outcome == Some(BidOutcome::Unknown) {
            self.driver.ask_bid(bid).await;
        }
        self.result_of(bid)
    }

    /// The result for the winner to read before he signs.
    ///
    /// # Errors
    /// `not_found` for anybody else; [`CoreError::Offline`].
    pub async fn protocol(&self, auction: String) -> Result<ResultProtocol, CoreError> {
        let auction = auction_id(&auction)?;
        let view = self.fetch_protocol(auction).await?;
        let mut shown = lock(&self.shown);
        shown.insert(auction, view.protocol.digest());
        let protocol = view.protocol;
        Ok(ResultProtocol {
            number: protocol.number,
            winner: protocol.winner.0,
            price: protocol.price.get(),
            participants: protocol.participants,
            rounds: protocol.rounds,
            log_head: protocol.log_head,
            confirm_by: view.confirm_by.0,
        })
    }

    /// Signs the result. A protocol other than the one shown last is not signed.
    ///
    /// # Errors
    /// `protocol_changed`, `deadline_passed`, `cancelled`; [`CoreError::Offline`]: whether it
    /// arrived shows in `auction`.
    pub async fn confirm_award(&self, auction: String) -> Result<(), CoreError> {
        let auction = auction_id(&auction)?;
        let view = self.fetch_protocol(auction).await?;
        let shown = {
            let shown = lock(&self.shown);
            shown.get(&auction).copied()
        };
        if shown.is_some_and(|shown| shown != view.protocol.digest()) {
            return Err(CoreError::refused("protocol_changed"));
        }
        let confirmation = self.confirm(&view.protocol).await?;
        let path = format!("/v1/auctions/{auction}/award");
        self.signed_empty(ApiRequest::post(&path, &AnswerAward::Confirm { confirmation })).await
    }
}

impl Core {
    async fn fetch_protocol(&self, auction: AuctionId) -> Result<ProtocolView, CoreError> {
        self.signed(ApiRequest::get(&format!("/v1/auctions/{auction}/protocol"))).await
    }

    fn result_of(&self, bid: BidId) -> Result<BidResult, CoreError> {
        let placed = self.driver.read(|engine| engine.bids().get(bid).cloned());
        placed.map(|placed| result(&placed)).ok_or_else(|| CoreError::refused("not_found"))
    }
}

fn live_state(engine: &Engine, auction: AuctionId, now: i64) -> Option<LiveState> {
    let view = engine.view(auction)?;
    let (state, clock) = (&view.auction, engine.server_now(now));
    let button = engine.button(auction, now)?;
    let start = state.terms.as_ref().map_or(state.birth.offer.start, |terms| terms.start);
    let ahead = |moment: Timestamp| {
        let left = moment.0.saturating_sub(clock?.time.0);
        (left > 0).then_some(left)
    };
    // While the clock stands no deadline runs.
    let running = state.suspension.is_none();
    let deadline = state.closes_at().or(state.round.map(|round| round.deadline));
    let deadline = deadline.filter(|_| running);
    Some(LiveState {
        auction: auction.to_string(),
        status: as_code(&state.status),
        seq: view.seq,
        price: state.round.map_or(state.birth.offer.value, |round| round.price).get(),
        phase: state.round.map(|round| as_code(&round.phase)),
        round: state.round.map_or(0, |round| round.number),
        deadline: deadline.map(|at| at.0),
        leader: state.round.and_then(|round| round.leader).map(|no| no.0),
        own_number: engine.own_number(auction).map(|no| no.0),
        participants: state.participants.len() as u32,
        start: start.0,
        starts_in: ahead(start).filter(|_| running),
        ends_in: deadline.and_then(ahead),
        button: button.code().to_owned(),
        closed: button.closed().map(str::to_owned),
        amount: button.offer().map(|offer| offer.amount.get()),
        suspension: state.suspension.as_ref().map(|suspension| LiveSuspension {
            since: suspension.since.0,
            cause: as_code(&suspension.cause),
            resume_at: suspension.resume_at.map(|at| at.0),
            resumes_in: suspension.resume_at.and_then(ahead),
        }),
        epoch: state.epoch,
        connected: engine.is_fresh(auction, now),
        contradicted: engine.contradiction(auction),
        server_time: clock.map(|clock| clock.time.0),
        uncertainty: clock.map(|clock| clock.uncertainty.0),
    })
}

fn result(placed: &PlacedBid) -> BidResult {
    let (state, code, params, receipt) = match &placed.outcome {
        BidOutcome::Sending | BidOutcome::Unknown => {
            (BidState::Unknown, None, HashMap::new(), None)
        }
        BidOutcome::NotReceived => (BidState::NotReceived, None, HashMap::new(), None),
        BidOutcome::NotDecided(code) => {
            (BidState::Refused, Some(code.clone()), HashMap::new(), None)
        }
        BidOutcome::Decided(receipt) => match &receipt.body.decision {
            Decision::Accepted => (BidState::Accepted, None, HashMap::new(), Some(receipt)),
            Decision::Refused(why) => {
                (BidState::Refused, Some(as_code(why)), as_params(why), Some(receipt))
            }
        },
    };
    let receipt = receipt.map(receipt_record);
    BidResult { bid: placed.bid.bid.to_string(), state, code, params, receipt }
}
