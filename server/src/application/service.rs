//! Deciding what phones deliver, and what moderators do with applications.

use crate::Shared;
use crate::db::{StoreError, Txn};
use crate::identity::{Bidder, Official};
use crate::{audit, blob, catalogue, draft, identity, push};
use std::collections::BTreeMap;
use std::sync::Arc;
use toruk_sync::domain::application::{Application, Rejection};
use toruk_sync::domain::auction::{Auction, Event};
use toruk_sync::domain::id::{ApplicationId, AuctionId, PersonId};
use toruk_sync::protocol::sync::{Push, PushReply};
use toruk_sync::snapshot::ApplicationPackage;

/// Why applications refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("forbidden")]
    Forbidden,
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("too many operations in one push")]
    TooManyOps,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An application in the moderator's queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    pub application: Application,
    /// Masked: the last characters of the id; names open only on the detail page.
    pub number: String,
    pub auction_number: String,
    pub deposit_paid: bool,
    pub files: usize,
}

/// An application with what it says.
#[derive(Debug, Clone)]
pub struct Detail {
    pub application: Application,
    pub package: ApplicationPackage,
    pub person_name: String,
}

#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

#[allow(unused_variables, clippy::todo, clippy::too_many_arguments)]
impl Service {
    pub fn new(
        shared: &Arc<Shared>,
        identity: identity::Service,
        catalogue: catalogue::Service,
        drafts: draft::Service,
        blobs: blob::Service,
        push: push::Service,
        audit: audit::Service,
    ) -> Self {
        Self { shared: shared.clone() }
    }
    /// Decides delivered operations in order, each once (`device.next_op_no`, op_receipt, intake_journal first).
    pub async fn push(&self, by: &Bidder, push: Push) -> Result<PushReply, Error> {
        todo!()
    }
    /// A person's applications, newest first (used by feed).
    pub async fn of(&self, person: PersonId) -> Result<Vec<Application>, Error> {
        todo!()
    }
    pub async fn get(
        &self,
        txn: &Txn,
        id: ApplicationId,
    ) -> Result<(Application, PersonId), StoreError> {
        todo!()
    }
    /// Those eligible in an auction (used by auction's tick).
    pub async fn eligible(
        &self,
        txn: &Txn,
        auction: AuctionId,
    ) -> Result<Vec<(ApplicationId, PersonId)>, StoreError> {
        todo!()
    }
    /// Marks a deposit paid at `paid_at`, inside the deposit's transaction.
    pub async fn deposit_paid(
        &self,
        txn: &Txn,
        id: ApplicationId,
        paid_at: toruk_sync::domain::time::Timestamp,
    ) -> Result<(), Error> {
        todo!()
    }
    /// Applies an auction's events to its applications (conclusions, terms changed); `numbers` maps applications to bidder numbers.
    pub async fn follow(
        &self,
        txn: &Txn,
        before: &Auction,
        events: &[Event],
        numbers: &BTreeMap<ApplicationId, toruk_sync::domain::id::BidderNo>,
    ) -> Result<(), StoreError> {
        todo!()
    }
    // --- console
    pub async fn queue(
        &self,
        by: &Official,
        auction: Option<AuctionId>,
    ) -> Result<Vec<QueueRow>, Error> {
        todo!()
    }
    pub async fn detail(&self, by: &Official, id: ApplicationId) -> Result<Detail, Error> {
        todo!()
    }
    /// Content of a file of an application, for moderators; the act is audited.
    pub async fn file(
        &self,
        by: &Official,
        id: ApplicationId,
        sha256: &str,
    ) -> Result<(toruk_sync::draft::FileRef, Vec<u8>), Error> {
        todo!()
    }
    pub async fn admit(&self, by: &Official, id: ApplicationId) -> Result<(), Error> {
        todo!()
    }
    pub async fn refuse(
        &self,
        by: &Official,
        id: ApplicationId,
        reason: &str,
    ) -> Result<(), Error> {
        todo!()
    }
}
