//! A person's confirmation of a package: by one of their passkeys, by their certificate, or by eID.

use super::ceremony::SingleUse;
use super::certificate::count;
use super::service::{Error, Service};
use crate::signature::cms::{CertificateSignature, DOCUMENT_AGE_MAX, SignatureRefusal};
use crate::signature::{self, BadSignature};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::protocol::signature::SignatureFault;
use toruk_sync::signing::SignedPayload;

/// A confirmation that holds.
#[derive(Clone)]
pub struct Confirmed {
    pub method: ConfirmationMethod,
    /// A signature by certificate, with its chain and its issuers' answers.
    pub certificate: Option<Box<CertificateSignature>>,
    /// Set for a confirmation that counts once.
    pub(super) single: Option<SingleUse>,
}

/// The reason why a person has not confirmed a package.
#[derive(Debug, thiserror::Error)]
pub enum NotConfirmed {
    /// Not by one of their passkeys.
    #[error(transparent)]
    Passkey(#[from] BadSignature),
    /// Not by a certificate that counts, or not by theirs.
    #[error(transparent)]
    Certificate(#[from] SignatureRefusal),
    /// By eID, and its time has passed.
    #[error("the confirmation has expired")]
    Expired,
    /// The person's keys can't be read.
    #[error(transparent)]
    Identity(#[from] Error),
}

impl Service {
    /// Verifies that `person` has confirmed exactly this package, in a message that arrived at
    /// `arrived`.
    ///
    /// # Why the number decides whose certificate it is
    /// A certificate may be new to this server and its owner known, by another door: the personal
    /// number (ПИН) is what both have. An account that no door has proven has none, and signs by
    /// certificate only after it was proven.
    ///
    /// # Errors
    /// [`NotConfirmed`].
    pub async fn confirm(
        &self,
        person: PersonId,
        package: &impl SignedPayload,
        confirmation: &Confirmation,
        arrived: Timestamp,
    ) -> Result<Confirmed, NotConfirmed> {
        let signature = match confirmation {
            Confirmation::Cms { signature } => signature,
            Confirmation::Eid { seal } => {
                let digest = package.digest();
                let single = self.opened_confirmation(person, &digest, seal, arrived)?;
                let (method, single) = (ConfirmationMethod::Eid, Some(single));
                return Ok(Confirmed { method, certificate: None, single });
            }
            Confirmation::Passkey { .. } => {
                let passkeys = self.passkeys(person).await?;
                let config = &self.context.config;
                let method = signature::verify(config, &passkeys, package, confirmation)?;
                return Ok(Confirmed { method, certificate: None, single: None });
            }
        };
        let signed = self.signed_by(person, &package.canonical(), signature, arrived).await;
        let signed = signed.inspect_err(|error| {
            if let NotConfirmed::Certificate(refusal) = error {
                count(refusal);
            }
        })?;
        let certificate = Some(Box::new(signed));
        Ok(Confirmed { method: ConfirmationMethod::Eds, certificate, single: None })
    }

    async fn signed_by(
        &self,
        person: PersonId,
        content: &[u8],
        signature: &str,
        arrived: Timestamp,
    ) -> Result<CertificateSignature, NotConfirmed> {
        let moments = (arrived, self.now());
        let signed = self
            .accepted_certificates()?
            .verify(content, signature, moments, DOCUMENT_AGE_MAX)
            .await?;
        let known = self.pin_hash_of(self.context.db.read(), person).await.map_err(Error::from)?;
        if known != Some(self.hashed_pin(&signed.subject.pin)) {
            return Err(SignatureRefusal::from(SignatureFault::OtherPerson).into());
        }
        self.keep_lists(&signed).await.map_err(Error::from)?;
        Ok(signed)
    }
}
