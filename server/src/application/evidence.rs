//! The evidence of an application's confirmation by certificate or eID, for those who have to verify
//! it without this server.

use super::console::READERS;
use super::error::Error;
use super::service::Service;
use super::store;
use crate::audit::{Action, Principal};
use crate::db::StoreError;
use crate::identity::{EvidenceFile, Official};
use serde_json::json;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::signing::SignedPayload as _;

/// The name of the package in its file.
const DOCUMENT: &str = "application.txt";

/// The name under which an application's evidence is kept.
pub(super) fn object(id: ApplicationId) -> String {
    format!("application:{id}")
}

impl Service {
    /// Returns `true` if a certificate or eID has confirmed the application.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Identity`].
    pub async fn has_evidence(&self, id: ApplicationId) -> Result<bool, Error> {
        Ok(self.identity.has_evidence(self.context.db.read(), &object(id)).await?)
    }

    /// The package in a file with all that it takes to verify its confirmation. The access is
    /// recorded.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if neither a certificate nor eID has confirmed
    /// it.
    pub async fn evidence(&self, by: &Official, id: ApplicationId) -> Result<EvidenceFile, Error> {
        by.any(&READERS)?;
        let txn = self.context.db.begin().await?;
        let stored = store::find(&txn, id).await?.ok_or(StoreError::NotFound)?;
        let auction = self.catalogue.auction(&txn, stored.application.auction).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &READERS, Some(organisation))?;
        let evidence = self.identity.evidence(&txn, &object(id)).await?;
        let evidence = evidence.ok_or(StoreError::NotFound)?;
        let package = self.package(&txn, &stored).await?.canonical();
        // What follows takes its time, and others have to write.
        self.context.db.commit(txn).await?;
        let file = evidence.file(DOCUMENT.to_owned(), package).await?;
        let txn = self.context.db.begin().await?;
        self.record(&txn, actor, Action::ApplicationEvidence, id, json!({})).await?;
        self.context.db.commit(txn).await?;
        Ok(file)
    }
}
