//! Records acts and shows them to auditors.

use super::action::{Action, Principal};
use super::store;
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use serde_json::Value;
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;

/// Rows of one page.
pub const PAGE: u64 = 50;

/// An act to be recorded.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The person or system, with the role.
    pub actor: Principal,
    pub action: Action,
    /// The object, such as `auction:<id>`.
    pub object: String,
    /// Further facts as JSON. No personal data.
    pub detail: Value,
}

/// A recorded act, as auditors see it.
#[derive(Debug, Clone)]
pub struct Row {
    /// Position, counted from 1.
    pub seq: u64,
    pub at: Timestamp,
    /// The person; `None` is the system.
    pub actor: Option<PersonId>,
    pub role: String,
    pub action: String,
    pub object: String,
    /// Further facts as JSON text.
    pub detail: String,
    /// The entry's link in the hash chain, in hex.
    pub hash: String,
}

/// Writes and reads the audit trail.
#[derive(Clone)]
pub struct Service {
    context: Arc<Context>,
}

impl Service {
    /// Builds on this database.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone() }
    }

    /// Records an act in the transaction of the act: both are committed or neither is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, txn: &Txn, entry: Entry) -> Result<(), StoreError> {
        store::append(txn, &entry, self.context.ports.clock.now()).await
    }

    /// A page of acts before `before`, the newest first. An organiser sees auctions' acts, auditors
    /// and administrators all.
    ///
    /// # Errors
    /// [`StoreError`]; an empty page for officials without one of these roles.
    pub async fn page(&self, by: &Official, before: Option<u64>) -> Result<Vec<Row>, StoreError> {
        let everything = by.any(&[Role::Auditor, Role::Sysadmin, Role::Moderator]).is_ok();
        let object = if everything { "" } else { "auction:" };
        store::page(self.context.db.read(), before, object, PAGE).await
    }
}
