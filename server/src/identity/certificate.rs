//! The door of certificates (ЭЦП): signing in, and recovering an account, by a detached signature
//! over a challenge.
//!
//! # Why the challenge is not a document's
//! It begins with its purpose and carries its ceremony, sealed, as a passkey's does: what was signed
//! to sign in confirms nothing, and what was signed to confirm signs nobody in.
//!
//! # Which refusals are recorded
//! Anybody can send a signature that leads nowhere; those are counted and logged, and not stored.
//! Once a chain leads to an accepted root there is somebody who made it: from then on a refusal is
//! in the audit trail, with its reason and the certificate's hash, and the challenge is spent.

use super::ceremony::{Ceremony, SingleUse};
use super::devices::OfferedDevice;
use super::firm::TAX_REGISTER;
use super::proven::{ProvenIdentity, ProvenOrganisation, Provider};
use super::service::{Error, Returned, Service};
use crate::audit::{Action, Entry, Principal};
use crate::db::StoreError;
use crate::signature::cms::{
    CHALLENGE_AGE_MAX, CertificateSignature, CertificateSubject, Certificates, SignatureRefusal,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use toruk_sync::protocol::identity::{Challenge, Session};
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate, SignatureFault,
};
use uuid::Uuid;

/// Longest challenge that comes back, in characters of base64.
const CHALLENGE_CHARS_MAX: usize = 4_096;

impl Service {
    /// Starts a sign-in by certificate. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Signature`] if this server accepts no certificates.
    pub async fn start_certificate_sign_in(&self) -> Result<CertificateChallenge, Error> {
        self.context.disk.has_room().map_err(StoreError::from)?;
        self.certificate_challenge(Ceremony::CertificateSignIn)
    }

    /// Signs a phone in by a signed challenge; a person who is new here gets an account.
    ///
    /// # Errors
    /// [`Error::Signature`]; [`Error::CeremonyFailed`] for a challenge that is late, another's or
    /// was answered; [`Error::Identity`]; and for the phone as [`Service::finish_sign_in`].
    pub async fn finish_certificate_sign_in(
        &self,
        request: FinishCertificate,
    ) -> Result<Session, Error> {
        self.accepted_certificates()?;
        let FinishCertificate { ceremony, challenge, signature, device, proof } = request;
        let device = OfferedDevice::proved_by(&device, ceremony, Some(&proof))?;
        let purpose = Ceremony::CertificateSignIn;
        let (single, signed) =
            self.signed_challenge(ceremony, &challenge, &signature, &purpose).await?;
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let proven = proven(&signed.subject);
        let outcome = self.sign_in_proven(&txn, &proven, &device).await;
        let concluded = self.conclude(single, txn, outcome).await;
        self.lately.forget();
        self.record_refusal(&proven, concluded).await
    }

    /// Starts the proof of somebody who has lost their passkeys.
    ///
    /// # Errors
    /// As [`Self::start_certificate_sign_in`].
    pub async fn start_certificate_recovery(&self) -> Result<CertificateChallenge, Error> {
        self.context.disk.has_room().map_err(StoreError::from)?;
        self.certificate_challenge(Ceremony::CertificateRecovery)
    }

    /// Starts the registration of a passkey of the account whose owner has signed the challenge; it
    /// is finished by [`Service::finish_recovery`].
    ///
    /// # Errors
    /// As [`Self::finish_certificate_sign_in`]; [`super::IdentityFault::NoAccount`] if there is
    /// none.
    pub async fn start_recovery_by_certificate(
        &self,
        request: ProveByCertificate,
    ) -> Result<Challenge, Error> {
        let ProveByCertificate { ceremony, challenge, signature } = request;
        let purpose = Ceremony::CertificateRecovery;
        let (single, signed) =
            self.signed_challenge(ceremony, &challenge, &signature, &purpose).await?;
        let (txn, ()) = self.finish(single, Ok(())).await?;
        let proven = proven(&signed.subject);
        let outcome = self.known_bidder(&txn, &proven).await;
        let concluded = self.conclude(single, txn, outcome).await;
        let person = self.record_refusal(&proven, concluded).await?;
        self.start_recovery(person).await
    }

    /// The verifier of certificates.
    ///
    /// # Errors
    /// [`SignatureFault::NotAccepted`].
    pub(super) fn accepted_certificates(&self) -> Result<&Certificates, SignatureRefusal> {
        let certificates = self.certificates.as_deref();
        Ok(certificates.ok_or(SignatureFault::NotAccepted)?)
    }

    fn certificate_challenge(&self, ceremony: Ceremony) -> Result<CertificateChallenge, Error> {
        self.accepted_certificates()?;
        let (ceremony, challenge) = self.open_bytes(ceremony);
        Ok(CertificateChallenge { ceremony, challenge: STANDARD.encode(challenge) })
    }

    /// Verifies the signature over a challenge of this server, made for `purpose`.
    async fn signed_challenge(
        &self,
        id: Uuid,
        challenge: &str,
        signature: &str,
        purpose: &Ceremony,
    ) -> Result<(SingleUse, CertificateSignature), Error> {
        let certificates = self.accepted_certificates()?;
        let challenge = Some(challenge).filter(|text| text.len() <= CHALLENGE_CHARS_MAX);
        let challenge = challenge.and_then(|text| STANDARD.decode(text).ok());
        let challenge = challenge.ok_or(Error::CeremonyFailed)?;
        let Returned { ceremony, challenge, single } = self.returned_bytes(id, challenge)?;
        if ceremony != *purpose {
            return Err(Error::CeremonyFailed);
        }
        let (now, age_max) = (self.now(), CHALLENGE_AGE_MAX);
        match certificates.verify(&challenge, signature, (now, now), age_max).await {
            Ok(signed) => Ok((single, signed)),
            Err(refusal) => Err(self.refuse_challenge(single, refusal).await?),
        }
    }

    /// Counts a refusal; records it, and spends the challenge, if somebody answers for it.
    async fn refuse_challenge(
        &self,
        single: SingleUse,
        refusal: SignatureRefusal,
    ) -> Result<Error, Error> {
        count(&refusal);
        // Asked again later, the same signature may count.
        let is_open = refusal.fault == SignatureFault::RevocationUnknown;
        if let Some(signer) = &refusal.signer {
            let txn = self.context.db.begin().await?;
            if is_open || self.spend(&txn, single).await? {
                let entry = Entry {
                    actor: Principal::System,
                    action: Action::SignatureRefuse,
                    object: format!("certificate:{signer}"),
                    detail: json!({ "fault": refusal.fault, "oid": refusal.oid }),
                };
                match is_open {
                    true => self.audit.record_once(&txn, entry).await?,
                    false => self.audit.record(&txn, entry).await?,
                }
                self.context.db.commit(txn).await?;
            }
        }
        Ok(refusal.into())
    }
}

/// The claims of a certificate, as those of each door are handled.
pub(super) fn proven(subject: &CertificateSubject) -> ProvenIdentity {
    let organisation = subject.firm.as_ref().map(|firm| ProvenOrganisation {
        scheme: TAX_REGISTER.to_owned(),
        identifier: firm.identifier.clone(),
        name: firm.name.clone(),
    });
    ProvenIdentity {
        provider: Provider::Certificate,
        issuer: subject.issuer.clone(),
        // A renewed certificate has another serial number and maybe another name; the person stays.
        subject: subject.pin.digits().to_owned(),
        pin: Some(subject.pin.clone()),
        name: subject.name.clone(),
        organisation,
    }
}

/// Counts a refusal by its reason.
pub(super) fn count(refusal: &SignatureRefusal) {
    let fault = refusal.fault.key();
    tracing::info!(fault, oid = refusal.oid.as_deref(), "a signature by certificate is refused");
    metrics::counter!("toruk_signature_refusals_total", "fault" => fault).increment(1);
}
