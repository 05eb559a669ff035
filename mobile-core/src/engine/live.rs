//! Following one auction: a snapshot, then numbered records, folded by the server's own rules.
//!
//! A record that is next is folded; one that is known is ignored; one that comes too early, or a
//! heartbeat that has seen more than we have, shows a gap, and the stream is opened again from the
//! last record we have. Nothing here believes a price that no record carried.

use super::clock::Mono;
use super::retry::{Backoff, LIVE};
use toruk_sync::domain::auction::{Auction, evolve};
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::limits::HEARTBEAT_MS;
use toruk_sync::protocol::live::LiveFrame;

/// A stream this long without a frame is dead: three heartbeats were missed.
pub const SILENCE_US: Mono = 3 * HEARTBEAT_MS as Mono * 1_000;
/// The button says "offline" after this long without a frame: two heartbeats and a half.
pub const FRESH_US: Mono = 5 * HEARTBEAT_MS as Mono * 1_000 / 2;
/// An opening stream must show its first frame within this time.
const OPENING_US: Mono = 10_000_000;
/// A heartbeat may overtake the record it counts by this much.
const GRACE_US: Mono = 250_000;
/// Gaps closed without progress before a snapshot is asked for instead.
const REPLAYS_MAX: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Down,
    Opening { since: Mono },
    Up { heard: Mono },
}

/// What opening a stream needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Frames of another generation are late and ignored.
    pub generation: u64,
    /// The last record we have; `None` asks for a snapshot.
    pub after: Option<u64>,
}

/// One followed auction.
#[derive(Debug)]
pub struct Follower {
    view: Option<AuctionView>,
    link: Link,
    generation: u64,
    behind_since: Option<Mono>,
    replays: u32,
    backoff: Backoff,
}

impl Follower {
    /// Begins with what is known, perhaps nothing; it is not shown as live before a frame came.
    pub fn new(view: Option<AuctionView>, seed: u64) -> Self {
        let backoff = Backoff::new(LIVE, seed);
        Self { view, link: Link::Down, generation: 0, behind_since: None, replays: 0, backoff }
    }

    /// The state, when there is one.
    pub fn view(&self) -> Option<&AuctionView> {
        self.view.as_ref()
    }

    /// Whether the stream is there and not silent.
    pub fn is_fresh(&self, now: Mono) -> bool {
        self.behind_since.is_none()
            && matches!(self.link, Link::Up { heard } if now.saturating_sub(heard) <= FRESH_US)
    }

    /// Whether the stream is there at all.
    pub fn is_up(&self) -> bool {
        matches!(self.link, Link::Up { .. })
    }

    /// The stream was opened.
    pub fn opened(&mut self, generation: u64, now: Mono) {
        if generation == self.generation && self.link != Link::Down {
            self.link = Link::Up { heard: now };
        }
    }

    /// A frame came. Answers whether the state changed.
    pub fn frame(&mut self, generation: u64, frame: LiveFrame, now: Mono) -> bool {
        if generation != self.generation || self.link == Link::Down {
            return false;
        }
        self.link = Link::Up { heard: now };
        let before = self.seq();
        match frame {
            LiveFrame::Snapshot(view) => {
                if self.view.as_ref().is_none_or(|known| view.seq >= known.seq) {
                    self.view = Some(*view);
                }
            }
            LiveFrame::Record(record) => match self.view.take() {
                Some(mut view) if record.seq == view.seq + 1 => {
                    view.auction = evolve(view.auction, &record.event);
                    view.seq = record.seq;
                    view.server_time = record.at;
                    self.view = Some(view);
                }
                known => {
                    let early = record.seq > known.as_ref().map_or(0, |view| view.seq);
                    self.view = known;
                    if early {
                        self.reopen();
                    }
                }
            },
            LiveFrame::Heartbeat { seq, .. } => {
                let behind = self.seq().is_none_or(|known| seq > known);
                self.behind_since = behind.then(|| self.behind_since.unwrap_or(now));
            }
        }
        let changed = self.seq() != before;
        if changed {
            self.behind_since = None;
            self.replays = 0;
            self.backoff.reset();
        }
        changed
    }

    /// The stream ended, or was never there.
    pub fn ended(&mut self, generation: u64, now: Mono, after_s: Option<u64>) {
        if generation == self.generation && self.link != Link::Down {
            self.link = Link::Down;
            self.backoff.failed(now, after_s);
        }
    }

    /// Connectivity came back: try at once.
    pub fn hurry(&mut self) {
        self.backoff.reset();
    }

    /// Connectivity is gone.
    pub fn cut(&mut self) {
        self.link = Link::Down;
    }

    /// What to do now: open a stream (any older one is void then), or nothing.
    pub fn plan(&mut self, now: Mono) -> Option<Opening> {
        let lapsed = |since: Mono, limit: Mono| now.saturating_sub(since) >= limit;
        match self.link {
            Link::Up { heard } if lapsed(heard, SILENCE_US) => {
                self.link = Link::Down;
                self.backoff.failed(now, None);
            }
            Link::Opening { since } if lapsed(since, OPENING_US) => {
                self.link = Link::Down;
                self.backoff.failed(now, None);
            }
            Link::Up { .. } if self.behind_since.is_some_and(|at| lapsed(at, GRACE_US)) => {
                self.reopen();
            }
            _ => {}
        }
        if self.link != Link::Down || now < self.backoff.not_before() {
            return None;
        }
        self.generation += 1;
        self.link = Link::Opening { since: now };
        self.behind_since = None;
        let after = self.seq().filter(|_| self.replays <= REPLAYS_MAX);
        Some(Opening { generation: self.generation, after })
    }

    /// When [`Self::plan`] must be asked again at the latest.
    pub fn wake_at(&self) -> Mono {
        match self.link {
            Link::Down => self.backoff.not_before(),
            Link::Opening { since } => since.saturating_add(OPENING_US),
            Link::Up { heard } => {
                let silence = heard.saturating_add(SILENCE_US);
                self.behind_since.map_or(silence, |at| silence.min(at.saturating_add(GRACE_US)))
            }
        }
    }

    fn reopen(&mut self) {
        self.link = Link::Down;
        self.replays += 1;
        self.backoff.reset();
    }

    fn seq(&self) -> Option<u64> {
        self.view.as_ref().map(|view| view.seq)
    }

    /// The state by the rules.
    pub fn auction(&self) -> Option<&Auction> {
        self.view.as_ref().map(|view| &view.auction)
    }
}

#[cfg(test)]
#[path = "live_tests.rs"]
mod tests;
