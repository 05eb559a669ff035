//! The papers of a lot, for everybody who decides about it: its documents, and what they contain.
//!
//! # Why withdrawn ones stay
//! Somebody may have applied because of a document that a correction replaced later. Both are in
//! the log by their hashes, so both can be read.

use super::lot_intake::DOCUMENTS_FOLDER;
use super::rows::DocumentRow;
use super::service::{Error, LOOKERS, Service};
use super::store::published;
use crate::db::StoreError;
use crate::identity::Official;
use std::collections::BTreeMap;
use std::path::PathBuf;
use toruk_sync::domain::id::{AuctionId, LotId};
use toruk_sync::domain::lot::{LotDocument, PublishedLot};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::catalogue::PublishedDocument;

/// A document's content in the data folder, with what is known of it.
#[derive(Debug, Clone)]
pub struct Paper {
    /// The document's title.
    pub title: String,
    /// Its media type, by its first bytes.
    pub mime: String,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// The file.
    pub path: PathBuf,
}

impl Service {
    /// All documents that were published with an auction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also before publication.
    pub async fn papers(&self, id: AuctionId) -> Result<Vec<PublishedDocument>, Error> {
        self.view(id).await?;
        Ok(history(published::versions(self.context.db.read(), id).await?))
    }

    /// A document that was published with an auction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also before publication.
    pub async fn paper(&self, id: AuctionId, sha256: &str) -> Result<Paper, Error> {
        let papers = self.papers(id).await?.into_iter();
        let found = papers.rev().find(|paper| paper.sha256 == sha256);
        let PublishedDocument { title, mime, sha256, .. } = found.ok_or(StoreError::NotFound)?;
        let path = self.document_path(&sha256);
        Ok(Paper { title, mime, sha256, path })
    }

    /// A document of a lot, for officials, published or not.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`StoreError::NotFound`].
    pub async fn lot_paper(&self, by: &Official, id: LotId, sha256: &str) -> Result<Paper, Error> {
        by.any(&LOOKERS)?;
        let documents = self.lot(by, id).await?.documents.into_iter();
        let mut found = documents.filter(|document| document.sha256 == sha256);
        let DocumentRow { title, mime, sha256, .. } = found.next().ok_or(StoreError::NotFound)?;
        let path = self.document_path(&sha256);
        Ok(Paper { title, mime, sha256, path })
    }

    /// A document that another feature keeps in the data folder.
    pub fn kept_paper(&self, title: String, mime: &str, sha256: String) -> Paper {
        let path = self.document_path(&sha256);
        Paper { title, mime: mime.to_owned(), sha256, path }
    }

    /// The file of a document's content; contents with the same hash share it.
    fn document_path(&self, sha256: &str) -> PathBuf {
        self.context.config.data_dir.join(DOCUMENTS_FOLDER).join(sha256)
    }
}

/// When each document was published, and withdrawn, by the versions of the lot in their order.
fn history(versions: Vec<(Timestamp, PublishedLot)>) -> Vec<PublishedDocument> {
    let mut known: Vec<PublishedDocument> = Vec::new();
    for (at, lot) in versions {
        let mut now: BTreeMap<String, LotDocument> =
            lot.documents.iter().map(|new| (new.sha256.clone(), new.clone())).collect();
        for document in &mut known {
            let stays = now.remove(&document.sha256).is_some();
            match (stays, document.until) {
                (false, None) => document.until = Some(at),
                (true, Some(_)) => document.until = None,
                _ => {}
            }
        }
        let new = lot.documents.into_iter().filter(|document| now.contains_key(&document.sha256));
        known.extend(new.map(|document| PublishedDocument {
            title: document.title,
            mime: document.mime,
            sha256: document.sha256,
            size_bytes: document.size_bytes,
            since: at,
            until: None,
        }));
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use toruk_sync::domain::lot::LotKind;
    use toruk_sync::protocol::catalogue::LotView;
    use uuid::Uuid;

    fn lot(hashes: &[&str]) -> PublishedLot {
        let document = |sha256: &&str| LotDocument {
            title: (*sha256).to_owned(),
            mime: String::new(),
            sha256: (*sha256).to_owned(),
            size_bytes: 1,
        };
        let facts = LotView {
            id: LotId(Uuid::nil()),
            kind: LotKind::Land,
            title: Default::default(),
            description: Default::default(),
            area: None,
            address: BTreeMap::new(),
            cadastral_number: None,
            lot_holder: Default::default(),
            synthetic: false,
        };
        PublishedLot { facts, documents: hashes.iter().map(document).collect() }
    }

    #[test]
    fn a_withdrawn_document_stays_with_its_end() {
        let versions = [(1, lot(&["a", "b"])), (5, lot(&["b", "c"])), (9, lot(&["a", "c"]))];
        let shown = history(versions.map(|(at, lot)| (Timestamp(at), lot)).into());
        let shown: Vec<_> = shown
            .iter()
            .map(|shown| (shown.sha256.as_str(), shown.since.0, shown.until.map(|at| at.0)))
            .collect();
        assert_eq!(shown, [("a", 1, None), ("b", 1, Some(9)), ("c", 5, None)]);
    }
}
