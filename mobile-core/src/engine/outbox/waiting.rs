//! One operation of the outbox, as it is kept.

use crate::store::{Table, Write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::protocol::operations::{Operation, Verdict};

/// One waiting operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its place in the phone's own order.
    pub ticket: u64,
    /// Whose.
    pub person: PersonId,
    /// Which auction it is about; none for the followed ones.
    pub auction: Option<AuctionId>,
    /// What.
    pub operation: Operation,
    /// Files that must be on the server first, SHA-256 hex.
    pub needs: BTreeSet<String>,
    /// Its number, once it was sent for the first time.
    pub op_no: Option<u64>,
    /// What became of it before the server was restored from a backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Verdict>,
}

impl Waiting {
    pub(super) fn write(&self) -> Write {
        Write::json(Table::Outbox, key(self.ticket), self)
    }

    /// Whether it is a signed application.
    pub fn is_submit(&self) -> bool {
        matches!(self.operation, Operation::SubmitApplication { .. })
    }
}

pub(super) fn key(ticket: u64) -> String {
    format!("{ticket:020}")
}
