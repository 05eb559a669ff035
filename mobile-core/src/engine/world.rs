//! What comes from outside: the server's answers, connectivity, sessions, live frames.

use super::bids::Answer;
use super::clock::Mono;
use super::commands::Waiting;
use super::history::{Heard, Histories};
use super::live::{Follower, Live};
use super::saved::{Decided, MINE, PROFILE, Saved};
use super::{Effect, Engine, Failure, blobs};
use crate::events::EventKind;
use crate::store::{Table, Write};
use std::collections::BTreeSet;
use toruk_sync::domain::auction::{Auction, Status};
use toruk_sync::domain::bidding::Round;
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::draft::DraftState;
use toruk_sync::protocol::bid::BidReply;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::{ServerTime, Session};
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::protocol::sync::{Mine, Operation, Outcome, PushReply, Verdict};
use toruk_sync::receipt::VerifierKey;

/// Auctions kept for use without a connection.
const VIEWS_MAX: usize = 200;

impl Engine {
    /// Goes back to what the store holds, after it refused a change. What is followed stays so.
    pub fn restore(&mut self, saved: Saved) {
        let mut fresh = Self::load(saved, self.seed);
        fresh.online = self.online;
        fresh.event_no = self.event_no;
        let live = Live::new(self.seed.rotate_left(41));
        fresh.live = std::mem::replace(&mut self.live, live);
        fresh.watched = std::mem::take(&mut self.watched);
        fresh.connected = std::mem::take(&mut self.connected);
        std::mem::swap(&mut fresh.server_clock, &mut self.server_clock);
        *self = fresh;
    }

    pub(super) fn set_online(&mut self, online: bool) {
        self.online = online;
        if online {
            self.hurry();
            return;
        }
        if self.live.cut() {
            self.effects.push(Effect::CloseStream);
        }
        self.tell_connections();
    }

    pub(super) fn hurry(&mut self) {
        self.delivery.reset();
        self.upload_pace.reset();
        self.mine_pace.reset();
        self.bid_pace.reset();
        self.clock_due = Mono::MIN;
        self.live.hurry();
    }

    pub(super) fn signed_in(&mut self, session: Session) {
        // The token lives in the secure store only.
        let profile = Session { token: String::new(), ..session };
        if self.profile.as_ref().is_some_and(|known| known.device != profile.device) {
            self.writes.extend(self.outbox.forget_numbers());
        }
        self.writes.push(Write::json(Table::Meta, PROFILE, &profile));
        self.profile = Some(profile);
        self.signed_in = true;
        self.mine_wanted = true;
        self.hurry();
        // A person who is signed in has a place of his own among the streams.
        self.live.renew();
    }

    pub(super) fn signed_out(&mut self) {
        if self.signed_in {
            self.signed_in = false;
            self.effects.push(Effect::DropToken);
            self.notify(None, EventKind::SignedOut);
        }
    }

    pub(super) fn pushed(&mut self, answer: Result<PushReply, Failure>, now: Mono) {
        let reply = match answer {
            Ok(reply) => reply,
            Err(failure) => {
                self.outbox.failed();
                self.delivery.failed(now, failure.retry_after_s());
                return;
            }
        };
        let (decided, writes) = self.outbox.answered(&reply);
        self.writes.extend(writes);
        if decided.is_empty() {
            self.delivery.failed(now, None);
        } else {
            self.delivery.reset();
        }
        for (row, outcome) in decided {
            self.decided(&row, outcome);
        }
    }

    fn decided(&mut self, row: &Waiting, outcome: Outcome) {
        for sha256 in Self::needed_files(&outcome.verdict) {
            self.writes.extend(self.uploads.lost(&sha256));
        }
        match (&row.operation, &outcome.verdict) {
            (Operation::EditDraft { .. }, Verdict::Merged { draft }) => {
                self.take_draft(row.auction, draft);
                return;
            }
            // The application is in; an answer that came later has nowhere to go, and is kept here.
            (Operation::EditDraft { .. }, Verdict::DraftClosed) => return,
            _ => self.mine_wanted = true,
        }
        let op_no = outcome.op_no;
        let operation = row.operation.name().to_owned();
        let decided = Decided { auction: row.auction, operation, outcome };
        self.writes.push(Write::json(Table::Outcome, format!("{op_no:020}"), &decided));
        self.outcomes.insert(op_no, decided);
        self.notify(Some(row.auction), EventKind::OutcomeArrived { op_no });
    }

    fn take_draft(&mut self, auction: AuctionId, state: &DraftState) {
        if let Some(write) = self.drafts.merge(auction, state) {
            self.writes.push(write);
            self.notify(Some(auction), EventKind::DraftMerged);
        }
    }

    pub(super) fn uploaded(&mut self, sha256: &str, reply: blobs::Reply, now: Mono) {
        match &reply {
            blobs::Reply::Failed | blobs::Reply::Mismatch => self.upload_pace.failed(now, None),
            _ => self.upload_pace.reset(),
        }
        let size_bytes = self.uploads.get(sha256).map_or(0, |row| row.size_bytes);
        if let blobs::Reply::At(offset) = reply {
            let sha256 = sha256.to_owned();
            self.notify(None, EventKind::UploadProgress { sha256, offset, size_bytes });
        }
        self.writes.extend(self.uploads.answered(sha256, reply));
    }

    pub(super) fn mine_arrived(&mut self, answer: Result<Mine, Failure>, now: Mono) {
        self.mine_asked = false;
        let mine = match answer {
            Ok(mine) => mine,
            Err(failure) => {
                self.mine_pace.failed(now, failure.retry_after_s());
                return;
            }
        };
        self.mine_wanted = false;
        self.mine_pace.reset();
        for draft in &mine.drafts {
            self.take_draft(draft.auction, &draft.state);
        }
        self.writes.push(Write::json(Table::Cache, MINE, &mine));
        let same = self.mine.as_ref().is_some_and(|known| {
            known.applications == mine.applications && known.drafts == mine.drafts
        });
        self.mine = Some(mine);
        if !same {
            self.notify(None, EventKind::MineChanged);
        }
    }

    pub(super) fn time_arrived(
        &mut self,
        sent: Mono,
        received: Mono,
        answer: Result<ServerTime, Failure>,
    ) {
        self.clock_asked = false;
        if let Ok(server) = answer
            && self.server_clock.exchanged(sent, server, received)
        {
            self.notify(None, EventKind::ClockChanged);
        }
    }

    pub(super) fn view_arrived(&mut self, view: AuctionView) {
        let auction = view.auction.birth.id;
        if !self.believes(auction, |known| known.named(auction, view.seq, &view.head)) {
            return;
        }
        self.server_clock.set_speed(view.auction.birth.rules.clock_speed);
        self.keep_view(view);
    }

    fn keep_view(&mut self, view: AuctionView) {
        let auction = view.auction.birth.id;
        if self.views.get(&auction).is_some_and(|known| known.seq > view.seq) {
            return;
        }
        self.writes.push(Write::json(Table::Cache, auction.to_string(), &view));
        self.views.insert(auction, view);
        if self.views.len() > VIEWS_MAX {
            let used = |id: &AuctionId| {
                *id == auction || self.drafts.get(*id).is_some() || self.live.get(*id).is_some()
            };
            let unused = self.views.keys().find(|id| !used(id)).copied();
            if let Some(unused) = unused {
                self.views.remove(&unused);
                self.writes.push(Write::delete(Table::Cache, unused.to_string()));
            }
        }
    }

    /// The auction's screen is open.
    pub(super) fn follow(&mut self, auction: AuctionId) {
        if self.watched.insert(auction) {
            self.mine_wanted = true;
            self.clock_due = Mono::MIN;
        }
    }

    /// Takes in what the operator says of a log's head. Answers whether it may be believed.
    fn believes(&mut self, auction: AuctionId, said: impl FnOnce(&mut Histories) -> Heard) -> bool {
        let heard = said(&mut self.histories);
        self.writes.extend(heard.writes);
        if let Some(seq) = heard.contradiction {
            // It is followed no more; what was believed last is what the screen goes on showing.
            if let Some(view) = self.live.get(auction).and_then(Follower::view).cloned() {
                self.keep_view(view);
            }
            self.notify(Some(auction), EventKind::HistoryContradicted { seq });
        }
        heard.is_sound
    }

    pub(super) fn frame(&mut self, generation: u64, frame: LiveFrame, now: Mono) {
        let believed = match &frame {
            LiveFrame::Heartbeat(_) | LiveFrame::Poke => true,
            LiveFrame::Snapshot(view) => {
                let auction = view.auction.birth.id;
                self.believes(auction, |known| known.named(auction, view.seq, &view.head))
            }
            LiveFrame::Record(record) => {
                self.believes(record.auction, |known| known.record(record))
            }
        };
        if !believed {
            return;
        }
        match &frame {
            LiveFrame::Heartbeat(heartbeat) => {
                if self.server_clock.heard(heartbeat.server_time, now) {
                    self.clock_due = Mono::MIN;
                }
            }
            // Its time may be a second old; the next heartbeat brings a better one.
            LiveFrame::Snapshot(view) => {
                self.server_clock.set_speed(view.auction.birth.rules.clock_speed);
            }
            LiveFrame::Record(_) | LiveFrame::Poke => {}
        }
        let named = match &frame {
            LiveFrame::Snapshot(view) => Some(view.auction.birth.id),
            LiveFrame::Record(record) => Some(record.auction),
            LiveFrame::Heartbeat(_) | LiveFrame::Poke => None,
        };
        let moment = |live: &Live| live.get(named?).and_then(Follower::auction).map(Moment::of);
        let before = moment(&self.live);
        let Some(auction) = self.live.frame(generation, frame, now) else { return };
        let after = moment(&self.live);
        let own = self.own_number(auction);
        let state = self.live.get(auction).and_then(Follower::auction);
        let rostered = state.is_some_and(|auction| !auction.participants.is_empty());
        if own.is_none() && rostered || before.map(|b| b.status) != after.map(|a| a.status) {
            self.mine_wanted = true;
        }
        self.notify(Some(auction), EventKind::LiveChanged);
        if let (Some(before), Some(after)) = (before, after) {
            for what in before.until(&after, own) {
                self.notify(Some(auction), what);
            }
        }
    }

    /// Tells the app of which auctions the stream is there now, and of which it was lost.
    pub(super) fn tell_connections(&mut self) {
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

    pub(super) fn bid_answered(&mut self, bid: BidId, answer: Answer, now: Mono) {
        if self.bid_asked == Some(bid) {
            self.bid_asked = None;
            self.bid_pace.failed(now, None);
        }
        let verified = match &answer {
            Answer::Reply(reply) => self.is_receipt_of(bid, reply),
            _ => false,
        };
        let auction = self.bids.get(bid).map(|placed| placed.auction);
        // A receipt is kept whatever it contradicts: it is the bidder's proof.
        if let (true, Some(auction), Answer::Reply(reply)) = (verified, auction, &answer) {
            let body = &reply.receipt.body;
            self.believes(auction, |known| known.named(auction, body.seq, &body.head));
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

    /// Whether the receipt is the operator's, and of this bid with this amount.
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

impl Failure {
    /// When the server wants us back.
    pub fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Problem { retry_after_s, .. } => *retry_after_s,
            _ => None,
        }
    }
}

/// What of an auction a person is told about.
#[derive(Clone, Copy)]
struct Moment {
    status: Status,
    round: Option<Round>,
    suspended: bool,
}

impl Moment {
    fn of(auction: &Auction) -> Self {
        let suspended = auction.suspension.is_some();
        Self { status: auction.status, round: auction.round, suspended }
    }

    fn until(&self, after: &Self, own: Option<BidderNo>) -> Vec<EventKind> {
        let leader = |moment: &Self| moment.round.and_then(|round| round.leader);
        let leads = |moment: &Self| own.is_some() && leader(moment) == own;
        let bidding = |moment: &Self| moment.status == Status::Bidding;
        let told = [
            (!bidding(self) && bidding(after), EventKind::BiddingOpened),
            (bidding(self) && !bidding(after), EventKind::Closed),
            (!self.suspended && after.suspended, EventKind::Suspended),
            (self.suspended && !after.suspended, EventKind::Resumed),
            (!leads(self) && leads(after), EventKind::YouLead),
            (leads(self) && !leads(after) && bidding(after), EventKind::Outbid),
        ];
        told.into_iter().filter(|(holds, _)| *holds).map(|(_, what)| what).collect()
    }
}
