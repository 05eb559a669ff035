//! An official's confirmation by certificate (ЭЦП).
//!
//! # Why the first certificate says who an official is
//! A console session is opened by a passkey, which an administrator's invitation has bound to the
//! account, and proves no personal number (ПИН). The first certificate that this account signs with
//! does: it is linked, on record, and from then on only its owner's certificates count here. The
//! number also shows where the official is an applicant. An account keeps the name that it was
//! invited under, and the two names are not compared: cards are written in another order, and in
//! another script. Who steals a session and has any accepted certificate can therefore be the first
//! to sign with it, on record under the certificate's number.

use super::certificate::proven;
use super::confirmation::{Confirmed, NotConfirmed};
use super::service::{Error, Service};
use crate::signature::cms::DOCUMENT_AGE_MAX;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload;

impl Service {
    /// As [`Service::confirm`], for an official whose number may not be known yet.
    ///
    /// # Errors
    /// [`NotConfirmed`]; an [`Error::Identity`] in it if the certificate is another official's.
    pub async fn confirm_as_official(
        &self,
        official: PersonId,
        package: &impl SignedPayload,
        confirmation: &Confirmation,
        arrived: Timestamp,
    ) -> Result<Confirmed, NotConfirmed> {
        if let Confirmation::Cms { signature } = confirmation {
            let db = self.context.db.read();
            let known = self.pin_hash_of(db, official).await.map_err(Error::from)?;
            if known.is_none() {
                let (content, moments) = (package.canonical(), (arrived, self.now()));
                let signed = self
                    .accepted_certificates()?
                    .verify(&content, signature, moments, DOCUMENT_AGE_MAX)
                    .await?;
                let txn = self.context.db.begin().await.map_err(Error::from)?;
                self.link(&txn, official, &proven(&signed.subject)).await?;
                self.context.db.commit(txn).await.map_err(Error::from)?;
            }
        }
        self.confirm(official, package, confirmation, arrived).await
    }

    /// Returns `true` if this server accepts certificates.
    pub fn accepts_certificates(&self) -> bool {
        self.certificates.is_some()
    }
}
