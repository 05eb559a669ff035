//! Signatures by certificate (ЭЦП): detached CMS (RFC 5652), made by any program or token.

use super::identity::NewDevice;
use crate::domain::id::one_form;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest signature that is read, in bytes of DER: a chain of several certificates fits.
pub const SIGNATURE_BYTES_MAX: usize = 64 * 1024;

/// The bytes that a certificate's owner signs to prove who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateChallenge {
    /// The ceremony's id; used once.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// The bytes to sign, base64. They begin with their purpose.
    pub challenge: String,
}

/// A signed challenge, with the phone that signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishCertificate {
    /// The ceremony's id, from the challenge.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// The bytes that were signed, base64, as they came.
    pub challenge: String,
    /// The detached CMS signature over them: DER in base64, at most [`SIGNATURE_BYTES_MAX`] bytes.
    pub signature: String,
    /// The phone that signs in.
    pub device: NewDevice,
    /// The device key's signature, as in [`super::identity::FinishCeremony`].
    pub proof: String,
}

/// A signed challenge of somebody who has lost their passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProveByCertificate {
    /// The ceremony's id, from the challenge.
    #[serde(deserialize_with = "one_form")]
    pub ceremony: Uuid,
    /// The bytes that were signed, base64, as they came.
    pub challenge: String,
    /// The detached CMS signature over them: DER in base64, at most [`SIGNATURE_BYTES_MAX`] bytes.
    pub signature: String,
}

/// Makes the enum and the list of all faults from one table.
macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident = $key:literal,)*) => {
        /// The reason why a signature by certificate is refused. Apps translate the key.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum SignatureFault {
            $($(#[doc = $doc])+ $fault,)*
        }

        impl SignatureFault {
            /// All faults, in the order of the variants.
            pub const ALL: &[Self] = &[$(Self::$fault,)*];

            /// The name in refusals.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$fault => $key,)*
                }
            }
        }
    };
}

faults! {
    /// The server has no roots: it accepts no certificates.
    NotAccepted = "not_accepted",
    /// It is not a CMS signature in DER.
    Malformed = "malformed",
    /// It is longer than [`SIGNATURE_BYTES_MAX`], or holds more than a signature needs.
    TooLarge = "too_large",
    /// It holds the document; a detached signature is asked for.
    Attached = "attached",
    /// It has no signer, or several.
    SignerCount = "signer_count",
    /// The server does not verify this algorithm; the refusal names its object identifier.
    AlgorithmUnsupported = "algorithm_unsupported",
    /// The digest can be forged (SHA-1, MD5).
    DigestWeak = "digest_weak",
    /// The key is too short (RSA below 2 048 bits).
    KeyWeak = "key_weak",
    /// It has no signed attributes, or lacks the content's type or digest.
    AttributesMissing = "attributes_missing",
    /// It does not say when it was made.
    SigningTimeMissing = "signing_time_missing",
    /// It says that it was made too long ago, or later than now.
    SigningTimeOff = "signing_time_off",
    /// It is over another document.
    ContentDiffers = "content_differs",
    /// It is not by the certificate's key.
    SignatureWrong = "signature_wrong",
    /// It does not hold the signer's certificate.
    CertificateMissing = "certificate_missing",
    /// It was made for another certificate of the same key (RFC 5035).
    CertificateDiffers = "certificate_differs",
    /// A certificate of the chain is not valid yet.
    NotYetValid = "not_yet_valid",
    /// A certificate of the chain has expired.
    Expired = "expired",
    /// A certificate of the chain was not issued for this use.
    UsageWrong = "usage_wrong",
    /// A certificate of the chain has a critical extension that the server does not know, or one
    /// about its key's use that can't be read.
    ExtensionUnknown = "extension_unknown",
    /// No chain leads to an accepted root.
    ChainUntrusted = "chain_untrusted",
    /// A certificate of the chain was revoked.
    Revoked = "revoked",
    /// Nobody says whether a certificate of the chain was revoked; try again later.
    RevocationUnknown = "revocation_unknown",
    /// The certificate names no personal number (ПИН).
    NumberMissing = "number_missing",
    /// The certificate is another person's.
    OtherPerson = "other_person",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_one_name_on_the_wire_and_in_refusals() {
        for fault in SignatureFault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.key());
        }
    }
}
