//! Writes of drafts and of the followed auctions that the server lost, or never had: they are written
//! again on what it has. A restored server knows nothing of the writes that the lost ones had seen,
//! so it would reject them as forged for ever.

use super::Engine;
use super::load::FOLLOWED;
use super::outbox::Waiting;
use crate::store::{Table, Write};
use std::collections::BTreeSet;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::{Actor, DeltaFault, Draft, DraftState, Followed, FollowedSet, draft_id};
use toruk_sync::protocol::operations::{
    DraftView, Operation, OperationRejection, Outcome, Verdict,
};
use toruk_sync::protocol::pull::{Scope, kind};

/// The most times in a row that one draft is written again after a refusal; then the person is told.
const AGAIN_MAX: u8 = 5;

impl Engine {
    /// The server was restored: it has of each draft only what its rows say.
    pub(super) fn forget_bases(&mut self) {
        let drafts: Vec<AuctionId> = self.drafts.all().map(|(auction, _)| auction).collect();
        for auction in drafts {
            let write = self.drafts.forget_base(auction);
            self.writes.push(write);
        }
    }

    /// Sends everything that a restored server lacks although nothing waits; with `is_restored`, what
    /// is followed also if a change of it waits.
    pub(super) fn send_lost(&mut self, is_restored: bool) {
        let drafts: Vec<AuctionId> = self.drafts.all().map(|(auction, _)| auction).collect();
        drafts.into_iter().for_each(|auction| self.send_missing(auction));
        let Some(actor) = self.profile.as_ref().map(|profile| profile.actor) else { return };
        let is_change = |row: &Waiting| matches!(row.operation, Operation::EditFollowed { .. });
        if !is_restored && self.outbox.waiting().any(is_change) {
            return;
        }
        let base = self.followed_row().unwrap_or_default();
        if FollowedSet::from(&base).auctions() != self.followed.auctions() {
            self.refollow(&base, actor);
        }
    }

    /// Sends edits that the server lacks although nothing waits: they came while the draft was
    /// closed, and it is open again, or the server lost them. Refused edits are for the person to
    /// deal with.
    pub(super) fn send_missing(&mut self, auction: AuctionId) {
        let edits = |row: &Waiting| {
            row.auction == Some(auction) && matches!(row.operation, Operation::EditDraft { .. })
        };
        let waits = self.outbox.waiting().any(edits);
        if waits || self.attention.values().any(|attention| edits(&attention.row)) {
            return;
        }
        // With a full outbox, the draft's next change is another chance.
        if self.outbox.is_full() {
            return;
        }
        let Some((person, actor)) = self.profile.as_ref().map(|p| (p.person, p.actor)) else {
            return;
        };
        let (part, write) = self.drafts.missing(auction, actor);
        self.writes.extend(write);
        if let Some(part) = part {
            let draft = draft_id(person, auction);
            let operation = Operation::EditDraft { draft, auction, part };
            let _ = self.queue(Some(auction), operation, BTreeSet::new());
        }
    }

    /// Takes in that the server refused writes because it does not know what they build on; returns
    /// `false` if this is another refusal, or one time too often.
    pub(super) fn is_written_again(&mut self, row: &Waiting, outcome: &Outcome) -> bool {
        let forged = Verdict::Refused(OperationRejection::Draft(DeltaFault::ForgedClock));
        let Some(actor) = self.profile.as_ref().map(|profile| profile.actor) else { return false };
        if outcome.verdict != forged {
            return false;
        }
        let times = self.written_again.entry(row.auction).or_insert(0);
        if *times >= AGAIN_MAX {
            return false;
        }
        *times += 1;
        match (&row.operation, row.auction) {
            (Operation::EditDraft { part, .. }, Some(auction)) => {
                // By this row the part would have been accepted: the server has less than that.
                let is_less = |state: &DraftState| Draft::from(state).check(part, actor).is_ok();
                let base = self.draft_row(auction).filter(|state| !is_less(state));
                let write = self.drafts.set_base(auction, &base.unwrap_or_default());
                self.writes.push(write);
                self.send_missing(auction);
                true
            }
            (Operation::EditFollowed { followed }, _) => {
                let is_less =
                    |state: &Followed| FollowedSet::from(state).check(followed, actor).is_ok();
                let base = self.followed_row().filter(|state| !is_less(state));
                self.refollow(&base.unwrap_or_default(), actor);
                true
            }
            _ => false,
        }
    }

    /// Writes again what may not have arrived, after this phone has become another actor.
    pub(super) fn reissue(&mut self, auction: AuctionId, (former, actor): (Actor, Actor)) {
        let Some(person) = self.profile.as_ref().map(|profile| profile.person) else { return };
        let (part, write) = self.drafts.reissue(auction, former, actor);
        self.writes.extend(write);
        if let Some(part) = part {
            let operation =
                Operation::EditDraft { draft: draft_id(person, auction), auction, part };
            self.requeue(Some(auction), operation);
        }
    }

    /// Follows on top of `base`, which the server has, what this phone follows.
    pub(super) fn refollow(&mut self, base: &Followed, actor: Actor) {
        let mut set = FollowedSet::from(base);
        set.count_from(&self.followed, actor);
        let (had, have) = (set.auctions(), self.followed.auctions());
        had.difference(&have).for_each(|auction| set.unfollow(*auction));
        have.difference(&had).for_each(|auction| set.follow(*auction, actor));
        let followed = set.state();
        self.followed = set;
        self.writes.push(Write::json(Table::Meta, FOLLOWED, &followed));
        self.requeue(None, Operation::EditFollowed { followed });
    }

    /// The followed auctions as the server's row says.
    pub(super) fn followed_row(&self) -> Option<Followed> {
        let mut rows = self.pulls.of_kind(Scope::Person, kind::FOLLOWED);
        rows.find_map(|(_, held)| serde_json::from_value(held.value.clone()?).ok())
    }

    /// A draft as the server's row says.
    fn draft_row(&self, auction: AuctionId) -> Option<DraftState> {
        let rows = self.pulls.of_kind(Scope::Person, kind::DRAFT);
        let mut drafts = rows
            .filter_map(|(_, held)| serde_json::from_value::<DraftView>(held.value.clone()?).ok());
        drafts.find(|draft| draft.auction == auction).map(|draft| draft.state)
    }

    /// Queues an operation in place of one that left the queue, so there is room for it.
    fn requeue(&mut self, auction: Option<AuctionId>, operation: Operation) {
        let Some(person) = self.profile.as_ref().map(|profile| profile.person) else { return };
        if let Ok((_, writes)) = self.outbox.queue(person, auction, operation, BTreeSet::new()) {
            self.writes.extend(writes);
        }
    }
}
