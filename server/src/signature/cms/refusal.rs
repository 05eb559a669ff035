//! The refusal of a signature by certificate.

use toruk_sync::protocol::signature::SignatureFault;

/// A signature that does not count, and the object identifier that was not known, if that is why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature is refused: {}", .fault.key())]
pub struct SignatureRefusal {
    pub fault: SignatureFault,
    /// The object identifier of an algorithm or extension.
    pub oid: Option<String>,
    /// SHA-256 of the signer's certificate, hex, once a chain from it leads to an accepted root.
    pub signer: Option<String>,
}

impl SignatureRefusal {
    pub(super) fn naming(fault: SignatureFault, oid: impl ToString) -> Self {
        Self { fault, oid: Some(oid.to_string()), signer: None }
    }
}

impl From<SignatureFault> for SignatureRefusal {
    fn from(fault: SignatureFault) -> Self {
        Self { fault, oid: None, signer: None }
    }
}
