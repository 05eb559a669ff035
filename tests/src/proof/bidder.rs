//! A bidder at a raw socket who writes down everything sent and received.

use super::history::{BidAnswer, Finding, HistoryEvent, Kind, Operation};
use super::wire::{RawClient, Request, Response};
use crate::world::api_client::bid_id;
use crate::world::clock::Clock;
use crate::world::seed::SeededBidder;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use std::sync::Arc;
use toruk_server::clock::SystemClock;
use toruk_sync::domain::auction::bidding::{Basis, Bid};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::{BidReply, PlaceBid};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::problem::{ProblemBody, ProblemCode};
use toruk_sync::receipt::VerifierKey;
use toruk_sync::signing::SignedPayload as _;

/// One bidder of one auction, with the history of all calls.
pub struct Bidder {
    /// The bidder's number in the auction.
    pub number: BidderNo,
    pub auction: AuctionId,
    /// The auction's state that the bidder last heard of.
    pub seen: BidderView,
    /// Calls that this bidder made, with their answers.
    pub operations: Vec<Operation>,
    /// Contradictions that the bidder itself was told.
    pub findings: Vec<Finding>,
    /// Bids whose outcome the bidder does not know.
    pub unclear: Vec<PlaceBid>,
    seat: SeededBidder,
    key: EcdsaKeyPair,
    random: SystemRandom,
    trusted: VerifierKey,
    clock: Arc<SystemClock>,
}

/// The part of an auction that a bid is made on.
#[derive(Debug, Clone, Copy)]
pub struct BidderView {
    /// The auction's epoch, which a bid names.
    pub epoch: u32,
    /// The round and the price that a bid is based on.
    pub basis: Basis,
    /// The auction's bid step, in tyiyn.
    pub step: Tyiyn,
}

/// The call that an answer belongs to; it decides what an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By sending the bid.
    BySending,
    /// By asking for its receipt; "not found" means that it is not there yet.
    ByName,
}

impl BidderView {
    /// HistoryEvent a look at the auction shows.
    ///
    /// # Errors
    /// When bidding has not opened.
    pub fn of(view: &AuctionView) -> anyhow::Result<Self> {
        let auction = &view.auction;
        let basis = auction.round.context("bidding has not opened")?.basis();
        let step = auction.terms.as_ref().context("no terms")?.minimal_step;
        Ok(Self { epoch: auction.epoch, basis, step })
    }
}

impl Bidder {
    /// The bidder seeded at place `place`, counted from 0.
    ///
    /// # Errors
    /// When the seeded key is none.
    pub fn new(
        place: usize,
        seat: &SeededBidder,
        auction: AuctionId,
        trusted: &VerifierKey,
        clock: &Arc<SystemClock>,
        seen: BidderView,
    ) -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &seat.key.to_bytes(),
            &seat.public_key,
            &random,
        );
        Ok(Self {
            number: BidderNo(u16::try_from(place + 1)?),
            auction,
            seen,
            operations: Vec::new(),
            findings: Vec::new(),
            unclear: Vec::new(),
            seat: seat.clone(),
            key: key.map_err(|_| anyhow::anyhow!("not a key"))?,
            random,
            trusted: trusted.clone(),
            clock: Arc::clone(clock),
        })
    }

    /// A raise on the state last heard of.
    ///
    /// # Errors
    /// When the price can't rise any further.
    pub fn raise(&self) -> anyhow::Result<PlaceBid> {
        let amount = self.seen.basis.price.checked_add(self.seen.step).context("the limit")?;
        self.bid(self.seen.basis, amount)
    }

    /// A signed bid, whatever it says.
    ///
    /// # Errors
    /// Without entropy.
    pub fn bid(&self, basis: Basis, amount: Tyiyn) -> anyhow::Result<PlaceBid> {
        self.bid_named(bid_id(self.clock.now())?, basis, amount)
    }

    /// As [`Self::bid`], under this id.
    ///
    /// # Errors
    /// Without entropy.
    pub fn bid_named(&self, id: BidId, basis: Basis, amount: Tyiyn) -> anyhow::Result<PlaceBid> {
        let now = self.clock.now();
        let mut bid = PlaceBid {
            bid: id,
            epoch: self.seen.epoch,
            basis,
            amount,
            client_sent_at: now,
            signature: String::new(),
        };
        let package = bid.package(self.auction, self.seat.person, self.seat.device).canonical();
        let signature = self.key.sign(&self.random, &package);
        let signature = signature.map_err(|_| anyhow::anyhow!("can't sign"))?;
        bid.signature = STANDARD.encode(signature.as_ref());
        Ok(bid)
    }

    /// Sends a bid and hears what became of it. Whether the connection still holds.
    pub async fn send(&mut self, wire: &mut RawClient, bid: &PlaceBid) -> bool {
        let (body, path) = (to_json(bid), format!("/v1/auctions/{}/bids", self.auction));
        let token = self.seat.token.clone();
        let request = Request { method: "POST", path: &path, token: &token, body: &body };
        self.ask(wire, bid, &request, Asked::BySending).await
    }

    /// Sends a bid and does not wait for the answer.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn send_unread(
        &mut self,
        wire: &mut RawClient,
        bid: &PlaceBid,
    ) -> anyhow::Result<()> {
        let (body, path) = (to_json(bid), format!("/v1/auctions/{}/bids", self.auction));
        let token = self.seat.token.clone();
        self.note(bid, self.clock.now(), None, BidAnswer::Unknown);
        wire.send(&Request { method: "POST", path: &path, token: &token, body: &body }).await
    }

    /// Hears what became of a bid that was sent before on this connection. Whether it still holds.
    pub async fn hear(&mut self, wire: &mut RawClient, bid: &PlaceBid) -> bool {
        let invoked = self.clock.now();
        let Ok(response) = wire.receive().await else { return false };
        self.heard(bid, invoked, self.clock.now(), &response, Asked::BySending);
        true
    }

    /// Asks what became of a bid by its name. Whether the connection still holds.
    pub async fn ask_by_name(&mut self, wire: &mut RawClient, bid: &PlaceBid) -> bool {
        let path = format!("/v1/bids/{}", bid.bid);
        let token = self.seat.token.clone();
        let request = Request { method: "GET", path: &path, token: &token, body: "" };
        self.ask(wire, bid, &request, Asked::ByName).await
    }

    /// Looks at the auction. Whether the connection still holds.
    pub async fn look(&mut self, wire: &mut RawClient) -> bool {
        let path = format!("/v1/auctions/{}", self.auction);
        let invoked = self.clock.now();
        let request = Request { method: "GET", path: &path, token: &self.seat.token, body: "" };
        let Ok(response) = wire.call(&request).await else { return false };
        let returned = Some(self.clock.now());
        if let Ok(view) = serde_json::from_slice::<AuctionView>(&response.body) {
            if let Ok(seen) = BidderView::of(&view) {
                self.seen = seen;
            }
            let what =
                HistoryEvent::Read { seq: view.seq, head: view.head, round: view.auction.round };
            self.operations.push(Operation { invoked, returned, what });
        }
        true
    }

    /// Settles what is unclear: asks by name, and sends again. Whether all is clear now.
    pub async fn clear_up(&mut self, wire: &mut RawClient) -> bool {
        for bid in std::mem::take(&mut self.unclear) {
            if !self.ask_by_name(wire, &bid).await || !self.send(wire, &bid).await {
                return false;
            }
        }
        self.unclear.is_empty()
    }

    async fn ask(
        &mut self,
        wire: &mut RawClient,
        bid: &PlaceBid,
        request: &Request<'_>,
        asked: Asked,
    ) -> bool {
        let invoked = self.clock.now();
        let response = wire.call(request).await;
        let returned = self.clock.now();
        let Ok(response) = response else {
            self.note(bid, invoked, None, BidAnswer::Unknown);
            self.unclear.push(bid.clone());
            return false;
        };
        self.heard(bid, invoked, returned, &response, asked);
        true
    }

    fn heard(
        &mut self,
        bid: &PlaceBid,
        invoked: Timestamp,
        returned: Timestamp,
        response: &Response,
        asked: Asked,
    ) {
        if let Ok(reply) = serde_json::from_slice::<BidReply>(&response.body) {
            if let Err(error) = reply.receipt.verify(&self.trusted) {
                let detail = format!("{}: {error}", bid.bid);
                self.findings.push(Finding::new(Kind::BadReceipt, detail));
            }
            let body = reply.receipt.body;
            self.seen.basis = Basis { round: body.round, price: body.price };
            self.note(bid, invoked, Some(returned), BidAnswer::Decided(Box::new(body)));
            return;
        }
        let problem = serde_json::from_slice::<ProblemBody>(&response.body).ok();
        let code = problem.map(|problem| problem.code);
        match code {
            // Not there yet says nothing about a sending that is still under way.
            Some(ProblemCode::NotFound) if asked == Asked::ByName => {}
            Some(ProblemCode::Busy | ProblemCode::TooSlow) => {
                let answer = BidAnswer::Undecided(code.unwrap_or(ProblemCode::Busy));
                self.note(bid, invoked, Some(returned), answer);
            }
            Some(ProblemCode::Unknown) => {
                self.note(bid, invoked, Some(returned), BidAnswer::Unknown);
                self.unclear.push(bid.clone());
            }
            _ => {
                let said = String::from_utf8_lossy(&response.body);
                let detail = format!("{}: {} {said}", bid.bid, response.status);
                self.findings.push(Finding::new(Kind::SoundBidTurnedAway, detail));
                self.note(bid, invoked, Some(returned), BidAnswer::Unknown);
                self.unclear.push(bid.clone());
            }
        }
    }

    fn note(
        &mut self,
        bid: &PlaceBid,
        invoked: Timestamp,
        returned: Option<Timestamp>,
        answer: BidAnswer,
    ) {
        let bid = Bid {
            id: bid.bid,
            bidder: Some(self.number),
            epoch: bid.epoch,
            basis: bid.basis,
            amount: bid.amount,
            hasty: false,
        };
        self.operations.push(Operation {
            invoked,
            returned,
            what: HistoryEvent::Bid { bid, answer },
        });
    }
}

fn to_json(bid: &PlaceBid) -> String {
    serde_json::to_string(bid).unwrap_or_default()
}
