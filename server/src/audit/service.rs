//! Records acts and shows them to auditors.

use super::entry::{Entry, Row};
use super::store;
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use std::sync::Arc;

/// Rows of one page.
pub const PAGE: u64 = 50;

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
