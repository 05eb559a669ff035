//! Sending decided operations again to a server that was restored from a backup: it expects a
//! number that this phone has already seen decided.
//!
//! It gets the same operations again, under their old numbers and with their old content, in order,
//! and then the rest. Where some are too old to be kept, the numbers close up: the server knows
//! none of them.

use super::delivered::key;
use super::waiting::key as row_key;
use super::{Answered, Outbox, Waiting};
use crate::store::{Table, Write};

impl Outbox {
    /// Takes in the number that the server expects next, while nothing is under way.
    pub fn expects(&mut self, expected: u64, answered: &mut Answered) {
        let numbered = self.rows.values().filter_map(|row| row.op_no);
        let first = numbered.min().unwrap_or(self.next_op_no);
        if expected > self.next_op_no {
            // The server decided operations that this phone never sent.
            answered.is_copied = true;
        } else if expected > 0 && expected < first {
            answered.writes.extend(self.rewind(expected));
            answered.rewound = self.rows.values().filter(|row| row.before.is_some()).count();
        }
    }

    /// Queues everything for a server that lost this device: first the operations decided lately,
    /// then the waiting ones, all under new numbers.
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

    /// Queues decided operations from `expected` on again, before the numbered ones.
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
