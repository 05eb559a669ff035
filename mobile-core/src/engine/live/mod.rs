//! Following auctions over one stream: snapshots, then numbered records, folded by the same rules
//! as on the server.
//!
//! The next record is folded; a known one is ignored; one that comes too early, or a heartbeat that
//! has seen more than this phone, shows a gap, and the stream is opened again from the last known
//! records. A price is shown only if a record carried it.
//!
//! When the set of auctions changes, the stream is opened again; what was received just before
//! stays fresh meanwhile.

mod frames;
pub mod sse;

use super::clock::Mono;
use super::retry::{Backoff, LIVE};
use std::collections::BTreeMap;
use toruk_sync::domain::auction::{Auction, evolve};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::{FOLLOW_MAX, HEARTBEAT_MS};
use toruk_sync::protocol::live::{Follow, Heartbeat, LiveFrame};
use toruk_sync::receipt::Record;

/// Halves of a heartbeat's interval without a frame after which the button says "offline": two and
/// a half heartbeats, 1.5 s for a bidder.
pub(super) const FRESH_HALVES: Mono = 5;
/// Heartbeats without a frame after which the stream is closed.
pub(super) const SILENT_BEATS: Mono = 5;
/// The time in which an opening stream must receive its first frame, microseconds.
const OPENING_US: Mono = 10_000_000;
/// The time that a record may lag behind a heartbeat that counts it, microseconds.
const GRACE_US: Mono = 250_000;
/// Replays without progress before a snapshot is requested instead.
const REPLAYS_MAX: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamState {
    Down,
    /// Opened, and waiting for its first frame.
    Opening {
        since: Mono,
    },
    Up,
}

/// The parameters of a new stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Numbers the streams: frames of another generation are late and ignored.
    pub generation: u64,
    /// The auctions, each with the last known record; without one the server sends a snapshot.
    pub follow: Vec<Follow>,
}

/// The next step with the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamStep {
    /// Open a stream; any other is void.
    Open(Opening),
    /// Close the stream: nothing is followed.
    Close,
}

/// One followed auction, with its state.
#[derive(Debug)]
pub struct Follower {
    view: Option<AuctionView>,
    /// `true` once the stream has told the length of the log.
    confirmed: bool,
    behind_since: Option<Mono>,
    replays: u32,
}

impl Follower {
    /// The auction as published, if it is known.
    pub fn view(&self) -> Option<&AuctionView> {
        self.view.as_ref()
    }

    /// The auction's state by the rules, if it is known.
    pub fn auction(&self) -> Option<&Auction> {
        self.view.as_ref().map(|view| &view.auction)
    }

    fn seq(&self) -> Option<u64> {
        self.view.as_ref().map(|view| view.seq)
    }

    fn snapshot(&mut self, view: AuctionView) {
        self.confirmed = true;
        if self.view.as_ref().is_none_or(|known| view.seq >= known.seq) {
            self.view = Some(view);
        }
    }

    /// Folds a record. Returns `true` if it came too early.
    fn record(&mut self, record: Record) -> bool {
        match self.view.take() {
            Some(mut view) if Some(record.seq) == view.seq.checked_add(1) => {
                view.auction = evolve(view.auction, &record.event);
                view.seq = record.seq;
                view.server_time = record.at;
                self.view = Some(view);
                self.confirmed = true;
                false
            }
            known => {
                let early = record.seq > known.as_ref().map_or(0, |view| view.seq);
                self.view = known;
                early
            }
        }
    }
}

/// The live stream and the auctions that it follows.
#[derive(Debug)]
pub struct Live {
    link: StreamState,
    generation: u64,
    /// The time of the last frame, of this stream or the one it replaced.
    last_frame: Option<Mono>,
    /// The promised interval of heartbeats, microseconds.
    every: Mono,
    followers: BTreeMap<AuctionId, Follower>,
    /// The set of auctions or the session changed since the stream was opened.
    is_outdated: bool,
    backoff: Backoff,
}

impl Live {
    /// A stream that follows nothing yet.
    pub fn new(seed: u64) -> Self {
        Self {
            link: StreamState::Down,
            generation: 0,
            last_frame: None,
            every: HEARTBEAT_MS as Mono * 1_000,
            followers: BTreeMap::new(),
            is_outdated: false,
            backoff: Backoff::new(LIVE, seed),
        }
    }

    /// Follows another auction from its known state, if any; it is not shown as live before its
    /// first frame. At most [`FOLLOW_MAX`] are followed.
    pub fn follow(&mut self, auction: AuctionId, view: Option<AuctionView>) -> bool {
        if self.followers.contains_key(&auction) || self.followers.len() >= FOLLOW_MAX {
            return false;
        }
        let follower = Follower { view, confirmed: false, behind_since: None, replays: 0 };
        self.followers.insert(auction, follower);
        self.renew();
        true
    }

    /// Stops following an auction.
    pub fn unfollow(&mut self, auction: AuctionId) {
        if self.followers.remove(&auction).is_some() {
            self.renew();
        }
    }

    /// Opens the stream again at once: the set of auctions or the session changed.
    pub fn renew(&mut self) {
        self.is_outdated = true;
        self.backoff.reset();
    }

    /// The followed auctions with their states.
    pub fn followers(&self) -> &BTreeMap<AuctionId, Follower> {
        &self.followers
    }

    /// The follower of one auction.
    pub fn get(&self, auction: AuctionId) -> Option<&Follower> {
        self.followers.get(&auction)
    }

    /// Returns `true` if the stream is connected and not silent, and has told everything about an
    /// auction.
    pub fn is_fresh(&self, auction: AuctionId, now: Mono) -> bool {
        let is_known = |follower: &Follower| follower.confirmed && follower.behind_since.is_none();
        let limit = FRESH_HALVES * self.every / 2;
        self.get(auction).is_some_and(is_known)
            && self.last_frame.is_some_and(|at| now.saturating_sub(at) <= limit)
    }

    /// Returns `true` if the stream is connected for an auction.
    pub fn is_connected(&self, auction: AuctionId) -> bool {
        self.last_frame.is_some() && self.get(auction).is_some_and(|follower| follower.confirmed)
    }

    /// Takes in a frame. Returns the auction whose state changed.
    pub fn frame(&mut self, generation: u64, frame: LiveFrame, now: Mono) -> Option<AuctionId> {
        if !self.is_current(generation) {
            return None;
        }
        self.link = StreamState::Up;
        self.last_frame = Some(now);
        let auction = match &frame {
            LiveFrame::Snapshot(view) => view.auction.birth.id,
            LiveFrame::Record(record) => record.auction,
            LiveFrame::Heartbeat(heartbeat) => {
                self.heartbeat(heartbeat, now);
                return None;
            }
            LiveFrame::Poke => return None,
        };
        let follower = self.followers.get_mut(&auction)?;
        let before = follower.seq();
        let is_early = match frame {
            LiveFrame::Snapshot(view) => {
                follower.snapshot(*view);
                false
            }
            LiveFrame::Record(record) => follower.record(*record),
            LiveFrame::Heartbeat(_) | LiveFrame::Poke => false,
        };
        if is_early {
            self.reopen(auction, now);
            return None;
        }
        if follower.seq() == before {
            return None;
        }
        follower.behind_since = None;
        follower.replays = 0;
        self.backoff.reset();
        Some(auction)
    }

    fn heartbeat(&mut self, heartbeat: &Heartbeat, now: Mono) {
        let every = Mono::try_from(heartbeat.next_ms).unwrap_or(Mono::MAX).saturating_mul(1_000);
        // A faulty server must not make the phone wait for ever.
        self.every = every.clamp(1_000, OPENING_US);
        for (auction, seq) in &heartbeat.seqs {
            if let Some(follower) = self.followers.get_mut(auction) {
                follower.confirmed = true;
                let is_behind = follower.seq().is_none_or(|known| *seq > known);
                follower.behind_since = is_behind.then(|| follower.behind_since.unwrap_or(now));
            }
        }
    }

    /// Takes in that the stream ended, or could not be opened.
    pub fn ended(&mut self, generation: u64, now: Mono, after_s: Option<u64>) {
        if self.is_current(generation) {
            self.cut();
            self.backoff.failed(now, after_s);
        }
    }

    /// Retries at once: connectivity came back.
    pub fn retry_now(&mut self) {
        self.backoff.reset();
    }

    /// Drops the stream. Returns `true` if there was one.
    pub fn cut(&mut self) -> bool {
        let was_there = self.link != StreamState::Down;
        self.link = StreamState::Down;
        self.last_frame = None;
        for follower in self.followers.values_mut() {
            follower.confirmed = false;
            follower.behind_since = None;
        }
        was_there
    }

    /// The next step: open a stream, close it, or nothing.
    pub fn plan(&mut self, now: Mono) -> Option<StreamStep> {
        if self.followers.is_empty() {
            self.is_outdated = false;
            return self.cut().then_some(StreamStep::Close);
        }
        let lapsed = |since: Mono, limit: Mono| now.saturating_sub(since) >= limit;
        let silence = SILENT_BEATS * self.every;
        let is_dead = match self.link {
            StreamState::Up => self.last_frame.is_some_and(|at| lapsed(at, silence)),
            StreamState::Opening { since } => lapsed(since, OPENING_US),
            StreamState::Down => false,
        };
        if is_dead {
            self.cut();
            self.backoff.failed(now, None);
        }
        let is_behind = |follower: &Follower| {
            follower.behind_since.is_some_and(|since| lapsed(since, GRACE_US))
        };
        let behind = self.followers.iter().find(|(_, follower)| is_behind(follower));
        if let Some(auction) =
            behind.map(|(auction, _)| *auction).filter(|_| self.link == StreamState::Up)
        {
            self.reopen(auction, now);
        }
        let is_wanted = self.link == StreamState::Down || self.is_outdated;
        if !is_wanted || now < self.backoff.not_before() {
            return None;
        }
        self.is_outdated = false;
        self.generation += 1;
        self.link = StreamState::Opening { since: now };
        let follow = |(auction, follower): (&AuctionId, &mut Follower)| {
            follower.behind_since = None;
            let after = follower.seq().filter(|_| follower.replays <= REPLAYS_MAX);
            Follow { auction: *auction, after }
        };
        let follow = self.followers.iter_mut().map(follow).collect();
        Some(StreamStep::Open(Opening { generation: self.generation, follow }))
    }

    /// The latest time at which [`Self::plan`] must be called again.
    pub fn wake_at(&self) -> Option<Mono> {
        if self.followers.is_empty() {
            return None;
        }
        let silence = SILENT_BEATS * self.every;
        let link = match self.link {
            StreamState::Down => self.backoff.not_before(),
            StreamState::Opening { since } => since.saturating_add(OPENING_US),
            StreamState::Up => self.last_frame.unwrap_or(Mono::MIN).saturating_add(silence),
        };
        let behind = self.followers.values().filter_map(|follower| follower.behind_since);
        let behind = behind.map(|since| since.saturating_add(GRACE_US)).min();
        Some(
            behind.filter(|_| self.link == StreamState::Up).map_or(link, |behind| behind.min(link)),
        )
    }

    /// Returns `true` if the frames of this generation are still wanted.
    pub fn is_current(&self, generation: u64) -> bool {
        generation == self.generation && self.link != StreamState::Down
    }

    /// Opens the stream again because records are missing: at once the first time, then with
    /// pauses.
    fn reopen(&mut self, auction: AuctionId, now: Mono) {
        self.link = StreamState::Down;
        let Some(follower) = self.followers.get_mut(&auction) else { return };
        follower.replays += 1;
        match follower.replays {
            1 => self.backoff.reset(),
            _ => self.backoff.failed(now, None),
        }
    }
}
