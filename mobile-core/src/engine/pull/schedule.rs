//! Requests pages, and takes the published changes into the engine.

use super::super::clock::Mono;
use super::super::load::{CATALOGUE, FILE_LIMITS, FOLLOWED};
use super::super::outbox::Answered;
use super::super::retry::DELIVERY;
use super::pulling::Pulling;
use crate::engine::pull::{PageOutcome, Published};
use crate::engine::{Effect, Engine, Failure, Mine};
use crate::events::EventKind;
use crate::store::{Table, Write};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::Followed;
use toruk_sync::protocol::operations::{ApplicationView, DraftView};
use toruk_sync::protocol::pull::{Digest, Entity, OutcomeView, PullReply, Row, Scope, kind};

impl Engine {
    /// The progress of pulling.
    pub fn pulling(&self) -> &Pulling {
        &self.pulling
    }

    pub(in crate::engine) fn want_pull(&mut self) {
        self.pulling.wished += 1;
    }

    pub(in crate::engine) fn poked(&mut self, generation: u64) {
        if self.live.is_current(generation) {
            self.want_pull();
        }
    }

    pub(in crate::engine) fn keep_catalogue(&mut self, kept: bool) {
        if self.pulling.catalogue != kept {
            self.pulling.catalogue = kept;
            self.writes.push(Write::json(Table::Meta, CATALOGUE, &kept));
            self.want_pull();
        }
    }

    /// Requests the next page.
    pub(in crate::engine) fn ask_page(&mut self) {
        if self.pulls.staged() == 0 || self.pulling.covered == 0 {
            self.pulling.covered = self.pulling.wished;
        }
        self.pulling.answers = self.outbox.answers();
        let pull = self.pulls.ask(self.pulling.catalogue, self.pulling.rows);
        self.effects.push(Effect::Pull(pull));
    }

    pub(in crate::engine) fn pulled(&mut self, answer: Result<PullReply, Failure>, now: Mono) {
        if !self.pulls.is_asked() {
            return;
        }
        self.note_source(&answer, now);
        let reply = match answer {
            Ok(reply) => reply,
            Err(failure) => {
                self.pulls.failed();
                self.pulling.give_up(failure, now);
                return;
            }
        };
        if let Some(seconds) = reply.backoff_s {
            let wait = Mono::from(seconds).saturating_mul(1_000_000).min(DELIVERY.longest);
            self.pulling.quiet_until = now.saturating_add(wait);
        }
        if let Some(limits) = reply.file_limits.filter(|limits| *limits != self.file_limits) {
            self.file_limits = limits;
            self.writes.push(Write::json(Table::Meta, FILE_LIMITS, &limits));
        }
        let (next_op_no, server_time) = (reply.next_op_no, reply.server_time);
        let own = self.profile.as_ref().map(|profile| profile.device);
        let (took, writes) = self.pulls.arrived(reply, own);
        self.writes.extend(writes);
        match took {
            PageOutcome::Nothing => return,
            PageOutcome::Broken => self.pulling.give_up(Failure::Malformed, now),
            PageOutcome::StartOver => self.pulling.pace.failed(now, None),
            PageOutcome::More => self.pulling.pace.reset(),
            PageOutcome::Published(published) => {
                self.pulling.pace.reset();
                self.pulling.done = self.pulling.covered;
                self.published(*published);
            }
        }
        self.take_next_number(next_op_no);
        self.writes.extend(self.outbox.delivered.expire(server_time));
    }

    /// Takes in the server's next number, if no push was under way meanwhile.
    fn take_next_number(&mut self, expected: u64) {
        if self.outbox.is_sending() || self.outbox.answers() != self.pulling.answers {
            return;
        }
        let mut answered = Answered::default();
        self.outbox.expects(expected, &mut answered);
        self.take_answer(answered);
    }

    fn published(&mut self, published: Published) {
        if published.cards {
            self.pulling.cards = None;
            self.notify(None, EventKind::CatalogueChanged);
        }
        if published.is_elsewhere || published.is_first {
            self.forget_bases();
        }
        published.changed.iter().for_each(|row| self.take_row(row));
        for scope in &published.removed {
            if let Scope::Auction(auction) = scope {
                self.forget_view(*auction);
            }
        }
        // Also if nothing changed: the time of the copy is news, too.
        self.rebuild_mine();
        if published.is_elsewhere || published.is_first {
            self.send_lost(published.is_elsewhere);
        }
        if published.touched.contains(&Scope::Person) {
            self.settle_own();
            self.notify(None, EventKind::MineChanged);
        }
        for scope in published.differ {
            self.differs(scope);
        }
        if let Some(count) = published.count_cards.filter(|_| self.pulling.catalogue) {
            self.pulling.cards = Some(count);
            self.effects.push(Effect::CountCards);
        }
    }

    fn take_row(&mut self, row: &Row) {
        match row.entity() {
            Some(Entity::Auction(view)) => self.view_arrived(view),
            Some(Entity::Draft(draft)) => self.take_draft(draft.auction, &draft.state),
            Some(Entity::Followed(followed)) => self.take_followed(&followed),
            Some(Entity::Receipt(receipt)) => self.take_receipt(*receipt),
            _ => {}
        }
    }

    pub(in crate::engine) fn take_followed(&mut self, followed: &Followed) {
        let before = self.followed.state();
        self.followed.merge(followed);
        let after = self.followed.state();
        if before != after {
            self.writes.push(Write::json(Table::Meta, FOLLOWED, &after));
        }
    }

    /// Forgets an auction that is no longer the person's, unless it is needed otherwise.
    fn forget_view(&mut self, auction: AuctionId) {
        let is_used = self.watched.contains(&auction) || self.drafts.get(auction).is_some();
        if !is_used && self.views.remove(&auction).is_some() {
            self.writes.push(Write::delete(Table::Cache, auction.to_string()));
        }
    }

    /// Rebuilds the person's applications and drafts from the published rows.
    pub(in crate::engine) fn rebuild_mine(&mut self) {
        let Some(server_time) = self.pulls.state().as_of else { return };
        let mut applications: Vec<ApplicationView> = self.entities(kind::APPLICATION);
        applications.sort_by_key(|view| std::cmp::Reverse(view.application.received_at));
        let drafts: Vec<DraftView> = self.entities(kind::DRAFT);
        self.mine = Some(Mine { applications, drafts, server_time });
    }

    fn entities<T: DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        let read = |value: &Value| T::deserialize(value).ok();
        let rows = self.pulls.of_kind(Scope::Person, kind);
        rows.filter_map(|(_, held)| read(held.value.as_ref()?)).collect()
    }

    /// Settles outcomes of this phone that came as rows: the reply was lost, or the person has
    /// already acknowledged them.
    fn settle_own(&mut self) {
        let Some(own) = self.profile.as_ref().map(|profile| profile.device) else { return };
        let views: Vec<OutcomeView> = self.entities(kind::OUTCOME);
        let mut answered = Answered::default();
        for view in views.iter().filter(|view| view.device == own) {
            self.outbox.settle(&view.outcome, &mut answered);
        }
        self.take_answer(answered);
        let waiting: BTreeSet<u64> = self.outbox.waiting().filter_map(|row| row.op_no).collect();
        for op_no in views.iter().filter(|view| view.device == own).map(|view| view.outcome.op_no) {
            let is_open = self.outcomes.contains_key(&op_no) || waiting.contains(&op_no);
            if !is_open && !self.pulls.acked().contains(&op_no) {
                self.writes.push(self.pulls.acknowledge(op_no));
            }
        }
    }

    /// Compares the store's digest of the catalogue with the server's.
    pub(in crate::engine) fn cards_counted(&mut self, count: Digest) {
        let differs = self.pulling.cards.take().is_some_and(|expected| expected != count);
        if differs && self.pulls.is_asked() {
            // A page is on its way; the comparison must wait for it.
            self.pulls.compare_again();
        } else if differs {
            self.differs(Scope::Catalogue);
        }
    }

    fn differs(&mut self, scope: Scope) {
        let Some(now) = self.pulls.state().as_of else { return };
        let (repairs, writes) = self.pulls.repair(now);
        self.writes.extend(writes);
        self.notify(None, EventKind::CopyDiffered { scope: scope.to_string() });
        if repairs {
            self.want_pull();
        }
    }
}
