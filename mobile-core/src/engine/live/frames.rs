//! Frames of the live stream, and answers about bids.

use super::super::Engine;
use super::super::bids::BidAnswer;
use super::super::clock::Mono;
use crate::engine::live::{Follower, Live};
use crate::events::EventKind;
use std::collections::BTreeSet;
use toruk_sync::domain::auction::bidding::Round;
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::protocol::bid::BidReply;
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::receipt::VerifierKey;

impl Engine {
    pub(in crate::engine) fn frame(&mut self, generation: u64, frame: LiveFrame, now: Mono) {
        let believed = match &frame {
            LiveFrame::Heartbeat(_) | LiveFrame::Poke => true,
            LiveFrame::Snapshot(view) => {
                let auction = view.auction.birth.id;
                self.check_head(auction, |heads| heads.named(auction, view.seq, &view.head))
            }
            LiveFrame::Record(record) => {
                self.check_head(record.auction, |heads| heads.record(record))
            }
        };
        if !believed {
            return;
        }
        match &frame {
            LiveFrame::Heartbeat(heartbeat) => {
                if self.server_clock.received(heartbeat.server_time, now) {
                    self.clock_due = Mono::MIN;
                }
            }
            // A snapshot's time may be a second old; the next heartbeat brings a better one.
            LiveFrame::Snapshot(view) => {
                self.server_clock.set_speed(view.auction.birth.rules.clock_speed);
            }
            LiveFrame::Record(_) => {}
            LiveFrame::Poke => self.poked(generation),
        }
        let named = match &frame {
            LiveFrame::Snapshot(view) => Some(view.auction.birth.id),
            LiveFrame::Record(record) => Some(record.auction),
            LiveFrame::Heartbeat(_) | LiveFrame::Poke => None,
        };
        if self.live.is_current(generation) && self.pulling.missed_pokes() {
            self.want_pull();
        }
        let moment =
            |live: &Live| live.get(named?).and_then(Follower::auction).map(LiveSummary::of);
        let before = moment(&self.live);
        let Some(auction) = self.live.frame(generation, frame, now) else { return };
        let after = moment(&self.live);
        let own = self.own_number(auction);
        let state = self.live.get(auction).and_then(Follower::auction);
        let rostered = state.is_some_and(|auction| !auction.participants.is_empty());
        if own.is_none() && rostered || before.map(|b| b.status) != after.map(|a| a.status) {
            self.want_pull();
        }
        self.notify(Some(auction), EventKind::LiveChanged);
        if let (Some(before), Some(after)) = (before, after) {
            for what in before.events_until(&after, own) {
                self.notify(Some(auction), what);
            }
        }
    }

    /// Notifies the app of auctions whose stream connected or was lost.
    pub(in crate::engine) fn notify_connections(&mut self) {
        let is_connected = |auction: &&AuctionId| self.live.is_connected(**auction);
        let now: BTreeSet<AuctionId> =
            self.live.followers().keys().filter(is_connected).copied().collect();
        let before = std::mem::replace(&mut self.connected, now);
        let changed: Vec<AuctionId> =
            before.symmetric_difference(&self.connected).copied().collect();
        for auction in changed {
            let connected = self.connected.contains(&auction);
            self.notify(Some(auction), EventKind::ConnectionChanged { connected });
        }
    }

    pub(in crate::engine) fn bid_answered(&mut self, bid: BidId, answer: BidAnswer, now: Mono) {
        if self.bid_asked == Some(bid) {
            self.bid_asked = None;
            self.bid_pace.failed(now, None);
        }
        let verified = match &answer {
            BidAnswer::Reply(reply) => self.is_receipt_of(bid, reply),
            _ => false,
        };
        let auction = self.bids.get(bid).map(|placed| placed.auction);
        // A receipt is kept whatever it contradicts: it is the bidder's proof.
        if let (true, Some(auction), BidAnswer::Reply(reply)) = (verified, auction, &answer) {
            let body = &reply.receipt.body;
            self.check_head(auction, |heads| heads.named(auction, body.seq, &body.head));
        }
        let (changed, writes) = self.bids.answered(bid, answer, verified);
        self.writes.extend(writes);
        if changed {
            if self.bids.any_unknown().is_none() {
                self.bid_pace.reset();
            }
            self.notify(auction, EventKind::BidSettled { bid: bid.to_string() });
        }
    }

    /// Returns `true` if the receipt is the operator's, and for this bid with this amount.
    fn is_receipt_of(&self, bid: BidId, reply: &BidReply) -> bool {
        let check = || {
            let placed = self.bids.get(bid)?;
            let body = &reply.receipt.body;
            let same = body.bid == bid
                && body.auction == placed.auction
                && body.amount == placed.bid.amount;
            let key: VerifierKey = self.profile.as_ref()?.receipt_key.parse().ok()?;
            (same && reply.receipt.verify(&key).is_ok()).then_some(())
        };
        check().is_some()
    }
}

/// The parts of an auction about which a person is notified.
#[derive(Clone, Copy)]
struct LiveSummary {
    status: Status,
    round: Option<Round>,
    suspended: bool,
}

impl LiveSummary {
    fn of(auction: &Auction) -> Self {
        let suspended = auction.suspension.is_some();
        Self { status: auction.status, round: auction.round, suspended }
    }

    fn events_until(&self, after: &Self, own: Option<BidderNo>) -> Vec<EventKind> {
        let leader = |moment: &Self| moment.round.and_then(|round| round.leader);
        let leads = |moment: &Self| own.is_some() && leader(moment) == own;
        let bidding = |moment: &Self| moment.status == Status::Bidding;
        let events = [
            (!bidding(self) && bidding(after), EventKind::BiddingOpened),
            (bidding(self) && !bidding(after), EventKind::Closed),
            (!self.suspended && after.suspended, EventKind::Suspended),
            (self.suspended && !after.suspended, EventKind::Resumed),
            (!leads(self) && leads(after), EventKind::YouLead),
            (leads(self) && !leads(after) && bidding(after), EventKind::Outbid),
        ];
        events.into_iter().filter(|(holds, _)| *holds).map(|(_, what)| what).collect()
    }
}
