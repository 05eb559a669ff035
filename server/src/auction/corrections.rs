//! A correction of the lot after publication: one official writes it, a second one approves it as
//! a proposal (A2), and applicants confirm again.

use super::service::{Error, Service};
use super::store;
use crate::catalogue;
use crate::catalogue::import::{DESCRIPTION_CHARS_MAX, TITLE_CHARS_MAX};
use crate::catalogue::lot_intake::DOCUMENTS_MAX;
use crate::db::StoreError;
use crate::identity::{Official, Role};
use toruk_sync::domain::auction::{Offer, Rejection};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::domain::lot::PublishedLot;
use toruk_sync::domain::proposal::JointAct;
use toruk_sync::signing::seal_lot;

/// What an organiser wants corrected. The holder and the kind of the lot stay: with others it is
/// another auction.
#[derive(Debug, Clone, Default)]
pub struct Correction {
    /// The terms; `None` leaves them as they are.
    pub offer: Option<Offer>,
    pub title: Text,
    pub description: Text,
    /// Documents that are no longer valid, by their hashes.
    pub dropped: Vec<String>,
    /// Title and content of a new document.
    pub added: Option<(String, Vec<u8>)>,
}

impl Service {
    /// Proposes a correction to a second official.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NothingToCorrect`]; [`Error::Catalogue`] for an invalid text
    /// or document; [`Error::Rejected`] when it could not be approved now.
    pub async fn propose_correction(
        &self,
        by: &Official,
        id: AuctionId,
        correction: Correction,
    ) -> Result<(), Error> {
        by.any(&[Role::Organiser])?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        by.any_in(&[Role::Organiser], Some(auction.birth.procuring_entity))?;
        let is_correctable = auction.terms.as_ref().is_some_and(|terms| terms.lot_hash.is_some());
        if !is_correctable {
            return Err(Rejection::WrongState.into());
        }
        if !correction.title.is_complete() {
            return Err(catalogue::Error::Malformed("a title in Kyrgyz or Russian").into());
        }
        let title = correction.title.as_lines(TITLE_CHARS_MAX);
        let title = title.map_err(catalogue::Error::from)?;
        let description = correction.description.as_paragraphs(DESCRIPTION_CHARS_MAX);
        let description = description.map_err(catalogue::Error::from)?;
        let added = match &correction.added {
            Some((title, content)) => Some(self.catalogue.keep_document(title, content).await?),
            None => None,
        };
        let txn = self.context.db.begin().await?;
        let locked = store::lock(&txn, id).await?;
        let birth = &locked.auction.birth;
        let known = self.catalogue.publishable(&txn, birth.lot).await?.lot;
        let mut lot = known.clone();
        lot.facts.title = title;
        lot.facts.description = description;
        lot.documents.retain(|document| !correction.dropped.contains(&document.sha256));
        lot.documents.extend(added);
        check_documents(&lot)?;
        let offer = correction.offer.unwrap_or_else(|| birth.offer.clone());
        if lot == known && offer == birth.offer {
            return Err(Error::NothingToCorrect);
        }
        let act = JointAct::Correct { offer, lot: seal_lot(lot) };
        self.propose_within(txn, locked, by, act).await?;
        Ok(())
    }
}

fn check_documents(lot: &PublishedLot) -> Result<(), Error> {
    if lot.documents.len() > DOCUMENTS_MAX {
        return Err(catalogue::Error::TooManyDocuments.into());
    }
    let mut hashes: Vec<&str> = lot.documents.iter().map(|doc| doc.sha256.as_str()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let is_unique = hashes.len() == lot.documents.len();
    if is_unique { Ok(()) } else { Err(StoreError::Conflict.into()) }
}
