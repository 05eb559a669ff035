//! Drafts as other features use them; parts from phones are merged in `merging`. The operation that
//! delivers one checks that the auction is public.

use super::store::{self, StoredDraft};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::person_texts::TextColumn;
use sea_orm::ConnectionTrait;
use std::sync::Arc;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::{AuctionId, DraftId, PersonId};
use toruk_sync::draft::{DeltaFault, Draft, DraftState, Followed, draft_id};
use toruk_sync::protocol::limits::PAGE_MAX;
use toruk_sync::protocol::operations::DraftView;

/// Longest draft as stored, in bytes of JSON.
pub const DRAFT_BYTES_MAX: usize = 1024 * 1024;

/// The reason why a part was not merged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The part breaks a rule of drafts.
    #[error(transparent)]
    Fault(#[from] DeltaFault),
    /// The draft was closed by an application.
    #[error("the draft is closed")]
    Closed,
    /// The id is not that of this person's draft for this auction.
    #[error("there is no such draft of this person")]
    NotFound,
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How near a person is to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// No auction takes applications, or will.
    Nothing,
    /// There is one, and the person has no draft for it.
    Auction,
    /// The person has a draft for one, open or submitted.
    Draft,
}

/// Drafts of applications.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
}

impl Service {
    /// Builds on this database.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone() }
    }

    /// The person's draft for an auction, within a transaction, open or closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, txn: &Txn, draft: DraftId) -> Result<Option<Draft>, StoreError> {
        let known = Vec::from_iter(store::find(txn, draft).await?);
        Ok(self.opened(txn, known).await?.pop().map(|known| Draft::from(&known.state)))
    }

    /// Closes the person's draft for an auction: it became an application. A draft that never
    /// arrived is closed as well, because a late part of it would open it again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close(
        &self,
        txn: &Txn,
        person: PersonId,
        auction: AuctionId,
    ) -> Result<(), StoreError> {
        let (id, now) = (draft_id(person, auction), self.context.ports.clock.now());
        if store::find(txn, id).await?.is_none() {
            let view = DraftView { id, auction, state: DraftState::default() };
            let text = serde_json::to_string(&view.state).map_err(StoreError::damaged("draft"))?;
            store::insert(txn, &view, person, text, now).await?;
        }
        store::set_closed(txn, &[id], true, now).await
    }

    /// Reopens drafts whose applications were withdrawn or must be signed again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reopen(&self, txn: &Txn, drafts: &[DraftId]) -> Result<(), StoreError> {
        store::set_closed(txn, drafts, false, self.context.ports.clock.now()).await
    }

    /// The auctions a person follows; empty by default.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn followed(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
    ) -> Result<Option<Followed>, StoreError> {
        store::followed(db, person).await
    }

    /// Forgets what a person wrote and follows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, txn: &Txn, person: PersonId) -> Result<(), StoreError> {
        store::remove_all(txn, person).await
    }

    /// A person's open drafts for these auctions, within a transaction or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn in_auctions(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        auctions: &[AuctionId],
    ) -> Result<Vec<DraftView>, StoreError> {
        let ids: Vec<DraftId> = auctions.iter().map(|auction| draft_id(person, *auction)).collect();
        self.opened(db, store::open(db, &ids).await?).await
    }

    /// How near a person is to an application.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prospect(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
    ) -> Result<Prospect, StoreError> {
        const OPEN: [Status; 2] = [Status::Rectification, Status::Tendering];
        if store::has_any_in(db, person, &OPEN).await? {
            return Ok(Prospect::Draft);
        }
        let is_open = store::is_any_auction_in(db, &OPEN).await?;
        Ok(if is_open { Prospect::Auction } else { Prospect::Nothing })
    }

    /// A person's open drafts, the last edited first, at most one page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(&self, person: PersonId) -> Result<Vec<DraftView>, StoreError> {
        let db = self.context.db.read();
        self.opened(db, store::open_of(db, person, PAGE_MAX).await?).await
    }

    async fn opened(
        &self,
        db: &impl ConnectionTrait,
        stored: Vec<StoredDraft>,
    ) -> Result<Vec<DraftView>, StoreError> {
        let people: Vec<PersonId> = stored.iter().map(|stored| stored.person).collect();
        let keys = self.context.person_secrets.keys(db, &people).await?;
        let view = |stored: StoredDraft| {
            let text = keys.open(stored.person, TextColumn::Draft, &stored.text)?;
            let state = serde_json::from_str(&text).map_err(StoreError::damaged("draft"))?;
            Ok(DraftView { id: stored.id, auction: stored.auction, state })
        };
        stored.into_iter().map(view).collect()
    }
}
