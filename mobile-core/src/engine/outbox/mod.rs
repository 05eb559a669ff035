//! The outbox: parts of drafts and commands to be delivered to the server.
//!
//! An operation gets its number when it is first sent, not when it is queued: numbers have no gaps,
//! and a command that waits for its file must not hold up another auction's draft. From then on one
//! number means one content, and after a lost reply it is sent again.
//!
//! A bid can't be in the outbox: [`Operation`] has no variant that could hold one.

pub mod attention;
pub mod delivered;
mod replay;
mod resolve;
mod waiting;

pub use waiting::Waiting;

use self::delivered::Delivered;
use self::waiting::key;
use crate::store::{Table, Write};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::draft::{Draft, DraftState};
use toruk_sync::protocol::limits::{OUTBOX_OPS_MAX, PUSH_BODY_BYTES_MAX, PUSH_OPS_MAX};
use toruk_sync::protocol::operations::{
    Op, Operation, OperationRejection, Outcome, Push, PushReply, Verdict,
};

const NEXT_OP_NO: &str = "next_op_no";

/// Too many operations are waiting; the person must connect first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{OUTBOX_OPS_MAX} operations are waiting already")]
pub struct OutboxFull;

/// The queue of waiting operations.
#[derive(Debug)]
pub struct Outbox {
    pub(super) rows: BTreeMap<u64, Waiting>,
    pub(super) next_op_no: u64,
    in_flight: bool,
    /// The number of finished pushes, with an answer or without one.
    answers: u64,
    /// The person whose operations may be sent.
    owner: Option<PersonId>,
    pub(super) delivered: Delivered,
}

/// The decisions in an answer.
#[derive(Debug, Default)]
pub struct Answered {
    /// Operations that left the queue, with their outcomes.
    pub decided: Vec<(Waiting, Outcome)>,
    /// Changes to make durable.
    pub writes: Vec<Write>,
    /// Another copy of this phone used its numbers: it must become a new device.
    pub is_copied: bool,
    /// The number of operations to send again, because the server was restored from a backup.
    pub rewound: usize,
}

impl Outbox {
    /// Continues with the operations saved by an earlier process.
    pub fn load(rows: Vec<Waiting>, next_op_no: Option<u64>) -> Self {
        let rows = rows.into_iter().map(|row| (row.ticket, row)).collect();
        let next_op_no = next_op_no.unwrap_or(1);
        let (answers, owner, delivered) = (0, None, Delivered::default());
        Self { rows, next_op_no, in_flight: false, answers, owner, delivered }
    }

    /// Sets the operations decided lately, for a server that is restored from a backup.
    pub fn remember(&mut self, delivered: Delivered) {
        self.delivered = delivered;
    }

    /// From now on only this person's operations are sent.
    pub fn set_owner(&mut self, owner: PersonId) {
        self.owner = Some(owner);
    }

    /// The number of finished pushes; it changes whenever the server's next number may.
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// The key of the counter in [`Table::Meta`].
    pub fn counter() -> &'static str {
        NEXT_OP_NO
    }

    /// All waiting operations, in order.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.rows.values()
    }

    /// Returns `true` if nothing more can be queued.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= OUTBOX_OPS_MAX
    }

    /// Returns `true` while a push is under way.
    pub fn is_sending(&self) -> bool {
        self.in_flight
    }

    /// Appends an operation. Parts of one draft that were never sent are joined into one operation.
    ///
    /// # Errors
    /// [`OutboxFull`]; nothing was queued.
    pub fn queue(
        &mut self,
        person: PersonId,
        auction: Option<AuctionId>,
        operation: Operation,
        needs: BTreeSet<String>,
    ) -> Result<(u64, Vec<Write>), OutboxFull> {
        if let Some(joined) = self.join(auction, &operation) {
            return Ok(joined);
        }
        if self.is_full() {
            return Err(OutboxFull);
        }
        let ticket = self.rows.last_key_value().map_or(0, |(ticket, _)| *ticket) + 1;
        let (op_no, before) = (None, None);
        let row = Waiting { ticket, person, auction, operation, needs, op_no, before };
        let write = row.write();
        self.rows.insert(ticket, row);
        Ok((ticket, vec![write]))
    }

    /// Withdraws a submit that was never sent, because the draft was edited after signing.
    pub fn void_submit(&mut self, auction: AuctionId) -> Option<Write> {
        let unsent =
            |row: &&Waiting| row.auction == Some(auction) && row.op_no.is_none() && row.is_submit();
        let ticket = self.rows.values().find(unsent)?.ticket;
        self.rows.remove(&ticket);
        Some(Write::delete(Table::Outbox, key(ticket)))
    }

    /// The next push, if there is something to send and nothing is under way. The writes must be
    /// durable before it is sent: they assign the operations' numbers.
    pub fn batch(&mut self, is_stored: impl Fn(&str) -> bool) -> Option<(Push, Vec<Write>)> {
        if self.in_flight {
            return None;
        }
        let chosen = self.choose(&is_stored);
        let mut writes = Vec::new();
        let mut ops = Vec::new();
        let before = self.next_op_no;
        for ticket in chosen {
            let Some(row) = self.rows.get_mut(&ticket) else { continue };
            let op_no = *row.op_no.get_or_insert_with(|| {
                self.next_op_no += 1;
                self.next_op_no - 1
            });
            writes.push(row.write());
            ops.push(Op { op_no, person: row.person, operation: row.operation.clone() });
        }
        if ops.is_empty() {
            return None;
        }
        if self.next_op_no != before {
            writes.push(self.write_counter());
        }
        self.in_flight = true;
        Some((Push { ops }, writes))
    }

    /// Returns `true` if [`Self::batch`] would return something, were no push under way.
    pub fn has_ready(&self, is_stored: impl Fn(&str) -> bool) -> bool {
        !self.choose(&is_stored).is_empty()
    }

    /// Takes in the server's answer: decided operations leave the queue.
    pub fn answered(&mut self, reply: &PushReply) -> Answered {
        self.in_flight = false;
        self.answers += 1;
        let mut answered = Answered::default();
        for outcome in &reply.outcomes {
            self.settle(outcome, &mut answered);
        }
        if !answered.is_copied {
            self.expects(reply.next_op_no, &mut answered);
        }
        answered
    }

    /// Removes a decided operation. Repeating it changes nothing.
    pub fn settle(&mut self, outcome: &Outcome, answered: &mut Answered) {
        let of = |row: &&Waiting| row.op_no == Some(outcome.op_no);
        let Some(ticket) = self.rows.values().find(of).map(|row| row.ticket) else { return };
        if outcome.verdict == Verdict::Refused(OperationRejection::OpConflict) {
            answered.is_copied = true;
            return;
        }
        if let Some(row) = self.rows.remove(&ticket) {
            answered.writes.push(Write::delete(Table::Outbox, key(ticket)));
            answered.writes.extend(self.delivered.keep(&row, outcome));
            answered.decided.push((row, outcome.clone()));
        }
    }

    /// Takes in that the push failed or its answer was lost: the same numbers are sent again later.
    pub fn failed(&mut self) {
        self.in_flight = false;
        self.answers += 1;
    }

    /// Starts numbers from 1: this installation became a new device.
    pub fn forget_numbers(&mut self) -> Vec<Write> {
        self.in_flight = false;
        self.next_op_no = 1;
        let mut writes = self.delivered.forget();
        writes.push(self.write_counter());
        for row in self.rows.values_mut().filter(|row| row.op_no.is_some()) {
            row.op_no = None;
            writes.push(row.write());
        }
        writes
    }

    pub(super) fn write_counter(&self) -> Write {
        Write::json(Table::Meta, NEXT_OP_NO, &self.next_op_no)
    }

    /// Removes an operation, whatever its state.
    pub fn remove(&mut self, ticket: u64) -> Option<(Waiting, Write)> {
        let row = self.rows.remove(&ticket)?;
        Some((row, Write::delete(Table::Outbox, key(ticket))))
    }

    /// The operations to send next. Numbered ones go first, and alone while there are any: they may
    /// have reached the server, and must keep its order. Operations of one auction never overtake
    /// each other.
    fn choose(&self, is_stored: &impl Fn(&str) -> bool) -> Vec<u64> {
        let owned = |row: &&Waiting| self.owner.is_none_or(|owner| owner == row.person);
        let mut numbered: Vec<_> =
            self.rows.values().filter(owned).filter_map(|row| Some((row.op_no?, row))).collect();
        numbered.sort_by_key(|(op_no, _)| *op_no);
        let mut held = BTreeSet::new();
        let ready = self.rows.values().filter(owned).filter(|row| {
            let goes = !held.contains(&row.auction) && row.needs.iter().all(|need| is_stored(need));
            if !goes {
                held.insert(row.auction);
            }
            goes
        });
        let candidates: Vec<&Waiting> = match numbered.is_empty() {
            false => numbered.into_iter().map(|(_, row)| row).collect(),
            true => ready.collect(),
        };
        let mut size = 0;
        let mut chosen = Vec::new();
        for row in candidates.into_iter().take(PUSH_OPS_MAX) {
            size += serde_json::to_vec(&row.operation).map_or(0, |bytes| bytes.len() + 200);
            if size > PUSH_BODY_BYTES_MAX && !chosen.is_empty() {
                break;
            }
            chosen.push(row.ticket);
        }
        chosen
    }

    fn join(
        &mut self,
        auction: Option<AuctionId>,
        operation: &Operation,
    ) -> Option<(u64, Vec<Write>)> {
        let row = self.rows.values_mut().rev().find(|row| row.auction == auction)?;
        if row.op_no.is_some() {
            return None;
        }
        match (&mut row.operation, operation) {
            (Operation::EditFollowed { followed }, Operation::EditFollowed { followed: newer }) => {
                followed.clone_from(newer);
            }
            (Operation::EditDraft { part: standing, .. }, Operation::EditDraft { part, .. }) => {
                *standing = joined(standing, part);
            }
            _ => return None,
        }
        Some((row.ticket, vec![row.write()]))
    }
}

/// Joins two parts of a draft.
fn joined(standing: &DraftState, part: &DraftState) -> DraftState {
    let mut draft = Draft::from(standing);
    draft.merge(part);
    let (files, groups) = (
        part.files.is_some() || standing.files.is_some(),
        part.groups.is_some() || standing.groups.is_some(),
    );
    let state = draft.state();
    DraftState {
        fields: state.fields,
        files: state.files.filter(|_| files),
        groups: state.groups.filter(|_| groups),
    }
}
