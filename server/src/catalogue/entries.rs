//! Entries of the catalogue that are missing or half empty: they are written again.
//!
//! # Why not at the start alone
//! While servers are updated one by one, one that does not know the table publishes and changes
//! auctions beside those that do, and a bid may come while its auction's entry is written.
//!
//! # Why a damaged row stops nothing
//! An auction that can't be read has no entry, and is reported; it must keep nobody from the
//! others.

use super::pulled::with_lots;
use super::service::Service;
use super::store::{self, listing};
use crate::db::StoreError;
use toruk_sync::domain::id::AuctionId;

/// Auctions of one transaction.
const AT_ONCE: u64 = 500;
/// Most transactions of one round. What is left is written in the next one.
const BATCHES_MAX: usize = 200;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompletedEntries {
    /// Entries that were written.
    pub written: u64,
    /// Published auctions that can't be read, and so have no entry.
    pub damaged: u64,
}

impl Service {
    /// Writes the entries that are missing or half empty, or that a server of another version left
    /// behind its auction. Several nodes may do it at once. Auctions that can't be read are left out,
    /// logged and counted in `toruk_catalogue_damaged`.
    ///
    /// # Errors
    /// [`StoreError`] if the database is busy or away.
    pub async fn complete_entries(&self) -> Result<CompletedEntries, StoreError> {
        let (mut completed, mut last) = (CompletedEntries::default(), None);
        for _ in 0..BATCHES_MAX {
            let ids = listing::outdated(self.context.db.read(), last, AT_ONCE).await?;
            let Some(end) = ids.last() else { break };
            last = Some(*end);
            match self.put_entries(&ids).await {
                Ok(()) => completed.written += ids.len() as u64,
                Err(error) if is_passing(&error) => return Err(error),
                Err(_) => self.put_one_by_one(&ids, &mut completed).await?,
            }
        }
        metrics::gauge!("toruk_catalogue_damaged").set(completed.damaged as f64);
        Ok(completed)
    }

    /// Writes the entries of those that can be read, and counts them all.
    async fn put_one_by_one(
        &self,
        ids: &[AuctionId],
        completed: &mut CompletedEntries,
    ) -> Result<(), StoreError> {
        for id in ids {
            match self.put_entries(&[*id]).await {
                Ok(()) => completed.written += 1,
                Err(error) if is_passing(&error) => return Err(error),
                Err(error) => {
                    tracing::error!(auction = %id, %error, "no entry in the catalogue");
                    completed.damaged += 1;
                }
            }
        }
        Ok(())
    }

    async fn put_entries(&self, ids: &[AuctionId]) -> Result<(), StoreError> {
        let txn = self.context.db.begin().await?;
        let loaded = store::published_by_id(&txn, ids).await?;
        listing::put(&txn, &with_lots(&txn, loaded).await?).await?;
        self.context.db.commit(txn).await
    }
}

/// Returns `true` for what says nothing about a row.
fn is_passing(error: &StoreError) -> bool {
    !matches!(error, StoreError::Damaged { .. } | StoreError::NotFound)
}
