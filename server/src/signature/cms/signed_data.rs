//! The CMS message (RFC 5652): one signer, detached, with signed attributes.
//!
//! # Why its own outer structure
//! The `cms` crate reads the certificates and writes them again; the bytes that their issuers
//! signed are needed as they came. What is inside of a signer is read by the crate.
//!
//! # Why attributes are demanded
//! Without them a signature says neither when it was made nor of what kind its content is, and
//! bytes that look like attributes could be passed off as a document (RFC 5652, 11).

use super::algorithm::{self, DigestKind};
use super::certificate::{X509, timestamp};
use super::refusal::SignatureRefusal;
use cms::cert::IssuerAndSerialNumber;
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignerIdentifier, SignerInfo};
use der::asn1::{Any, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode as _, Encode as _, Sequence, Tag, Tagged as _};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::signature::{SIGNATURE_BYTES_MAX, SignatureFault};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.1");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
/// The certificate that the signer used (RFC 5035), which CAdES demands.
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
/// Most certificates in one signature.
const CERTIFICATES_MAX: usize = 12;
/// Most signed attributes.
const ATTRIBUTES_MAX: usize = 16;

/// `SignedData` with its certificates as they came.
#[derive(Sequence)]
struct Message {
    version: u8,
    digest_algorithms: SetOfVec<AlgorithmIdentifierOwned>,
    content: EncapsulatedContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    certificates: Option<SetOfVec<Any>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true", optional = "true")]
    crls: Option<SetOfVec<Any>>,
    signers: SetOfVec<SignerInfo>,
}

/// The reference to the signer's certificate (RFC 5035, 4).
#[derive(Sequence)]
struct CertificateReference {
    algorithm: Option<AlgorithmIdentifierOwned>,
    hash: OctetString,
    issuer: Option<Any>,
}

#[derive(Sequence)]
struct CertificateReferences {
    certificates: Vec<CertificateReference>,
    policies: Option<Any>,
}

/// A signature that is well formed. Whether it holds is not known yet.
pub struct SignedMessage {
    signer: SignerInfo,
    digest: DigestKind,
    message_digest: Vec<u8>,
    /// The time that the signer states.
    pub signed_at: Timestamp,
    /// The certificates that came with it, in no order.
    pub certificates: Vec<X509>,
}

impl SignedMessage {
    /// Reads a detached signature in DER.
    ///
    /// # Errors
    /// [`SignatureRefusal`], the first fault in the order in which a person would want to hear of
    /// it: what it is, then who signs how, then what it says.
    pub fn parse(der: &[u8]) -> Result<Self, SignatureRefusal> {
        if der.len() > SIGNATURE_BYTES_MAX {
            return Err(SignatureFault::TooLarge.into());
        }
        let malformed = |_| SignatureFault::Malformed;
        let outer = ContentInfo::from_der(der).map_err(malformed)?;
        if outer.content_type != SIGNED_DATA {
            return Err(SignatureFault::Malformed.into());
        }
        let message: Message = outer.content.decode_as().map_err(malformed)?;
        if message.content.econtent.is_some() {
            return Err(SignatureFault::Attached.into());
        }
        if message.signers.len() != 1 {
            return Err(SignatureFault::SignerCount.into());
        }
        let certificates = message.certificates.unwrap_or_default();
        if certificates.len() > CERTIFICATES_MAX {
            return Err(SignatureFault::TooLarge.into());
        }
        let signer = message.signers.into_vec().remove(0);
        let version = match &signer.sid {
            SignerIdentifier::IssuerAndSerialNumber(_) => CmsVersion::V1,
            SignerIdentifier::SubjectKeyIdentifier(_) => CmsVersion::V3,
        };
        if signer.version != version {
            return Err(SignatureFault::Malformed.into());
        }
        let digest = DigestKind::of(&signer.digest_alg.oid)?;
        algorithm::require_known(&signer.signature_algorithm.oid)?;
        // Neither has any parameters; what stood there would be signed by nobody.
        for algorithm in [&signer.digest_alg, &signer.signature_algorithm] {
            if algorithm.parameters.as_ref().is_some_and(|given| given.tag() != Tag::Null) {
                return Err(SignatureFault::Malformed.into());
            }
        }
        let stated = Stated::of(&signer, message.content.econtent_type)?;
        Ok(Self {
            signer,
            digest,
            message_digest: stated.message_digest,
            signed_at: stated.signed_at,
            // What is no certificate here may be one elsewhere; the signer's must be one.
            certificates: certificates
                .iter()
                .filter_map(|any| X509::parse(&any.to_der().ok()?).ok())
                .collect(),
        })
    }

    /// The signer's certificate among those that came.
    ///
    /// # Errors
    /// [`SignatureFault::CertificateMissing`].
    pub fn signer_certificate(&self) -> Result<&X509, SignatureRefusal> {
        let is_signer = |certificate: &&X509| match &self.signer.sid {
            SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer,
                serial_number,
            }) => {
                issuer.to_der().is_ok_and(|issuer| issuer == certificate.issuer())
                    && serial_number.as_bytes() == certificate.serial()
            }
            SignerIdentifier::SubjectKeyIdentifier(id) => {
                certificate.key_id().is_some_and(|known| known == id.0.as_bytes())
            }
        };
        let found = self.certificates.iter().find(is_signer);
        Ok(found.ok_or(SignatureFault::CertificateMissing)?)
    }

    /// Verifies that the owner of `certificate` signed `content`.
    ///
    /// # Errors
    /// [`SignatureFault::ContentDiffers`], [`SignatureFault::SignatureWrong`],
    /// [`SignatureFault::CertificateDiffers`] and those of the algorithms.
    pub fn verify(&self, content: &[u8], certificate: &X509) -> Result<(), SignatureRefusal> {
        if self.digest.hash(content) != self.message_digest {
            return Err(SignatureFault::ContentDiffers.into());
        }
        let attributes = self.signer.signed_attrs.as_ref();
        let attributes = attributes.ok_or(SignatureFault::AttributesMissing)?;
        // Signed as a SET OF in DER, although it is sent under another tag.
        let signed = attributes.to_der().map_err(|_| SignatureFault::Malformed)?;
        algorithm::verify(
            certificate.key(),
            &self.signer.signature_algorithm,
            Some(self.digest),
            &signed,
            self.signer.signature.as_bytes(),
        )?;
        self.require_reference(certificate)
    }

    /// Requires that a stated reference to the signer's certificate leads to this one.
    fn require_reference(&self, certificate: &X509) -> Result<(), SignatureRefusal> {
        let Some(reference) = attribute(&self.signer, SIGNING_CERTIFICATE)? else { return Ok(()) };
        let references: CertificateReferences =
            reference.decode_as().map_err(|_| SignatureFault::Malformed)?;
        let first = references.certificates.first().ok_or(SignatureFault::Malformed)?;
        let digest = match &first.algorithm {
            Some(algorithm) => DigestKind::of(&algorithm.oid)?,
            None => DigestKind::Sha256,
        };
        match digest.hash(certificate.der()) == first.hash.as_bytes() {
            true => Ok(()),
            false => Err(SignatureFault::CertificateDiffers.into()),
        }
    }
}

/// The statements of the signed attributes.
struct Stated {
    message_digest: Vec<u8>,
    signed_at: Timestamp,
}

impl Stated {
    fn of(signer: &SignerInfo, content_type: ObjectIdentifier) -> Result<Self, SignatureRefusal> {
        let attributes = signer.signed_attrs.as_ref();
        let attributes = attributes.ok_or(SignatureFault::AttributesMissing)?;
        if attributes.len() > ATTRIBUTES_MAX {
            return Err(SignatureFault::TooLarge.into());
        }
        let malformed = |_| SignatureFault::Malformed;
        let missing = SignatureFault::AttributesMissing;
        let named = attribute(signer, CONTENT_TYPE)?.ok_or(missing)?;
        let named: ObjectIdentifier = named.decode_as().map_err(malformed)?;
        if named != content_type || named != DATA {
            return Err(SignatureFault::Malformed.into());
        }
        let digest = attribute(signer, MESSAGE_DIGEST)?.ok_or(missing)?;
        let digest: OctetString = digest.decode_as().map_err(malformed)?;
        let time = attribute(signer, SIGNING_TIME)?.ok_or(SignatureFault::SigningTimeMissing)?;
        let time: Time = time.decode_as().map_err(malformed)?;
        let signed_at = timestamp(&time).ok_or(SignatureFault::Malformed)?;
        Ok(Self { message_digest: digest.as_bytes().to_vec(), signed_at })
    }
}

/// The one value of a signed attribute. Two of a kind, or two values, would say two things.
fn attribute(
    signer: &SignerInfo,
    kind: ObjectIdentifier,
) -> Result<Option<&Any>, SignatureRefusal> {
    let attributes = signer.signed_attrs.iter().flat_map(SetOfVec::iter);
    let mut found = attributes.filter(|attribute| attribute.oid == kind);
    let Some(first) = found.next() else { return Ok(None) };
    match (found.next(), first.values.len(), first.values.get(0)) {
        (None, 1, Some(value)) => Ok(Some(value)),
        _ => Err(SignatureFault::Malformed.into()),
    }
}
