//! The outbox: parts of drafts and commands on their way to the server.
//!
//! An operation gets its number when it is first sent, not when it is queued: numbers have no
//! gaps, and a command that waits for its file must not hold up another auction's draft. From then
//! on one number means one content, and a lost reply is answered by sending it again.
//!
//! A bid cannot be in here: [`Operation`] has no variant that could hold one.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::draft::Draft;
use toruk_sync::protocol::limits::{OUTBOX_OPS_MAX, PUSH_BODY_BYTES_MAX, PUSH_OPS_MAX};
use toruk_sync::protocol::sync::{Op, Operation, Outcome, Push, PushReply};

const NEXT_OP_NO: &str = "next_op_no";

/// One waiting operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its place in the phone's own order.
    pub ticket: u64,
    /// Whose.
    pub person: PersonId,
    /// Which auction it is about.
    pub auction: AuctionId,
    /// What.
    pub operation: Operation,
    /// Files that must be on the server first, SHA-256 hex.
    pub needs: BTreeSet<String>,
    /// Its number, once it was sent for the first time.
    pub op_no: Option<u64>,
}

impl Waiting {
    fn write(&self) -> Write {
        Write::json(Table::Outbox, key(self.ticket), self)
    }

    fn is_submit(&self) -> bool {
        matches!(self.operation, Operation::SubmitApplication { .. })
    }
}

/// Too much is waiting; the person must connect first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{OUTBOX_OPS_MAX} operations are waiting already")]
pub struct OutboxFull;

/// The waiting operations.
#[derive(Debug)]
pub struct Outbox {
    rows: BTreeMap<u64, Waiting>,
    next_op_no: u64,
    in_flight: bool,
}

impl Outbox {
    /// Continues where the last process stopped.
    pub fn load(rows: Vec<Waiting>, next_op_no: Option<u64>) -> Self {
        let rows = rows.into_iter().map(|row| (row.ticket, row)).collect();
        Self { rows, next_op_no: next_op_no.unwrap_or(1), in_flight: false }
    }

    /// The name of the counter in [`Table::Meta`].
    pub fn counter() -> &'static str {
        NEXT_OP_NO
    }

    /// All that waits, in order.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.rows.values()
    }

    /// Whether nothing more can be queued.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= OUTBOX_OPS_MAX
    }

    /// Whether a push is under way.
    pub fn is_sending(&self) -> bool {
        self.in_flight
    }

    /// Puts an operation last. Parts of one draft that were never sent become one operation.
    ///
    /// # Errors
    /// [`OutboxFull`]; nothing was queued.
    pub fn queue(
        &mut self,
        person: PersonId,
        auction: AuctionId,
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
        let row = Waiting { ticket, person, auction, operation, needs, op_no: None };
        let write = row.write();
        self.rows.insert(ticket, row);
        Ok((ticket, vec![write]))
    }

    /// Takes back a submit that was never sent, because the draft was edited after signing.
    pub fn void_submit(&mut self, auction: AuctionId) -> Option<Write> {
        let unsent =
            |row: &&Waiting| row.auction == auction && row.op_no.is_none() && row.is_submit();
        let ticket = self.rows.values().find(unsent)?.ticket;
        self.rows.remove(&ticket);
        Some(Write::delete(Table::Outbox, key(ticket)))
    }

    /// The next push, when there is something to send and nothing under way. The writes must be
    /// durable before it leaves: they give the operations their numbers.
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
            writes.push(Write::json(Table::Meta, NEXT_OP_NO, &self.next_op_no));
        }
        self.in_flight = true;
        Some((Push { ops }, writes))
    }

    /// Whether [`Self::batch`] would give something, were nothing under way.
    pub fn has_ready(&self, is_stored: impl Fn(&str) -> bool) -> bool {
        !self.choose(&is_stored).is_empty()
    }

    /// Takes in the server's answer: what was decided leaves the queue.
    pub fn answered(&mut self, reply: &PushReply) -> (Vec<(Waiting, Outcome)>, Vec<Write>) {
        self.in_flight = false;
        let mut writes = Vec::new();
        let mut decided = Vec::new();
        for outcome in &reply.outcomes {
            let of = |row: &&Waiting| row.op_no == Some(outcome.op_no);
            let Some(ticket) = self.rows.values().find(of).map(|row| row.ticket) else { continue };
            if let Some(row) = self.rows.remove(&ticket) {
                writes.push(Write::delete(Table::Outbox, key(ticket)));
                decided.push((row, outcome.clone()));
            }
        }
        if decided.is_empty() {
            writes.extend(self.renumber(reply.next_op_no));
        }
        (decided, writes)
    }

    /// The push failed, or nobody knows: the same numbers go out again later.
    pub fn failed(&mut self) {
        self.in_flight = false;
    }

    /// This installation became a new device: its numbers begin anew.
    pub fn forget_numbers(&mut self) -> Vec<Write> {
        self.in_flight = false;
        self.next_op_no = 1;
        let mut writes = vec![Write::json(Table::Meta, NEXT_OP_NO, &self.next_op_no)];
        for row in self.rows.values_mut().filter(|row| row.op_no.is_some()) {
            row.op_no = None;
            writes.push(row.write());
        }
        writes
    }

    /// A server that was restored from a backup expects a number we have passed. It knows none of
    /// the later ones, so that what waits may take them.
    fn renumber(&mut self, expected: u64) -> Vec<Write> {
        let numbered: Vec<_> =
            self.rows.values().filter_map(|row| row.op_no.map(|no| (no, row.ticket))).collect();
        let first = numbered.iter().map(|(no, _)| *no).min();
        if expected == 0 || first.is_none_or(|first| expected >= first) {
            return Vec::new();
        }
        self.next_op_no = expected;
        let mut writes = vec![Write::json(Table::Meta, NEXT_OP_NO, &expected)];
        for (_, ticket) in numbered {
            if let Some(row) = self.rows.get_mut(&ticket) {
                row.op_no = None;
                writes.push(row.write());
            }
        }
        writes
    }

    /// Which rows go next. Numbered ones first, and alone while there are any: they may have
    /// reached the server, and its order is theirs. Rows of one auction never overtake each other.
    fn choose(&self, is_stored: &impl Fn(&str) -> bool) -> Vec<u64> {
        let mut numbered: Vec<_> =
            self.rows.values().filter_map(|row| Some((row.op_no?, row))).collect();
        numbered.sort_by_key(|(op_no, _)| *op_no);
        let mut held = BTreeSet::new();
        let ready = self.rows.values().filter(|row| {
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

    fn join(&mut self, auction: AuctionId, operation: &Operation) -> Option<(u64, Vec<Write>)> {
        let Operation::EditDraft { part, .. } = operation else { return None };
        let row = self.rows.values_mut().rev().find(|row| row.auction == auction)?;
        let Operation::EditDraft { part: standing, .. } = &mut row.operation else { return None };
        if row.op_no.is_some() {
            return None;
        }
        let mut joined = Draft::from(&*standing);
        joined.merge(part);
        let files = part.files.is_some() || standing.files.is_some();
        *standing = joined.state();
        if !files {
            standing.files = None;
        }
        Some((row.ticket, vec![row.write()]))
    }
}

fn key(ticket: u64) -> String {
    format!("{ticket:020}")
}

#[cfg(test)]
#[path = "commands_tests.rs"]
mod tests;
