//! What is published of a lot: the copy for the notice, and that nothing of it changes afterwards.
//!
//! # Why a lot is frozen from its submission on, and until a failure
//! The second person publishes what they have read. After that the notice stands: a correction
//! comes as a proposal of two officials, by [`Service::correct`]. An auction that failed or was
//! cancelled frees its lot, because the next attempt may have to describe it better; its own pages
//! go on showing the lot as its log has it.

use super::rows::{DocumentRow, Sellers};
use super::service::{Error, Service, acting_for, sellers};
use super::store::{self, StoredLot, published};
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use toruk_sync::domain::id::{LotId, PersonId};
use toruk_sync::domain::lot::{LotDocument, PublishedLot};

/// A lot as its notice would publish it now.
#[derive(Debug, Clone)]
pub struct Publishable {
    /// The facts and documents.
    pub lot: PublishedLot,
    /// The organisations that hold and sell it, if they are known.
    pub sellers: Option<Sellers>,
}

impl Service {
    /// The lot as it would be published now; it does not change until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn publishable(&self, txn: &Txn, id: LotId) -> Result<Publishable, StoreError> {
        let stored = published::lock_lot(txn, id).await?;
        let documents = store::documents(txn, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(Publishable { sellers: sellers(&stored), lot: published(stored, documents) })
    }

    /// Replaces the facts and documents of a lot by those of an approved correction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn correct(
        &self,
        txn: &Txn,
        by: PersonId,
        lot: &PublishedLot,
    ) -> Result<(), StoreError> {
        let (id, now) = (lot.facts.id, self.now());
        published::replace_facts(txn, &lot.facts).await?;
        let known = store::documents(txn, &[id]).await?.remove(&id).unwrap_or_default();
        let is_in = |known: &[String], sha256: &str| known.iter().any(|other| other == sha256);
        let wanted: Vec<String> = lot.documents.iter().map(|doc| doc.sha256.clone()).collect();
        let had: Vec<String> = known.into_iter().map(|doc| doc.sha256).collect();
        let dropped: Vec<String> = had.iter().filter(|old| !is_in(&wanted, old)).cloned().collect();
        published::delete_documents(txn, id, &dropped).await?;
        for document in lot.documents.iter().filter(|new| !is_in(&had, &new.sha256)) {
            let row_id = self.context.ports.ids.uuid();
            store::insert_document(txn, row_id, id, &row(document), by.0, now).await?;
        }
        Ok(())
    }

    /// A lot that this organiser may change, locked until the transaction ends.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Frozen`], [`StoreError::NotFound`].
    pub(super) async fn changeable(
        &self,
        txn: &Txn,
        by: &Official,
        id: LotId,
    ) -> Result<StoredLot, Error> {
        let stored = published::lock_lot(txn, id).await?;
        by.any_in(&[Role::Organiser], acting_for(by, &[Role::Organiser], &stored))?;
        if published::frozen_lots(txn, &[id]).await?.contains(&id) {
            return Err(Error::Frozen);
        }
        Ok(stored)
    }
}

/// The public part of a lot with its documents.
fn published(lot: StoredLot, documents: Vec<DocumentRow>) -> PublishedLot {
    let document = |row: DocumentRow| LotDocument {
        title: row.title,
        mime: row.mime,
        sha256: row.sha256,
        size_bytes: row.size_bytes,
    };
    PublishedLot { facts: lot.view, documents: documents.into_iter().map(document).collect() }
}

pub(super) fn row(document: &LotDocument) -> DocumentRow {
    DocumentRow {
        title: document.title.clone(),
        mime: document.mime.clone(),
        sha256: document.sha256.clone(),
        size_bytes: document.size_bytes,
    }
}
