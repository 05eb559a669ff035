//! Notices become outbox rows in the transaction, and pushes after it.

use crate::Shared;
use crate::db::{StoreError, Txn};
use std::sync::Arc;
use toruk_sync::domain::id::{AuctionId, PersonId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::Timestamp;

/// Why pushing failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One person to be told one thing.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    pub person: PersonId,
    pub kind: NoticeKind,
    pub auction: AuctionId,
    /// The log's length.
    pub seq: u64,
    pub expires_at: Timestamp,
}

#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

#[allow(unused_variables, clippy::todo)]
impl Service {
    pub fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: shared.clone() }
    }
    /// Writes notifications and outbox rows inside the caller's transaction.
    pub async fn tell(&self, txn: &Txn, tellings: &[Telling]) -> Result<(), StoreError> {
        todo!()
    }
    /// One round of the outbox worker: sends what is due, drops what expired or was overtaken by a newer one of the same person and auction. Returns how many pushes were handed over.
    pub async fn deliver(&self) -> Result<usize, Error> {
        todo!()
    }
}
