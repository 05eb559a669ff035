//! What was decided lately, and a server that goes back: restored from a backup, it expects a
//! number that this phone has seen decided.
//!
//! It gets the same operations again, under their old numbers and with their old content, in
//! order, and then the rest. Where some of them are too old to be kept, the numbers close up: the
//! server knows none of them.

use crate::engine::outbox::{Answered, Outbox, Waiting, key as row_key};
use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::{DECIDED_DAYS, OUTBOX_OPS_MAX};
use toruk_sync::protocol::operations::Outcome;

/// Operations that are kept; the oldest go first.
pub const DELIVERED_MAX: usize = OUTBOX_OPS_MAX;

/// One decided operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// As it left.
    pub row: Waiting,
    /// What became of it.
    pub outcome: Outcome,
}

/// Decided operations of the last days, by number.
#[derive(Debug, Default)]
pub struct Delivered {
    rows: BTreeMap<u64, Sent>,
}

impl Delivered {
    /// Continues where the last process stopped.
    pub fn load(rows: Vec<Sent>) -> Self {
        Self { rows: rows.into_iter().map(|sent| (sent.outcome.op_no, sent)).collect() }
    }

    /// All of them, in order.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Sent> {
        self.rows.values()
    }

    /// Keeps an operation that was decided.
    pub fn keep(&mut self, row: &Waiting, outcome: &Outcome) -> Vec<Write> {
        let row = Waiting { before: None, ..row.clone() };
        let sent = Sent { row, outcome: outcome.clone() };
        let mut writes = vec![Write::json(Table::Decided, key(outcome.op_no), &sent)];
        self.rows.insert(outcome.op_no, sent);
        while self.rows.len() > DELIVERED_MAX {
            let Some((op_no, _)) = self.rows.pop_first() else { break };
            writes.push(Write::delete(Table::Decided, key(op_no)));
        }
        writes
    }

    /// Forgets what was decided more than [`DECIDED_DAYS`] before `now`, the server's time.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Write> {
        let limit = now - TimeSpan::hours(24 * DECIDED_DAYS);
        let old = |sent: &&Sent| sent.outcome.decided_at < limit;
        let old: Vec<u64> = self.rows.values().filter(old).map(|sent| sent.outcome.op_no).collect();
        old.iter().for_each(|op_no| drop(self.rows.remove(op_no)));
        old.into_iter().map(|op_no| Write::delete(Table::Decided, key(op_no))).collect()
    }

    /// Forgets all: they were another device's.
    pub fn forget(&mut self) -> Vec<Write> {
        let rows = std::mem::take(&mut self.rows);
        rows.into_keys().map(|op_no| Write::delete(Table::Decided, key(op_no))).collect()
    }
}

impl Outbox {
    /// Takes in which number the server expects next, when nothing is under way.
    pub fn expects(&mut self, expected: u64, answered: &mut Answered) {
        let numbered = self.rows.values().filter_map(|row| row.op_no);
        let first = numbered.min().unwrap_or(self.next_op_no);
        if expected > self.next_op_no {
            // It decided what this phone never sent.
            answered.is_copied = true;
        } else if expected > 0 && expected < first {
            answered.writes.extend(self.rewind(expected));
            answered.rewound = self.rows.values().filter(|row| row.before.is_some()).count();
        }
    }

    /// The server lost this device altogether: everything decided lately goes first, then what
    /// waited, all under new numbers.
    pub fn send_all_again(&mut self) -> Vec<Write> {
        let mut writes: Vec<Write> =
            self.rows.keys().map(|ticket| Write::delete(Table::Outbox, row_key(*ticket))).collect();
        let waiting = std::mem::take(&mut self.rows);
        let lost = std::mem::take(&mut self.delivered.rows);
        writes.extend(lost.keys().map(|op_no| Write::delete(Table::Decided, key(*op_no))));
        let lost = lost.into_values().map(|sent| {
            let before = Some(sent.outcome.verdict);
            Waiting { before, ..sent.row }
        });
        for (ticket, row) in (1..).zip(lost.chain(waiting.into_values())) {
            let row = Waiting { ticket, op_no: None, ..row };
            writes.push(row.write());
            self.rows.insert(ticket, row);
        }
        writes
    }

    /// Puts decided operations from `expected` on into the queue again, before the numbered ones.
    fn rewind(&mut self, expected: u64) -> Vec<Write> {
        let lost = self.delivered.rows.split_off(&expected);
        let mut writes: Vec<Write> =
            lost.keys().map(|op_no| Write::delete(Table::Decided, key(*op_no))).collect();
        let mut ticket = self.rows.last_key_value().map_or(0, |(ticket, _)| *ticket);
        for sent in lost.into_values() {
            ticket += 1;
            let before = Some(sent.outcome.verdict);
            self.rows.insert(ticket, Waiting { ticket, before, ..sent.row });
        }
        let mut numbered: Vec<(u64, u64)> =
            self.rows.values().filter_map(|row| Some((row.op_no?, row.ticket))).collect();
        numbered.sort_unstable();
        self.next_op_no = expected;
        for (_, ticket) in numbered {
            if let Some(row) = self.rows.get_mut(&ticket) {
                row.op_no = Some(self.next_op_no);
                self.next_op_no += 1;
                writes.push(row.write());
            }
        }
        writes.push(self.write_counter());
        writes
    }
}

fn key(op_no: u64) -> String {
    format!("{op_no:020}")
}
