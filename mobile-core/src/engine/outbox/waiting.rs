//! One operation of the outbox, as it is saved.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::protocol::operations::{Operation, Verdict};

/// An operation that waits for its delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The position in the phone's own order.
    pub ticket: u64,
    /// The person who queued it.
    pub person: PersonId,
    /// The auction of the operation; absent for the list of followed auctions.
    pub auction: Option<AuctionId>,
    /// The operation itself.
    pub operation: Operation,
    /// Files that must be on the server first, by SHA-256 in hex.
    pub needs: BTreeSet<String>,
    /// The number, once it was sent for the first time.
    pub op_no: Option<u64>,
    /// The decision before the server was restored from a backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
}

impl Waiting {
    pub(super) fn write(&self) -> Write {
        Write::json(Table::Outbox, key(self.ticket), self)
    }

    /// Returns `true` for a signed application.
    pub fn is_submit(&self) -> bool {
        matches!(self.operation, Operation::SubmitApplication { .. })
    }
}

pub(super) fn key(ticket: u64) -> String {
    format!("{ticket:020}")
}
