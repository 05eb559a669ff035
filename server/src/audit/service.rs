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

/// An act.
#[derive(Debug, Clone)]
pub struct Entry {
    /// In whose name.
    pub actor: Principal,
    /// The kind of act.
    pub action: Action,
    /// On what, such as `auction:<id>`.
    pub object: String,
    /// What else is worth knowing. No personal data.
    pub detail: Value,
}

/// An act that was recorded.
#[derive(Debug, Clone)]
pub struct Row {
    /// Position, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who; `None` is the system.
    pub actor: Option<PersonId>,
    /// In which role.
    pub role: String,
    /// What.
    pub action: String,
    /// On what.
    pub object: String,
    /// What else, JSON.
    pub detail: String,
    /// Link of the chain, hex.
    pub hash: String,
}

/// The audit trail.
#[derive(Clone)]
pub struct Service {
    context: Arc<Context>,
}

impl Service {
    /// Over this database.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone() }
    }

    /// Records an act in the transaction that does it: neither is without the other.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, txn: &Txn, entry: Entry) -> Result<(), StoreError> {
        store::append(txn, &entry, self.context.ports.clock.now()).await
    }

    /// A page of acts before `before`, the newest first. An organiser sees auctions' acts,
    /// auditors and administrators all.
    ///
    /// # Errors
    /// [`StoreError`]; nothing for officials without one of these roles.
    pub async fn page(&self, by: &Official, before: Option<u64>) -> Result<Vec<Row>, StoreError> {
        let everything = by.any(&[Role::Auditor, Role::Sysadmin, Role::Moderator]).is_ok();
        let object = if everything { "" } else { "auction:" };
        store::page(self.context.db.read(), before, object, PAGE).await
    }
}
