//! The phone's mind, without hands: `handle(what happened, now) -> what to do`.
//!
//! Owns drafts, the outbox, uploads, followed auctions, bids, and the server's clock. Knows no
//! HTTP, no disk, no wall clock and no randomness beyond a seed. The driver performs the effects
//! in their order, the durable ones before the others, and feeds back what came of them.
//!
//! # Why no wake-up gets lost
//! Every input ends in [`Engine::plan`], which looks at the whole state and either starts what can
//! start or says when to wake. Nothing is started by the input that caused it.

pub mod bids;
pub mod blobs;
pub mod button;
pub mod clock;
pub mod commands;
pub mod drafts;
pub mod history;
mod intents;
pub mod live;
mod plan;
pub mod retry;
mod saved;
pub mod sse;
mod world;

pub use intents::{Intent, Refused};
pub use saved::{Decided, Saved};

use crate::events::{CoreEvent, EventKind};
use crate::store::Write;
use bids::{Answer, Bids};
use clock::{Mono, ServerClock};
use commands::Outbox;
use drafts::Drafts;
use history::Histories;
use live::{Follower, Live};
use retry::{Backoff, DELIVERY, LIVE};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::{ServerTime, Session};
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::protocol::sync::{Mine, Push, PushReply, Verdict};

/// Why a request gave no answer that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It never left the phone.
    NotSent,
    /// It left, and nobody knows.
    Lost,
    /// The server said why not.
    Problem {
        /// HTTP's status.
        status: u16,
        /// The problem's code.
        code: String,
        /// What its translation needs.
        params: BTreeMap<String, String>,
        /// When to come back.
        retry_after_s: Option<u64>,
    },
    /// The answer is not what the protocol says.
    Malformed,
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// Connectivity, as the app reports it.
    Online(bool),
    /// A session began.
    SignedIn(Box<Session>),
    /// The server does not know the session any more.
    SignedOut,
    /// Somebody wants everything delivered now: foreground, pull to refresh.
    Hurry,
    /// The time asked for came.
    Woken,
    /// A push came back.
    Pushed(Result<PushReply, Failure>),
    /// An upload's request came back.
    Uploaded {
        /// Which file.
        sha256: String,
        /// What came of it.
        reply: blobs::Reply,
    },
    /// What the server holds of this person.
    Mine(Result<Mine, Failure>),
    /// A clock exchange came back.
    Time {
        /// When it was sent.
        sent: Mono,
        /// When it came back.
        received: Mono,
        /// The server's stamps.
        answer: Result<ServerTime, Failure>,
    },
    /// An auction as published.
    View(Box<AuctionView>),
    /// Follow an auction.
    Follow(AuctionId),
    /// Do not follow it any more.
    Unfollow(AuctionId),
    /// A frame of the stream of this generation.
    StreamFrame(u64, LiveFrame),
    /// It ended, or could not be opened; when to come back.
    StreamEnded(u64, Option<u64>),
    /// What came of a bid.
    Bid(BidId, Answer),
}

/// What to do.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Make these durable, all or none, before anything else here is done.
    Persist(Vec<Write>),
    /// Deliver operations.
    Push(Push),
    /// Move a file on.
    Upload(blobs::Step),
    /// Ask what the server holds of this person.
    FetchMine,
    /// Exchange clocks.
    SampleClock,
    /// Open the stream; any older one is void.
    OpenStream(live::Opening),
    /// Close the stream.
    CloseStream,
    /// Send a bid, once.
    SendBid(AuctionId, Box<PlaceBid>),
    /// Ask what became of a bid.
    AskBid(BidId),
    /// The session is over: forget its token.
    DropToken,
    /// Wake up then, at the latest.
    WakeAt(Mono),
    /// Tell the app.
    Notify(CoreEvent),
}

/// The phone's state.
pub struct Engine {
    online: bool,
    /// Who uses this phone; its token is kept elsewhere.
    profile: Option<Session>,
    signed_in: bool,
    drafts: Drafts,
    outbox: Outbox,
    uploads: blobs::Uploads,
    mine: Option<Mine>,
    mine_wanted: bool,
    mine_asked: bool,
    views: BTreeMap<AuctionId, AuctionView>,
    live: Live,
    /// Auctions whose screen is open.
    watched: BTreeSet<AuctionId>,
    /// Auctions of which the app was told that the stream is there.
    connected: BTreeSet<AuctionId>,
    histories: Histories,
    bids: Bids,
    bid_asked: Option<BidId>,
    outcomes: BTreeMap<u64, Decided>,
    server_clock: ServerClock,
    clock_due: Mono,
    clock_asked: bool,
    delivery: Backoff,
    upload_pace: Backoff,
    mine_pace: Backoff,
    bid_pace: Backoff,
    seed: u64,
    event_no: u64,
    writes: Vec<Write>,
    effects: Vec<Effect>,
}

impl Engine {
    /// Continues from what was saved. `seed` spreads this phone's retries from other phones'.
    pub fn load(saved: Saved, seed: u64) -> Self {
        Self {
            online: true,
            signed_in: saved.has_token && saved.profile.is_some(),
            profile: saved.profile,
            drafts: Drafts::load(saved.drafts),
            outbox: Outbox::load(saved.outbox, saved.next_op_no),
            uploads: blobs::Uploads::load(saved.uploads),
            mine: saved.mine,
            mine_wanted: false,
            mine_asked: false,
            views: saved.views,
            live: Live::new(seed.rotate_left(41)),
            watched: BTreeSet::new(),
            connected: BTreeSet::new(),
            histories: Histories::load(saved.heads),
            bids: Bids::load(saved.bids),
            bid_asked: None,
            outcomes: saved.outcomes,
            server_clock: ServerClock::default(),
            clock_due: Mono::MIN,
            clock_asked: false,
            delivery: Backoff::new(DELIVERY, seed),
            upload_pace: Backoff::new(DELIVERY, seed.rotate_left(7)),
            mine_pace: Backoff::new(LIVE, seed.rotate_left(17)),
            bid_pace: Backoff::new(LIVE, seed.rotate_left(29)),
            seed,
            event_no: 0,
            writes: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// Takes in what happened and says what to do. Effects are to be performed in order.
    pub fn handle(&mut self, input: Input, now: Mono) -> Vec<Effect> {
        match input {
            Input::Online(online) => self.set_online(online),
            Input::SignedIn(session) => self.signed_in(*session),
            Input::SignedOut => self.signed_out(),
            Input::Hurry => self.hurry(),
            Input::Woken => {}
            Input::Pushed(answer) => self.pushed(answer, now),
            Input::Uploaded { sha256, reply } => self.uploaded(&sha256, reply, now),
            Input::Mine(answer) => self.mine_arrived(answer, now),
            Input::Time { sent, received, answer } => self.time_arrived(sent, received, answer),
            Input::View(view) => self.view_arrived(*view),
            Input::Follow(auction) => self.follow(auction),
            Input::Unfollow(auction) => {
                self.watched.remove(&auction);
            }
            Input::StreamFrame(generation, frame) => self.frame(generation, frame, now),
            Input::StreamEnded(generation, after_s) => self.live.ended(generation, now, after_s),
            Input::Bid(bid, answer) => self.bid_answered(bid, answer, now),
        }
        self.finish(now)
    }

    /// Plans, and gives out what was collected, the durable part first.
    fn finish(&mut self, now: Mono) -> Vec<Effect> {
        self.plan(now);
        let mut effects = Vec::with_capacity(self.effects.len() + 1);
        if !self.writes.is_empty() {
            effects.push(Effect::Persist(std::mem::take(&mut self.writes)));
        }
        effects.append(&mut self.effects);
        effects
    }

    fn notify(&mut self, auction: Option<AuctionId>, what: EventKind) {
        self.event_no += 1;
        let auction = auction.map(|auction| auction.to_string());
        let event = CoreEvent { number: self.event_no, auction, what };
        self.effects.push(Effect::Notify(event));
    }

    /// The profile of the person who uses this phone.
    pub fn profile(&self) -> Option<&Session> {
        self.profile.as_ref()
    }

    /// Whether there is a session that the server has not ended.
    pub fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// Whether requests may leave.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// Drafts.
    pub fn drafts(&self) -> &Drafts {
        &self.drafts
    }

    /// Files.
    pub fn uploads(&self) -> &blobs::Uploads {
        &self.uploads
    }

    /// Waiting operations.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Decided operations that were not acknowledged.
    pub fn outcomes(&self) -> &BTreeMap<u64, Decided> {
        &self.outcomes
    }

    /// Bids.
    pub fn bids(&self) -> &Bids {
        &self.bids
    }

    /// What the server said last of this person.
    pub fn mine(&self) -> Option<&Mine> {
        self.mine.as_ref()
    }

    /// The freshest state of an auction: the followed one, or the last one fetched.
    pub fn view(&self, auction: AuctionId) -> Option<&AuctionView> {
        let followed = self.live.get(auction).and_then(Follower::view);
        let fetched = self.views.get(&auction);
        match (followed, fetched) {
            (Some(followed), Some(fetched)) if fetched.seq > followed.seq => Some(fetched),
            (followed, fetched) => followed.or(fetched),
        }
    }

    /// Every auction that was fetched.
    pub fn views(&self) -> impl Iterator<Item = &AuctionView> {
        self.views.values()
    }

    /// The person's number in an auction.
    pub fn own_number(&self, auction: AuctionId) -> Option<BidderNo> {
        let mine = self.mine.as_ref()?;
        let of = |view: &&toruk_sync::protocol::sync::ApplicationView| {
            view.application.auction == auction
        };
        mine.applications.iter().filter(of).find_map(|view| view.bidder_no)
    }

    /// The server's time.
    pub fn server_now(&self, now: Mono) -> Option<clock::Estimate> {
        self.server_clock.now(now)
    }

    /// Whether the live stream of an auction is there and not silent, and can be believed.
    pub fn is_fresh(&self, auction: AuctionId, now: Mono) -> bool {
        self.contradiction(auction).is_none() && self.live.is_fresh(auction, now)
    }

    /// After how many records the operator told two histories of an auction, if he did. Nothing he
    /// says of it is believed since.
    pub fn contradiction(&self, auction: AuctionId) -> Option<u64> {
        self.histories.contradiction(auction)
    }

    /// Whether an auction is followed.
    pub fn is_followed(&self, auction: AuctionId) -> bool {
        self.watched.contains(&auction) || self.live.get(auction).is_some()
    }

    /// Whether a delivery is under way; when not, whatever waits waits for a reason.
    pub fn is_delivering(&self) -> bool {
        self.outbox.is_sending() || self.uploads.is_sending()
    }

    /// Whether nothing is under way and the next attempt waits for its time.
    pub fn is_backing_off(&self, now: Mono) -> bool {
        let later = self.delivery.not_before().max(self.upload_pace.not_before());
        !self.is_delivering() && later > now
    }

    /// What became of the last submit to an auction, while it is not acknowledged.
    pub fn submit_outcome(&self, auction: AuctionId) -> Option<&Decided> {
        let of =
            |decided: &&Decided| decided.auction == auction && decided.operation == saved::SUBMIT;
        self.outcomes.values().rev().find(of)
    }

    fn needed_files(verdict: &Verdict) -> BTreeSet<String> {
        use toruk_sync::protocol::sync::Refusal;
        match verdict {
            // Asked again, the server says of an infected one why it is not there.
            Verdict::Refused(
                Refusal::FilesMissing { sha256 } | Refusal::FilesInfected { sha256 },
            ) => sha256.iter().cloned().collect(),
            _ => BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod follow_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod tests;
