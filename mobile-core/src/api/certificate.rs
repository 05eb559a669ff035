//! Acts that a person confirms by certificate (ЭЦП) instead of a passkey, and the door that it opens.

use super::Core;
use super::application::SubmitStatus;
use super::confirm_by::ConfirmBy;
use super::records::Account;
use crate::driver::http::ApiRequest;
use crate::engine::request_kind::RequestKind;
use crate::error::CoreError;
use crate::platform::{CertificateSigner, SignerError, SigningPurpose, SigningRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use toruk_sync::protocol::identity::{ChallengePurpose, Session};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate, SIGNATURE_BYTES_MAX,
};
use toruk_sync::signing::SignedPayload;

#[uniffi::export(async_runtime = "tokio")]
impl Core {
    /// Signs in by a certificate, by `Platform.certificates`. A person who is new to the server gets
    /// an account, without a passkey.
    ///
    /// # Errors
    /// `signer_missing` without a signer of the platform; `cancelled`, `signer_unavailable`,
    /// `signer_failed`; `signature_refused` with `fault` if the server does not accept the signature;
    /// `another_account` if this phone belongs to another person; otherwise as `register`.
    pub async fn sign_in_by_certificate(&self) -> Result<Account, CoreError> {
        let signer = self.signer()?;
        let (purpose, path) = (ChallengePurpose::CertificateSignIn, "/v1/sessions/certificate");
        let (asked, signature) =
            self.signed_challenge(&signer, path, (purpose, SigningPurpose::SignIn)).await?;
        let CertificateChallenge { ceremony, challenge } = asked;
        self.new_device_if_taken()?;
        let device = self.device()?;
        // Signing in hardware may be slow, so it runs off the runtime's threads.
        let (device, proof) = self.driver.blocking(move || device.proof(ceremony)).await??;
        let finish = FinishCertificate { ceremony, challenge, signature, device, proof };
        let path = "/v1/sessions/certificate/finish";
        let ask = ApiRequest::json(RequestKind::FinishCertificate, path, &finish).public();
        self.enter_by(ask).await.map_err(|error| match error {
            // This phone is registered as another person's.
            CoreError::Refused { ref code, .. } if code == "id_reused" => {
                CoreError::refused("another_account")
            }
            error => error,
        })
    }

    /// Adds a passkey of this phone to the account of a certificate's owner: for a person who has
    /// lost the others, or never had one. After a loss, no bid is placed with it for a day.
    ///
    /// # Errors
    /// As [`Self::sign_in_by_certificate`]; `forbidden` if there is no account to recover.
    pub async fn recover_by_certificate(&self) -> Result<Account, CoreError> {
        let signer = self.signer()?;
        let (purpose, path) =
            (ChallengePurpose::CertificateRecovery, "/v1/registrations/by-certificate/challenge");
        let (asked, signature) =
            self.signed_challenge(&signer, path, (purpose, SigningPurpose::Recovery)).await?;
        let CertificateChallenge { ceremony, challenge } = asked;
        let proof = ProveByCertificate { ceremony, challenge, signature };
        let (kind, path) = (RequestKind::StartRecovery, "/v1/registrations/by-certificate");
        let challenge = self.start(kind, path, &proof, ChallengePurpose::Recovery).await?;
        let options = challenge.options.to_string();
        let credential = self.driver.platform.passkeys.register(options).await?;
        let (kind, path) = (RequestKind::FinishRecovery, "/v1/registrations/by-certificate/finish");
        self.finish(kind, path, &challenge, &credential).await
    }

    /// As `submit`, confirmed by the person's certificate. Whether the auction's rules accept it is
    /// decided by the server.
    ///
    /// # Errors
    /// As `submit`, and those of the signer: see `sign_in_by_certificate`.
    pub async fn submit_by_certificate(&self, auction: String) -> Result<SubmitStatus, CoreError> {
        self.submit_by(auction, ConfirmBy::Certificate(SigningPurpose::Application)).await
    }

    /// As `confirm_award`, by the person's certificate.
    ///
    /// # Errors
    /// As `confirm_award`, and those of the signer: see `sign_in_by_certificate`.
    pub async fn confirm_award_by_certificate(&self, auction: String) -> Result<(), CoreError> {
        self.confirm_award_by(auction, ConfirmBy::Certificate(SigningPurpose::Award)).await
    }

    /// As `sign_contract`, by the person's certificate.
    ///
    /// # Errors
    /// As `sign_contract`, and those of the signer: see `sign_in_by_certificate`.
    pub async fn sign_contract_by_certificate(&self, auction: String) -> Result<(), CoreError> {
        self.sign_contract_by(auction, ConfirmBy::Certificate(SigningPurpose::Contract)).await
    }
}

impl Core {
    /// The person's confirmation of a payload.
    pub(super) async fn confirm_by<P: SignedPayload>(
        &self,
        package: &P,
        by: ConfirmBy,
    ) -> Result<Confirmation, CoreError> {
        match by {
            ConfirmBy::Passkey => self.confirm(package).await,
            ConfirmBy::Certificate(purpose) => {
                let signer = self.signer()?;
                let signature = signature(signer.as_ref(), purpose, package.canonical()).await?;
                Ok(Confirmation::Cms { signature })
            }
        }
    }

    async fn enter_by(&self, ask: ApiRequest<'_>) -> Result<Account, CoreError> {
        let session: Session = self.driver.http.json(ask).await?;
        self.entered(session).await
    }

    fn signer(&self) -> Result<Arc<dyn CertificateSigner>, CoreError> {
        let signer = self.driver.platform.certificates.clone();
        signer.ok_or_else(|| CoreError::refused("signer_missing"))
    }

    /// Asks for a challenge and has it signed. One for another purpose is refused: it might be an
    /// application.
    async fn signed_challenge(
        &self,
        signer: &Arc<dyn CertificateSigner>,
        path: &str,
        (purpose, shown): (ChallengePurpose, SigningPurpose),
    ) -> Result<(CertificateChallenge, String), CoreError> {
        let ask = ApiRequest::new(RequestKind::StartCertificate, path).public();
        let asked: CertificateChallenge = self.driver.http.json(ask).await?;
        let bytes = STANDARD.decode(&asked.challenge).unwrap_or_default();
        if !purpose.begins(&bytes) {
            return Err(CoreError::refused("ceremony_failed"));
        }
        let signature = signature(signer.as_ref(), shown, bytes).await?;
        Ok((asked, signature))
    }
}

/// The signer's signature over these bytes, base64.
async fn signature(
    signer: &dyn CertificateSigner,
    purpose: SigningPurpose,
    content: Vec<u8>,
) -> Result<String, CoreError> {
    let sha256 = Sha256::digest(&content).to_vec();
    match signer.sign(SigningRequest { purpose, content, sha256 }).await {
        Ok(der) if der.is_empty() => Err(CoreError::refused("signer_failed")),
        Ok(der) if der.len() > SIGNATURE_BYTES_MAX => {
            Err(CoreError::refused("signature_too_large"))
        }
        Ok(der) => Ok(STANDARD.encode(der)),
        Err(SignerError::Cancelled) => Err(CoreError::refused("cancelled")),
        Err(SignerError::Unavailable) => Err(CoreError::refused("signer_unavailable")),
        Err(SignerError::Failed { reason }) => {
            tracing::error!(reason, "the certificate's signer failed");
            Err(CoreError::refused("signer_failed"))
        }
    }
}
