//! Inputs from outside: the server's answers, connectivity, live frames.

use super::clock::Mono;
use super::history::{HeadCheck, LogHeads};
use super::live::{Follower, Live};
use super::load::{Decided, Saved};
use super::outbox::{Answered, Waiting};
use super::receipts;
use super::uploads;
use super::{Effect, Engine, Failure};
use crate::events::EventKind;
use crate::obstacle::Obstacle;
use crate::store::{Table, Write};
use std::collections::BTreeMap;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::DraftState;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::identity::ServerTime;
use toruk_sync::protocol::operations::{Operation, Outcome, PushReply, Verdict};
use toruk_sync::protocol::pull::Scope;
use toruk_sync::receipt::ApplicationReceipt;

/// The most auctions kept for use without a connection.
const VIEWS_MAX: usize = 200;

impl Engine {
    /// Keeps a receipt that the operator signed; any other is no receipt, and is forgotten.
    pub(super) fn take_receipt(&mut self, receipt: ApplicationReceipt) {
        let known = self.profile.as_ref();
        if known.is_some_and(|profile| receipts::is_signed(profile, &receipt)) {
            self.writes.extend(self.receipts.keep(receipt));
        } else {
            tracing::warn!(auction = %receipt.body.auction, "a receipt that nobody signed");
        }
    }

    /// Goes back to the stored state, after the store refused a change. The followed auctions stay.
    pub fn restore(&mut self, saved: Saved) {
        let mut fresh = Self::load(saved, self.seed);
        (fresh.online, fresh.obstacle) = (self.online, self.obstacle);
        fresh.event_no = self.event_no;
        self.push.hand_over(&mut fresh.push);
        let live = Live::new(self.seed.rotate_left(41));
        fresh.live = std::mem::replace(&mut self.live, live);
        fresh.watched = std::mem::take(&mut self.watched);
        fresh.connected = std::mem::take(&mut self.connected);
        std::mem::swap(&mut fresh.server_clock, &mut self.server_clock);
        *self = fresh;
    }

    /// Switches to another account's data: what is on screen stays, on a new stream.
    pub fn switch_account(&mut self, saved: Saved) {
        // A guest has seen public data only: the person who signs in continues with it.
        let seen = match self.profile {
            None => std::mem::take(&mut self.views),
            Some(_) => BTreeMap::new(),
        };
        self.restore(saved);
        seen.into_values().for_each(|view| self.keep_view(view));
        self.connected.clear();
        self.live.cut();
        self.live.renew();
    }

    pub(super) fn set_online(&mut self, online: bool) {
        self.online = online;
        // Of another network, or a network that is gone.
        self.note_obstacle(None);
        if online {
            self.retry_now();
            return;
        }
        self.pulling.miss_pokes();
        if self.live.cut() {
            self.effects.push(Effect::CloseStream);
        }
        self.notify_connections();
    }

    /// Takes in who answers. What waited for the server is tried as soon as it answers again; but a
    /// filter may let one kind of request through and not another, and then each success would start
    /// what fails again: less and less often.
    pub(super) fn obstructed(&mut self, obstacle: Option<Obstacle>, now: Mono) {
        let is_free = self.note_obstacle(obstacle) && obstacle.is_none();
        if is_free && now >= self.relief.not_before() {
            self.relief.failed(now, None);
            self.try_all();
        }
    }

    /// Takes in who gave a result, before the result itself: a report of it names the obstacle.
    pub(super) fn note_source<T>(&mut self, answer: &Result<T, Failure>, now: Mono) {
        match answer {
            Ok(_) | Err(Failure::Problem { .. } | Failure::Malformed) => self.obstructed(None, now),
            Err(Failure::NotReached(obstacle)) => self.obstructed(Some(*obstacle), now),
            Err(Failure::NotSent | Failure::Lost) => {}
        }
    }

    fn note_obstacle(&mut self, obstacle: Option<Obstacle>) -> bool {
        let changed = self.obstacle != obstacle;
        self.obstacle = obstacle;
        if changed {
            self.notify(None, EventKind::ObstacleChanged { obstacle });
        }
        changed
    }

    pub(super) fn retry_now(&mut self) {
        self.relief.reset();
        self.try_all();
    }

    fn try_all(&mut self) {
        self.delivery.reset();
        self.upload_pace.reset();
        self.push.retry_now();
        self.want_pull();
        self.pulling.retry_now();
        self.bid_pace.reset();
        self.clock_due = Mono::MIN;
        self.clock_pace.reset();
        self.live.retry_now();
    }

    pub(super) fn pushed(&mut self, answer: Result<PushReply, Failure>, now: Mono) {
        self.note_source(&answer, now);
        let mut reply = match answer {
            Ok(reply) => reply,
            Err(failure) => {
                self.outbox.failed();
                self.delivery.failed(now, failure.retry_after_s());
                return;
            }
        };
        let receipts = reply.outcomes.iter_mut().filter_map(|outcome| outcome.receipt.take());
        receipts.collect::<Vec<_>>().into_iter().for_each(|receipt| self.take_receipt(*receipt));
        let answered = self.outbox.answered(&reply);
        if answered.decided.is_empty() && answered.rewound == 0 {
            self.delivery.failed(now, None);
        } else {
            self.delivery.reset();
        }
        self.take_answer(answered);
        self.writes.extend(self.outbox.delivered.expire(reply.server_time));
    }

    /// Takes in the decisions of an answer, from a push or a pull.
    pub(super) fn take_answer(&mut self, answered: Answered) {
        self.writes.extend(answered.writes);
        for (row, outcome) in answered.decided {
            self.decided(row, outcome);
        }
        if answered.rewound > 0 {
            self.notify(None, EventKind::ServerWentBack);
        }
        if answered.is_copied {
            self.copied();
        }
    }

    fn decided(&mut self, row: Waiting, outcome: Outcome) {
        for sha256 in Self::needed_files(&outcome.verdict) {
            self.writes.extend(self.uploads.lost(&sha256));
        }
        if self.is_written_again(&row, &outcome) {
            return;
        }
        // A repeated decision of a restored server is no news.
        let is_known = row.before.as_ref() == Some(&outcome.verdict);
        match (&row.operation, &outcome.verdict) {
            (Operation::EditDraft { .. }, Verdict::Merged { draft }) => {
                self.written_again.remove(&row.auction);
                if let Some(auction) = row.auction {
                    self.take_draft(auction, draft);
                }
                return;
            }
            // The application is submitted; a later edit can't be delivered, and stays on this
            // phone.
            (Operation::EditDraft { .. }, Verdict::DraftClosed) => return,
            (Operation::EditFollowed { .. }, Verdict::Following { followed }) => {
                self.written_again.remove(&row.auction);
                self.take_followed(followed);
                self.want_pull();
                return;
            }
            _ => self.want_pull(),
        }
        let op_no = outcome.op_no;
        if matches!(outcome.verdict, Verdict::Refused(_)) && !is_known {
            self.require_attention(row.clone(), Some(outcome.clone()));
        }
        if is_known {
            return;
        }
        let operation = row.operation.name().to_owned();
        let decided = Decided { auction: row.auction, operation, outcome };
        self.writes.push(Write::json(Table::Outcome, format!("{op_no:020}"), &decided));
        self.outcomes.insert(op_no, decided);
        self.notify(row.auction, EventKind::OutcomeArrived { op_no });
    }

    pub(super) fn take_draft(&mut self, auction: AuctionId, state: &DraftState) {
        let (changed, writes) = self.drafts.merge(auction, state);
        self.writes.extend(writes);
        if changed {
            self.notify(Some(auction), EventKind::DraftMerged);
        }
        self.send_missing(auction);
    }

    pub(super) fn uploaded(&mut self, sha256: &str, reply: uploads::UploadReply, now: Mono) {
        let is_stuck = match &reply {
            uploads::UploadReply::At(offset) => self.uploads.is_at(sha256, *offset),
            _ => false,
        };
        match &reply {
            // Without the pause a server that takes nothing, or forgets at once, would be asked
            // without end.
            uploads::UploadReply::Failed
            | uploads::UploadReply::Mismatch
            | uploads::UploadReply::Missing => self.upload_pace.failed(now, None),
            uploads::UploadReply::At(_) if is_stuck => self.upload_pace.failed(now, None),
            uploads::UploadReply::At(offset) if !self.uploads.advances(sha256, *offset) => {}
            // The scanner is asked less and less often, unless another file is still to be sent.
            uploads::UploadReply::Scanning if !self.uploads.has_more_than(sha256) => {
                self.upload_pace.failed(now, None);
            }
            uploads::UploadReply::Sent(_) => {}
            _ => self.upload_pace.reset(),
        }
        let size_bytes = self.uploads.get(sha256).map_or(0, |row| row.size_bytes);
        if let uploads::UploadReply::At(offset) | uploads::UploadReply::Sent(offset) = reply {
            let sha256 = sha256.to_owned();
            self.notify(None, EventKind::UploadProgress { sha256, offset, size_bytes });
        }
        self.writes.extend(self.uploads.answered(sha256, reply));
        let phase = self.uploads.get(sha256).map(|row| row.phase.clone());
        if let Some(uploads::Phase::Refused(code)) = phase {
            self.give_back_submits(sha256, &code);
        }
    }

    pub(super) fn time_arrived(
        &mut self,
        sent: Mono,
        received: Mono,
        answer: Result<ServerTime, Failure>,
        now: Mono,
    ) {
        self.clock_asked = false;
        match &answer {
            Ok(_) => self.clock_pace.reset(),
            Err(failure) => {
                self.clock_pace.failed(now, failure.retry_after_s());
                self.clock_due = self.clock_due.max(self.clock_pace.not_before());
            }
        }
        if let Ok(server) = answer
            && self.server_clock.exchanged(sent, server, received)
        {
            self.notify(None, EventKind::ClockChanged);
        }
    }

    pub(super) fn view_arrived(&mut self, view: AuctionView) {
        let auction = view.auction.birth.id;
        if !self.check_head(auction, |heads| heads.named(auction, view.seq, &view.head)) {
            return;
        }
        self.server_clock.set_speed(view.auction.birth.rules.clock_speed);
        self.keep_view(view);
    }

    fn keep_view(&mut self, view: AuctionView) {
        let auction = view.auction.birth.id;
        if self.views.get(&auction).is_some_and(|heads| heads.seq > view.seq) {
            return;
        }
        self.writes.push(Write::json(Table::Cache, auction.to_string(), &view));
        self.views.insert(auction, view);
        if self.views.len() > VIEWS_MAX {
            let used = |id: &AuctionId| {
                *id == auction
                    || self.drafts.get(*id).is_some()
                    || self.live.get(*id).is_some()
                    || self.pulls.has(Scope::Auction(*id))
            };
            let unused = self.views.keys().find(|id| !used(id)).copied();
            if let Some(unused) = unused {
                self.views.remove(&unused);
                self.writes.push(Write::delete(Table::Cache, unused.to_string()));
            }
        }
    }

    /// Notes that the auction's screen is open.
    pub(super) fn watch(&mut self, auction: AuctionId) {
        if self.watched.insert(auction) {
            self.want_pull();
            self.clock_due = Mono::MIN;
        }
    }

    /// Takes in a statement about a log's head. Returns `true` if it can be believed.
    pub(super) fn check_head(
        &mut self,
        auction: AuctionId,
        check: impl FnOnce(&mut LogHeads) -> HeadCheck,
    ) -> bool {
        let checked = check(&mut self.histories);
        self.writes.extend(checked.writes);
        if let Some(seq) = checked.contradiction {
            // The auction is no longer followed; the screen keeps the last state that was believed.
            if let Some(view) = self.live.get(auction).and_then(Follower::view).cloned() {
                self.keep_view(view);
            }
            self.notify(Some(auction), EventKind::HistoryContradicted { seq });
        }
        checked.is_sound
    }
}
