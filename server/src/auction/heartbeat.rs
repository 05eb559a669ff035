//! The beat of this node in real time: its last sign of life, how long the others wait for what it
//! stamped, and the others' beats as this node sees them.

use super::store::nodes::Node;
use crate::clock::stopwatch::Stopwatch;
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// Real time between two beats.
pub const BEAT: Duration = Duration::from_millis(500);
/// The shortest silence that counts as lost time: two beats.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// A silence after which every running auction is looked at.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Real time after a beat during which this node may decide what it stamped.
const LEASE: Duration = Duration::from_secs(4);
/// Real time without a beat after which the others no longer wait for a node. Longer than
/// [`LEASE`], so that it knows before them.
const GONE_AFTER: Duration = Duration::from_secs(6);

/// This node's beats.
pub struct Heartbeat {
    /// The node's id, a new one at each start.
    pub node: Uuid,
    stopwatch: Arc<dyn Stopwatch>,
    state: Mutex<State>,
}

struct State {
    /// The last moment at which this node took and decided bids, in real and in decision time.
    sign: (Duration, Timestamp),
    /// The begin of the last recorded beat.
    leased: Option<Duration>,
    /// The number of beats recorded.
    beats: i64,
    /// The beats of the others, and when each was first seen.
    seen: HashMap<Uuid, (i64, Duration)>,
}

impl Heartbeat {
    /// Measured by this stopwatch; starts with a sign of life, without a beat.
    pub fn of(node: Uuid, stopwatch: Arc<dyn Stopwatch>, now: Timestamp) -> Self {
        let sign = (stopwatch.elapsed(), now);
        let state = State { sign, leased: None, beats: 0, seen: HashMap::new() };
        Self { node, stopwatch, state: Mutex::new(state) }
    }

    /// Records a sign of life now.
    pub(super) fn sign(&self, now: Timestamp) {
        self.signed((self.stopwatch.elapsed(), now));
    }

    /// Records a sign of life of an earlier moment, in real and in decision time.
    pub(super) fn signed(&self, sign: (Duration, Timestamp)) {
        lock(&self.state).sign = sign;
    }

    /// Decision time of the last sign of life.
    pub(super) fn sign_at(&self) -> Timestamp {
        lock(&self.state).sign.1
    }

    /// Real time since the last sign of life.
    pub(super) fn silence(&self) -> Duration {
        self.stopwatch.elapsed().saturating_sub(lock(&self.state).sign.0)
    }

    /// Returns `true` if bidders may have lost time since the last sign of life.
    pub(super) fn has_paused(&self) -> bool {
        self.silence() >= PAUSE_MIN
    }

    /// Real time, for [`Self::beaten`].
    pub(super) fn elapsed(&self) -> Duration {
        self.stopwatch.elapsed()
    }

    /// The number of beats recorded so far.
    pub(super) fn beats(&self) -> i64 {
        lock(&self.state).beats
    }

    /// Takes in a recorded beat that was begun at `began`.
    pub(super) fn beaten(&self, began: Duration, beats: i64) {
        let mut state = lock(&self.state);
        (state.leased, state.beats) = (Some(began), beats);
    }

    /// Returns `true` while the others wait for what this node stamped.
    pub(super) fn is_leased(&self) -> bool {
        let leased = lock(&self.state).leased;
        leased.is_some_and(|began| self.stopwatch.elapsed().saturating_sub(began) < LEASE)
    }

    /// Takes in the others' rows; returns those that have not beaten for too long.
    pub(super) fn gone(&self, others: &[Node]) -> Vec<Node> {
        let now = self.stopwatch.elapsed();
        let mut state = lock(&self.state);
        state.seen.retain(|id, _| others.iter().any(|other| other.id == *id));
        let is_gone = |other: &&Node| {
            let seen = state.seen.entry(other.id).or_insert((other.beats, now));
            if seen.0 != other.beats {
                *seen = (other.beats, now);
            }
            now.saturating_sub(seen.1) >= GONE_AFTER
        };
        others.iter().filter(is_gone).copied().collect()
    }
}
