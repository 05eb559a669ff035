//! The schedule of pulling: which requests for fresh data are fulfilled, and when to ask again.

use super::super::clock::Mono;
use super::super::failure::Failure;
use super::super::retry::{Backoff, DELIVERY};
use toruk_sync::protocol::pull::Digest;

/// The progress of pulling. Requests are counted: one that comes during a run needs another run.
#[derive(Debug)]
pub struct Pulling {
    pub(super) wished: u64,
    /// The count of requests that the current run will fulfil.
    pub(super) covered: u64,
    pub(super) done: u64,
    pub(super) failed: Option<(u64, Failure)>,
    pub(super) pace: Backoff,
    /// The server asked not to be asked automatically before this time.
    pub(super) quiet_until: Mono,
    pub(super) rows: Option<u32>,
    pub(super) catalogue: bool,
    /// The stream was down, and pokes may have been missed.
    missed: bool,
    /// [`crate::engine::outbox::Outbox::answers`] at the time of the request for the page.
    pub(super) answers: u64,
    /// The same, at the time a page began to wait for a push.
    waits_since: Option<u64>,
    /// The server's digest of the catalogue, as long as nothing was published since.
    pub(super) cards: Option<Digest>,
}

impl Pulling {
    /// Starts; an unfinished run with saved pages continues.
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

    /// Asks at once, for a person or a network that is back: the server's wish for quiet does not
    /// apply.
    pub fn retry_now(&mut self) {
        self.pace.reset();
        self.quiet_until = Mono::MIN;
    }

    /// Sets the rows of a page; `None` for the server's choice.
    pub fn take_pages(&mut self, rows: Option<u32>) {
        self.rows = rows;
    }

    /// Notes that the stream is down.
    pub fn miss_pokes(&mut self) {
        self.missed = true;
    }

    /// Returns `true` if the stream was down since the last call.
    pub fn missed_pokes(&mut self) -> bool {
        std::mem::take(&mut self.missed)
    }

    /// The earliest time to request a page; `None` if none is wanted.
    pub fn is_wanted(&self) -> Option<Mono> {
        let from = self.pace.not_before().max(self.quiet_until);
        (self.done < self.wished).then_some(from)
    }

    /// Returns `true` if a pull may go now. A push goes first, because its result is then in the
    /// page; but only one, so that a person who types without pause still gets data.
    pub fn is_its_turn(&mut self, is_pushing: bool, answers: u64) -> bool {
        let since = *self.waits_since.get_or_insert(answers);
        let turn = !is_pushing || since != answers;
        if turn {
            self.waits_since = None;
        }
        turn
    }

    /// The number of the last request; see [`Self::is_settled`].
    pub fn wish(&self) -> u64 {
        self.wished
    }

    /// Returns `true` if a request was fulfilled, or an attempt failed since.
    pub fn is_settled(&self, wish: u64) -> bool {
        self.done >= wish || self.failed.as_ref().is_some_and(|(failed, _)| *failed >= wish)
    }

    /// Returns `true` if a request was fulfilled.
    pub fn is_done(&self, wish: u64) -> bool {
        self.done >= wish
    }

    /// The reason why a request was not fulfilled.
    pub fn failure(&self, wish: u64) -> Option<&Failure> {
        let failed = self.failed.as_ref().filter(|(failed, _)| *failed >= wish && self.done < wish);
        failed.map(|(_, failure)| failure)
    }

    pub(super) fn give_up(&mut self, failure: Failure, now: Mono) {
        self.pace.failed(now, failure.retry_after_s());
        self.failed = Some((self.covered, failure));
    }
}
