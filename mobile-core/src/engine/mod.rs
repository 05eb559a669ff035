//! The state machine of the phone, without I/O: `handle(input, now) -> effects`.
//!
//! Owns drafts, the outbox, uploads, followed auctions, bids, and the estimate of the server's
//! clock. It has no HTTP, no disk, no wall clock and no randomness beyond a seed. The driver
//! performs the effects in order, the durable ones first, and gives their results back.
//!
//! # Why no wake-up gets lost
//! Every input ends in `Engine::plan`, which looks at the whole state and either starts what can
//! start or sets the time to wake up. The input itself starts nothing.

pub mod after_repair;
pub mod answers;
pub mod bids;
pub mod button;
pub mod clock;
pub mod drafts;
pub mod failure;
pub mod history;
pub mod live;
mod load;
pub mod local_rejection;
pub mod outbox;
mod plan;
pub mod pull;
mod push_delivery;
pub mod push_token;
mod queries;
pub mod receipts;
mod reminders;
pub mod request_kind;
pub mod retry;
mod server_events;
mod session;
#[cfg(test)]
mod tests;
pub mod uploads;
mod user_commands;
mod written_again;

pub use failure::Failure;
pub(crate) use load::PROFILE;
pub use load::{Decided, Saved};
pub use local_rejection::LocalRejection;
pub use outbox::attention::{Attention, AttentionAction};
pub use reminders::Reminder;
pub use user_commands::UserCommand;

use crate::events::{CoreEvent, EventKind};
use crate::obstacle::Obstacle;
use crate::store::Write;
use bids::{BidAnswer, Bids};
use clock::{Mono, ServerClock};
use drafts::Drafts;
use history::LogHeads;
use live::Live;
use outbox::Outbox;
use pull::Pulls;
use pull::pulling::Pulling;
use push_token::{PushAddress, PushRegistration};
use receipts::Receipts;
use retry::{Backoff, CLOCK, DELIVERY, LIVE};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::file::FileLimits;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::FollowedSet;
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::{ServerTime, Session};
use toruk_sync::protocol::live::LiveFrame;
use toruk_sync::protocol::operations::{ApplicationView, DraftView, Push, PushReply};
use toruk_sync::protocol::pull::{Digest, Pull, PullReply};

/// The rows of one page during background work.
const SMALL_PAGE_ROWS: u32 = 100;

/// An input of the engine: something that happened.
#[derive(Debug)]
pub enum Input {
    /// Connectivity, as the app reports it.
    Online(bool),
    /// A session began on this phone.
    SignedIn(Box<Session>),
    /// Something on the way answers in the server's place; `None`: the server answers again.
    Obstructed(Option<Obstacle>),
    /// The address for push messages, as the app said it.
    PushAddress(PushAddress),
    /// The result of telling the server this address.
    PushTokenSet(PushAddress, Result<(), Failure>),
    /// The server no longer knows the session.
    SignedOut,
    /// The server has revoked this phone.
    Revoked,
    /// The account's data is destroyed.
    Erased,
    /// The store was created again from everything that could be read.
    StoreRepaired,
    /// Deliver and fetch everything now: the app is in the foreground, or the person asks.
    SyncNow,
    /// Fetch the server's current data: the person is looking at it.
    Refresh,
    /// As [`Self::SyncNow`], for the background: pages are small, so that each one arrives in time.
    SyncInSmallPages,
    /// Keep the whole catalogue on the phone, or stop keeping it.
    KeepCatalogue(bool),
    /// The time of the last [`Effect::WakeAt`] has come.
    Woken,
    /// The result of a push.
    Pushed(Result<PushReply, Failure>),
    /// The result of a request of an upload.
    Uploaded {
        /// SHA-256 of the file, in hex.
        sha256: String,
        /// The result for the upload.
        reply: uploads::UploadReply,
    },
    /// The result of a page of a pull.
    Pulled(Result<PullReply, Failure>),
    /// The digest of the stored catalogue.
    CardsCounted(Digest),
    /// The result of a clock exchange.
    Time {
        /// The phone's time of sending.
        sent: Mono,
        /// The phone's time of receipt.
        received: Mono,
        /// The server's two stamps.
        answer: Result<ServerTime, Failure>,
    },
    /// An auction as published.
    View(Box<AuctionView>),
    /// An auction's screen opened: keep its live stream open.
    Watch(AuctionId),
    /// The auction's screen closed.
    Unwatch(AuctionId),
    /// A frame from the stream of this generation.
    StreamFrame(u64, LiveFrame),
    /// The stream of this generation ended, or could not be opened; the server's retry time,
    /// seconds.
    StreamEnded(u64, Option<u64>),
    /// The result of sending a bid or of asking about one.
    Bid(BidId, BidAnswer),
}

/// An effect for the driver to perform.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Make these writes durable, all or none, before any other effect.
    Persist(Vec<Write>),
    /// Deliver operations from the outbox.
    Push(Push),
    /// Continue an upload.
    Upload(uploads::UploadStep),
    /// Request the next page of changes.
    Pull(Pull),
    /// Compute the digest of the stored catalogue.
    CountCards,
    /// Exchange clocks with the server.
    SampleClock,
    /// Open a stream; any other is void.
    OpenStream(live::Opening),
    /// Close the live stream.
    CloseStream,
    /// Send a bid, once.
    SendBid(AuctionId, Box<PlaceBid>),
    /// Ask for the outcome of a bid.
    AskBid(BidId),
    /// Tell the server the address for push messages.
    SetPushToken(PushAddress),
    /// The session ended: forget its token.
    DropToken,
    /// Destroy the key of this account's data, then the data.
    Erase,
    /// Wake the engine at this time, at the latest.
    WakeAt(Mono),
    /// Notify the app's listener.
    Notify(CoreEvent),
}

/// The person's applications and drafts: "my auctions".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mine {
    /// The applications, the newest first.
    pub applications: Vec<ApplicationView>,
    /// Open drafts by auction.
    pub drafts: Vec<DraftView>,
    /// The server's time of the rows.
    pub server_time: Timestamp,
}

/// The state of the phone for one account.
pub struct Engine {
    online: bool,
    obstacle: Option<Obstacle>,
    /// Spreads the tries of everything after an obstacle is gone.
    relief: Backoff,
    /// The person who uses this phone; the token is kept elsewhere.
    profile: Option<Session>,
    signed_in: bool,
    drafts: Drafts,
    outbox: Outbox,
    uploads: uploads::Uploads,
    pulls: Pulls,
    pulling: Pulling,
    file_limits: FileLimits,
    push: PushRegistration,
    /// The person's applications and drafts, from the published rows.
    mine: Option<Mine>,
    followed: FollowedSet,
    attention: BTreeMap<u64, Attention>,
    /// How often each draft, or the followed auctions, was written again since the server took it.
    written_again: BTreeMap<Option<AuctionId>, u8>,
    /// Another copy of this phone uses its device name: it must become a new device.
    is_copied: bool,
    /// Submits for which the app was notified that the deadline passed.
    late_notified: BTreeSet<u64>,
    views: BTreeMap<AuctionId, AuctionView>,
    live: Live,
    /// Auctions whose screen is open.
    watched: BTreeSet<AuctionId>,
    /// Auctions for which the app was notified that the stream is connected.
    connected: BTreeSet<AuctionId>,
    histories: LogHeads,
    bids: Bids,
    bid_asked: Option<BidId>,
    outcomes: BTreeMap<u64, Decided>,
    receipts: Receipts,
    server_clock: ServerClock,
    clock_due: Mono,
    clock_pace: Backoff,
    clock_asked: bool,
    delivery: Backoff,
    upload_pace: Backoff,
    bid_pace: Backoff,
    seed: u64,
    event_no: u64,
    writes: Vec<Write>,
    effects: Vec<Effect>,
}

impl Engine {
    /// Continues from the saved state. `seed` spreads this phone's retries from other phones'.
    pub fn load(saved: Saved, seed: u64) -> Self {
        let mut engine = Self {
            online: true,
            obstacle: None,
            relief: Backoff::new(DELIVERY, seed.rotate_left(13)),
            signed_in: saved.has_token && saved.profile.is_some() && !saved.is_copied,
            profile: saved.profile,
            drafts: Drafts::load(saved.drafts, saved.bases),
            outbox: Outbox::load(saved.outbox, saved.next_op_no),
            uploads: uploads::Uploads::load(saved.uploads),
            pulling: Pulling::new(seed.rotate_left(17), saved.staging.len(), saved.catalogue),
            pulls: Pulls::load(saved.pull_state, saved.rows, saved.staging, saved.acked),
            file_limits: saved.file_limits,
            push: PushRegistration::new(saved.push_sent, seed.rotate_left(59)),
            mine: None,
            followed: FollowedSet::from(&saved.followed),
            attention: saved.attention,
            written_again: BTreeMap::new(),
            is_copied: saved.is_copied,
            late_notified: BTreeSet::new(),
            views: saved.views,
            live: Live::new(seed.rotate_left(41)),
            watched: BTreeSet::new(),
            connected: BTreeSet::new(),
            histories: LogHeads::load(saved.heads),
            bids: Bids::load(saved.bids),
            bid_asked: None,
            outcomes: saved.outcomes,
            receipts: Receipts::load(saved.receipts),
            server_clock: ServerClock::default(),
            clock_due: Mono::MIN,
            clock_pace: Backoff::new(CLOCK, seed.rotate_left(53)),
            clock_asked: false,
            delivery: Backoff::new(DELIVERY, seed),
            upload_pace: Backoff::new(DELIVERY, seed.rotate_left(7)),
            bid_pace: Backoff::new(LIVE, seed.rotate_left(29)),
            seed,
            event_no: 0,
            writes: Vec::new(),
            effects: Vec::new(),
        };
        engine.outbox.remember(saved.delivered);
        if let Some(profile) = &engine.profile {
            engine.outbox.set_owner(profile.person);
        }
        engine.rebuild_mine();
        engine
    }

    /// Takes in an input and returns the effects, to be performed in order.
    pub fn handle(&mut self, input: Input, now: Mono) -> Vec<Effect> {
        match input {
            Input::Online(online) => self.set_online(online),
            Input::Obstructed(obstacle) => self.obstructed(obstacle, now),
            Input::PushAddress(address) => self.want_pushes(address),
            Input::PushTokenSet(address, answer) => self.push_token_set(address, answer, now),
            Input::SignedIn(session) => self.signed_in(*session),
            Input::SignedOut => self.signed_out(),
            Input::Revoked => self.revoked(),
            Input::Erased => self.notify(None, EventKind::Erased),
            Input::StoreRepaired => {
                self.notify(None, EventKind::StoreRepaired);
                if self.pulls.state().cookie.is_none() {
                    self.want_pull();
                }
            }
            Input::SyncNow => {
                self.pulling.take_pages(None);
                self.retry_now();
            }
            Input::Refresh => {
                self.pulling.retry_now();
                self.want_pull();
            }
            Input::SyncInSmallPages => {
                self.pulling.take_pages(Some(SMALL_PAGE_ROWS));
                self.retry_now();
            }
            Input::KeepCatalogue(kept) => self.keep_catalogue(kept),
            Input::Woken => {}
            Input::Pushed(answer) => self.pushed(answer, now),
            Input::Uploaded { sha256, reply } => self.uploaded(&sha256, reply, now),
            Input::Pulled(answer) => self.pulled(answer, now),
            Input::CardsCounted(count) => self.cards_counted(count),
            Input::Time { sent, received, answer } => {
                self.time_arrived(sent, received, answer, now)
            }
            Input::View(view) => self.view_arrived(*view),
            Input::Watch(auction) => self.watch(auction),
            Input::Unwatch(auction) => {
                self.watched.remove(&auction);
            }
            Input::StreamFrame(generation, frame) => self.frame(generation, frame, now),
            Input::StreamEnded(generation, after_s) => {
                self.pulling.miss_pokes();
                self.live.ended(generation, now, after_s);
            }
            Input::Bid(bid, answer) => self.bid_answered(bid, answer, now),
        }
        self.finish(now)
    }

    /// Plans, and returns the collected effects, the durable part first.
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
}
