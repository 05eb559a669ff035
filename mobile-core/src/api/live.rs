//! The live screen: follow an auction, quote, confirm and bid.

use super::receipt::{BidReceipt, receipt_record};
use super::records::{as_code, as_params};
use super::{Core, auction_id};
use crate::device::bid_id;
use crate::engine::bids::{BidOutcome, PlacedBid};
use crate::engine::{Engine, Input};
use crate::error::CoreError;
use std::collections::HashMap;
use std::time::Duration;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::limits::BID_TIMEOUT_MS;
use toruk_sync::receipt::Decision;

/// Time to wait for the answer to a bid: its timeout on the wire and one second.
const BID_WAIT: Duration = Duration::from_millis(BID_TIMEOUT_MS + 1_000);
/// Time to wait for the outcome of a bid without an answer; asking continues in the background.
const OUTCOME_WAIT: Duration = Duration::from_secs(3);

/// Everything the live screen shows of one auction.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LiveState {
    /// The id of the auction on screen.
    pub auction: String,
    /// The auction's status code, such as `bidding`.
    pub status: String,
    /// The number of records of the log in this state.
    pub seq: u64,
    /// The current price, tyiyn.
    pub price: i64,
    /// `first_offer` or `raising`, once bidding has opened.
    pub phase: Option<String>,
    /// The number of accepted raises.
    pub round: u64,
    /// The end of the bidding window, Unix µs; a bid received at or after it is late. Absent while
    /// the auction is suspended.
    pub deadline: Option<i64>,
    /// The bidder number of the leader.
    pub leader: Option<u16>,
    /// The bidder number of this person.
    pub own_number: Option<u16>,
    /// The number of bidders.
    pub participants: u32,
    /// The opening of bidding, Unix µs.
    pub start: i64,
    /// Microseconds until bidding opens; absent once it has.
    pub starts_in: Option<i64>,
    /// Microseconds until the deadline; absent once it has passed.
    pub ends_in: Option<i64>,
    /// The button's state: `can_first_offer`, `can_raise`, `leading`, `offline`, `closed`, ….
    pub button: String,
    /// The reason why it is closed: `won`, `lost`, `no_first_offer`, `cancelled`, `unsuccessful`,
    /// `deadline_passed`.
    pub closed: Option<String>,
    /// The amount that a tap would offer, tyiyn.
    pub amount: Option<i64>,
    /// The suspension, if there is one; show it above everything else.
    pub suspension: Option<LiveSuspension>,
    /// The number of times bidding was resumed after a suspension.
    pub epoch: u32,
    /// `true` while the live stream is connected and not silent.
    pub connected: bool,
    /// The number of records after which the operator published two different histories of this
    /// auction, if that happened. Show it above everything else; no bid is possible.
    pub contradicted: Option<u64>,
    /// The estimated server time, Unix µs, once it is known.
    pub server_time: Option<i64>,
    /// The largest error of `server_time`, microseconds.
    pub uncertainty: Option<i64>,
}

/// A suspension: bids are impossible and no deadline runs.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LiveSuspension {
    /// The first moment at which bids were impossible, Unix µs.
    pub since: i64,
    /// `late_start`, `outage` or `technical_fault`.
    pub cause: String,
    /// The announced moment of resumption, Unix µs.
    pub resume_at: Option<i64>,
    /// Microseconds until the resumption; absent once it has passed.
    pub resumes_in: Option<i64>,
}

/// A price that was shown and the cost of raising it. It is void as soon as the round changes.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Quote {
    /// Identifies the quote; it can be used for one bid.
    pub id: u64,
    /// The id of the auction.
    pub auction: String,
    /// The price shown to the bidder, tyiyn.
    pub price: i64,
    /// «Жогорулатылган бааңыз»: the amount that the bid would offer, tyiyn.
    pub amount: i64,
    /// The number of the round shown to the bidder.
    pub round: u64,
    /// The end of the bidding window, Unix µs.
    pub deadline: Option<i64>,
    /// `true` if the bid would be «биринчи сунуш», the first offer.
    pub first_offer: bool,
}

/// The outcome of a bid, as far as this phone knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum BidState {
    /// The bid was accepted: the bidder leads.
    Accepted,
    /// The bid was rejected; see the code. The price did not change.
    Refused,
    /// The bid was sent and there is no answer yet. The core asks for the outcome until it is
    /// known, and never sends the bid again.
    Unknown,
    /// The bid did not reach the server.
    NotReceived,
}

/// The result of a bid, with its receipt once it is decided.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BidResult {
    /// The bid's id, for `bid_status`.
    pub bid: String,
    /// The outcome so far.
    pub state: BidState,
    /// The rejection code, if the bid was rejected.
    pub code: Option<String>,
    /// Values for the placeholders of the code's translation.
    pub params: HashMap<String, String>,
    /// The signed receipt, once the bid is decided.
    pub receipt: Option<BidReceipt>,
}

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Call this when the auction's screen opens: its live stream is kept open until `unwatch`.
    ///
    /// # Errors
    /// `malformed` if the id is none.
    pub fn watch(&self, auction: String) -> Result<(), CoreError> {
        self.driver.input(Input::Watch(auction_id(&auction)?))
    }

    /// Call this when the auction's screen closes.
    ///
    /// # Errors
    /// `malformed` if the id is none.
    pub fn unwatch(&self, auction: String) -> Result<(), CoreError> {
        self.driver.input(Input::Unwatch(auction_id(&auction)?))
    }

    /// The state of the live screen now. Call it on events and on each tick of a countdown.
    ///
    /// # Errors
    /// `auction_unknown` if this phone has not seen the auction yet.
    pub fn live_state(&self, auction: String) -> Result<LiveState, CoreError> {
        let auction = auction_id(&auction)?;
        let now = self.driver.now();
        self.driver
            .read(|engine| live_state(engine, auction, now))
            .ok_or_else(|| CoreError::refused("auction_unknown"))
    }

    /// The price and the cost of raising it now, for the person to confirm.
    ///
    /// # Errors
    /// The button's state as the code, if no bid is possible.
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

    /// Call this when the person confirms with «Ооба»: sends the bid once. A bid is never queued
    /// and never sent again.
    ///
    /// # Errors
    /// `stale_quote` if the price has changed since it was shown; the button's state.
    pub async fn place_bid(&self, quote: Quote) -> Result<BidResult, CoreError> {
        let auction = auction_id(&quote.auction)?;
        let platform = &self.driver.platform;
        let wall = Timestamp(platform.clock.wall_us());
        let account_generation = self.driver.account_generation();
        let (person, quoted, server) =
            self.driver.update_as(Some(account_generation), |engine, now| {
                let person = engine.profile().ok_or(CoreError::SignedOut)?.person;
                let quoted = engine.take_quote(auction, quote.id, now)?;
                let server = engine.server_now(now).map_or(wall, |estimate| estimate.time);
                Ok(((person, quoted, server), engine.handle(Input::Woken, now)))
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
        // Signing in hardware may be slow, so it runs off the runtime's threads.
        let signed = self.driver.blocking(move || device.sign(auction, person, unsigned)).await??;
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

    /// The result of a bid; asks the server if this phone does not know the outcome.
    ///
    /// # Errors
    /// `not_found` if this phone never made the bid.
    pub async fn bid_status(&self, bid: String) -> Result<BidResult, CoreError> {
        let bid: BidId = bid.parse().map_err(|_| CoreError::refused("malformed"))?;
        let outcome = self.driver.read(|engine| engine.bids().get(bid).map(|p| p.outcome.clone()));
        if outcome == Some(BidOutcome::Unknown) {
            self.driver.ask_bid(bid).await;
        }
        self.result_of(bid)
    }
}

impl Core {
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
    // While the auction is suspended no deadline runs.
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
