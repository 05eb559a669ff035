//! Keeps refused operations, and resolves each as the person decides.

use super::super::Engine;
use super::super::local_rejection::LocalRejection;
use super::Waiting;
use super::attention::{ATTENTION_MAX, Attention, AttentionAction, RefusedFile};
use crate::events::EventKind;
use crate::store::{Table, Write};
use toruk_sync::domain::id::AuctionId;
use toruk_sync::protocol::operations::{Operation, Outcome};

impl Engine {
    /// Keeps an operation until the person deals with it.
    pub(in crate::engine) fn require_attention(&mut self, row: Waiting, outcome: Option<Outcome>) {
        self.keep_attention(Attention { row, outcome, file: None });
    }

    /// Takes applications out of the queue that were never sent and never can be: the server
    /// refused a file of theirs.
    pub(in crate::engine) fn give_back_submits(&mut self, sha256: &str, code: &str) {
        let stuck = |row: &&Waiting| row.op_no.is_none() && row.needs.contains(sha256);
        let tickets: Vec<u64> = self
            .outbox
            .waiting()
            .filter(stuck)
            .filter(|row| row.is_submit())
            .map(|row| row.ticket)
            .collect();
        for ticket in tickets {
            let Some((row, write)) = self.outbox.remove(ticket) else { continue };
            self.writes.push(write);
            let file = RefusedFile { sha256: sha256.to_owned(), code: code.to_owned() };
            self.keep_attention(Attention { row, outcome: None, file: Some(file) });
        }
    }

    fn keep_attention(&mut self, item: Attention) {
        let last = self.attention.last_key_value().map_or(0, |(id, _)| *id);
        let (id, auction) = (last + 1, item.row.auction);
        if self.attention.len() >= ATTENTION_MAX
            && let Some((oldest, _)) = self.attention.pop_first()
        {
            self.writes.push(Write::delete(Table::Attention, key(oldest)));
        }
        self.writes.push(Write::json(Table::Attention, key(id), &item));
        self.attention.insert(id, item);
        self.notify(auction, EventKind::AttentionNeeded);
    }

    /// Resolves an operation as the person decided.
    pub(in crate::engine) fn resolve_attention(
        &mut self,
        id: u64,
        action: AttentionAction,
    ) -> Result<u64, LocalRejection> {
        let item = self.attention.get(&id).cloned().ok_or(LocalRejection::NotFound)?;
        let ticket = match action {
            AttentionAction::Retry => self.retry(&item)?,
            AttentionAction::Edit => 0,
            AttentionAction::Discard => {
                if let Operation::EditDraft { auction, .. } = &item.row.operation {
                    self.give_up(*auction);
                }
                0
            }
        };
        self.attention.remove(&id);
        self.writes.push(Write::delete(Table::Attention, key(id)));
        if let Some(outcome) = &item.outcome
            && self.outcomes.get(&outcome.op_no).is_some_and(|known| known.outcome == *outcome)
        {
            self.acknowledge(outcome.op_no)?;
        }
        Ok(ticket)
    }

    fn retry(&mut self, item: &Attention) -> Result<u64, LocalRejection> {
        if item.outcome.is_none() {
            // The operation names a device that no longer exists; it must be signed again.
            return Err(LocalRejection::SignAgain);
        }
        let row = &item.row;
        self.queue(row.auction, row.operation.clone(), row.needs.clone())
    }

    /// Restores the server's state of a draft, with its waiting parts.
    fn give_up(&mut self, auction: AuctionId) {
        let parts = self.outbox.waiting().filter_map(|row| match &row.operation {
            Operation::EditDraft { auction: of, part, .. } if *of == auction => Some(part),
            _ => None,
        });
        let write = self.drafts.give_up(auction, parts);
        self.writes.push(write);
        self.notify(Some(auction), EventKind::DraftMerged);
    }
}

fn key(id: u64) -> String {
    format!("{id:020}")
}
