//! How far pulling is: which wishes for a pull are fulfilled, and when the next page may be asked for.

use super::super::clock::Mono;
use super::super::failure::Failure;
use super::super::retry::{Backoff, DELIVERY};
use toruk_sync::protocol::pull::Digest;

/// How far pulling is. Wishes are counted: one that comes during a run wants another run.
#[derive(Debug)]
pub struct Pulling {
    pub(super) wished: u64,
    /// The wishes that the run under way will have fulfilled.
    pub(super) covered: u64,
    pub(super) done: u64,
    pub(super) failed: Option<(u64, Failure)>,
    pub(super) pace: Backoff,
    /// The server asked not to be asked by itself before.
    pub(super) quiet_until: Mono,
    pub(super) rows: Option<u32>,
    pub(super) catalogue: bool,
    /// The stream was away, and pokes with it.
    missed: bool,
    /// [`crate::engine::outbox::Outbox::answers`] when the page was asked for.
    pub(super) answers: u64,
    /// The same, when a page began to wait for a push.
    waits_since: Option<u64>,
    /// What the catalogue is to be compared with, while nothing was published since.
    pub(super) cards: Option<Digest>,
}

impl Pulling {
    /// Begins; a run of which pages were kept aside goes on.
    pub fn new(seed: u64, staged: usize, catalogue: bool) -> Self {
        Self {
            wished: u64::from(staged > 0),
            covered: u64::from(staged > 0),
            done: 0,
            failed: None,
            pace: Backoff::new(DELIVERY, seed),
            quiet_until: Mono::MIN,
            rows: None,
            catalogue,
            missed: false,
            answers: 0,
            waits_since: None,
            cards: None,
        }
    }

    /// A person asked, or the network came back: the server's wish for quiet does not bind.
    pub fn retry_now(&mut self) {
        self.pace.reset();
        self.quiet_until = Mono::MIN;
    }

    /// Rows of a page; `None` for as many as the server gives.
    pub fn take_pages(&mut self, rows: Option<u32>) {
        self.rows = rows;
    }

    /// The stream is away.
    pub fn miss_pokes(&mut self) {
        self.missed = true;
    }

    /// Whether the stream was away since this was asked last.
    pub fn missed_pokes(&mut self) -> bool {
        std::mem::take(&mut self.missed)
    }

    /// Whether a page is wanted, and from when on it may be asked for.
    pub fn is_wanted(&self) -> Option<Mono> {
        let from = self.pace.not_before().max(self.quiet_until);
        (self.done < self.wished).then_some(from)
    }

    /// A push goes first, because what it decides is in the page then; but only one, so that a
    /// person who types without end still hears.
    pub fn is_its_turn(&mut self, is_pushing: bool, answers: u64) -> bool {
        let since = *self.waits_since.get_or_insert(answers);
        let turn = !is_pushing || since != answers;
        if turn {
            self.waits_since = None;
        }
        turn
    }

    /// The last wish; it is fulfilled, or given up for now, when [`Self::is_settled`] says so.
    pub fn wish(&self) -> u64 {
        self.wished
    }

    /// Whether a wish was fulfilled, or an attempt failed since.
    pub fn is_settled(&self, wish: u64) -> bool {
        self.done >= wish || self.failed.as_ref().is_some_and(|(failed, _)| *failed >= wish)
    }

    /// Whether a wish was fulfilled.
    pub fn is_done(&self, wish: u64) -> bool {
        self.done >= wish
    }

    /// Why a wish was not fulfilled.
    pub fn failure(&self, wish: u64) -> Option<&Failure> {
        let failed = self.failed.as_ref().filter(|(failed, _)| *failed >= wish && self.done < wish);
        failed.map(|(_, failure)| failure)
    }

    pub(super) fn give_up(&mut self, failure: Failure, now: Mono) {
        self.pace.failed(now, failure.retry_after_s());
        self.failed = Some((self.covered, failure));
    }
}
