//! Operations that were decided in the last days, kept for a server that is restored from a backup.

use super::waiting::Waiting;
use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::{DECIDED_DAYS, OUTBOX_OPS_MAX};
use toruk_sync::protocol::operations::Outcome;

/// The most decided operations that are kept; the oldest are dropped first.
pub const DELIVERED_MAX: usize = OUTBOX_OPS_MAX;

/// One operation with its decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The operation as it was sent.
    pub row: Waiting,
    /// The server's decision.
    pub outcome: Outcome,
}

/// Operations decided in the last days, by number.
#[derive(Debug, Default)]
pub struct Delivered {
    pub(super) rows: BTreeMap<u64, Sent>,
}

impl Delivered {
    /// Continues with the operations saved by an earlier process.
    pub fn load(rows: Vec<Sent>) -> Self {
        Self { rows: rows.into_iter().map(|sent| (sent.outcome.op_no, sent)).collect() }
    }

    /// All decided operations, in order of their numbers.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Sent> {
        self.rows.values()
    }

    /// Remembers a decided operation.
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

    /// Forgets operations that were decided more than [`DECIDED_DAYS`] before `now`, the server's
    /// time.
    pub fn expire(&mut self, now: Timestamp) -> Vec<Write> {
        let limit = now - TimeSpan::hours(24 * DECIDED_DAYS);
        let old = |sent: &&Sent| sent.outcome.decided_at < limit;
        let old: Vec<u64> = self.rows.values().filter(old).map(|sent| sent.outcome.op_no).collect();
        old.iter().for_each(|op_no| drop(self.rows.remove(op_no)));
        old.into_iter().map(|op_no| Write::delete(Table::Decided, key(op_no))).collect()
    }

    /// Forgets all: they belong to another device.
    pub fn forget(&mut self) -> Vec<Write> {
        let rows = std::mem::take(&mut self.rows);
        rows.into_keys().map(|op_no| Write::delete(Table::Decided, key(op_no))).collect()
    }
}

/// The key of a decided operation in the store.
pub(super) fn key(op_no: u64) -> String {
    format!("{op_no:020}")
}
