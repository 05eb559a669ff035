//! Merging what phones send.

use crate::Shared;
use crate::db::{StoreError, Txn};
use crate::identity::Bidder;
use std::sync::Arc;
use toruk_sync::domain::id::{AuctionId, DraftId, PersonId};
use toruk_sync::draft::{DeltaFault, DraftState};
use toruk_sync::protocol::sync::DraftView;

/// Why a part was not merged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Fault(#[from] DeltaFault),
    /// The draft was closed by an application.
    #[error("the draft is closed")]
    Closed,
    #[error(transparent)]
    Store(#[from] StoreError),
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
    pub async fn merge(
        &self,
        txn: &Txn,
        by: &Bidder,
        draft: DraftId,
        auction: AuctionId,
        part: &DraftState,
    ) -> Result<DraftState, Error> {
        todo!()
    }
    pub async fn close(&self, txn: &Txn, draft: DraftId) -> Result<(), StoreError> {
        todo!()
    }
    pub async fn of(&self, person: PersonId) -> Result<Vec<DraftView>, StoreError> {
        todo!()
    }
}
