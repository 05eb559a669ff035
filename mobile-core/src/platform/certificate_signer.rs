//! Signatures by certificate (ЭЦП): a token, or a cloud signature's app.

/// The act that a person confirms by their certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum SigningPurpose {
    /// To sign in on this phone.
    SignIn,
    /// To add a passkey of this phone to an account.
    Recovery,
    /// To apply to an auction.
    Application,
    /// To confirm the result of an auction as its winner.
    Award,
    /// To sign the contract as its winner.
    Contract,
}

/// The bytes to sign, and what for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SigningRequest {
    /// The act, for the words that the signer shows.
    pub purpose: SigningPurpose,
    /// The bytes, exactly as they must be signed. UTF-8 text; the person may read it.
    pub content: Vec<u8>,
    /// SHA-256 of `content`, 32 bytes, for signers that take a digest.
    pub sha256: Vec<u8>,
}

/// The reason why there is no signature.
#[derive(Debug, Clone, thiserror::Error, uniffi::Error)]
pub enum SignerError {
    /// The person declined, or did not enter the token's code.
    #[error("the person cancelled")]
    Cancelled,
    /// There is no token, or no app that signs, or it has no connection.
    #[error("the signer is not there")]
    Unavailable,
    /// The signer failed otherwise.
    #[error("the signer failed: {reason}")]
    Failed {
        /// Details for engineers.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for SignerError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed { reason: error.reason }
    }
}

/// Signs by the person's certificate. It asks the person each time, and may take as long as they do.
#[uniffi::export(with_foreign)]
#[async_trait::async_trait]
pub trait CertificateSigner: Send + Sync {
    /// A detached CMS signature (RFC 5652) over the request's content, in DER: signed attributes with
    /// the content's digest and the signing time, the signer's certificate inside, the content not.
    ///
    /// # Errors
    /// [`SignerError`].
    async fn sign(&self, request: SigningRequest) -> Result<Vec<u8>, SignerError>;
}
