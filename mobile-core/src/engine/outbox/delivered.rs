//! Operations that were decided in the last days, kept for a server that is restored from a backup.

use super::waiting::Waiting;
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
    pub(super) rows: BTreeMap<u64, Sent>,
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

/// The key of a decided operation in the store.
pub(super) fn key(op_no: u64) -> String {
    format!("{op_no:020}")
}
