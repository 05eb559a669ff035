//! One certificate: its fields, the bytes that its issuer signed, and what it may be used for.
//!
//! # Why the signed bytes are kept
//! A certificate may be encoded in a way that is read and not written again, such as a default that
//! is spelled out. Its issuer signed the bytes as they came, not as they would be written here.

use super::algorithm;
use super::refusal::SignatureRefusal;
use der::asn1::{Any, BitString, ObjectIdentifier};
use der::{Decode as _, Encode as _, Sequence};
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::signature::SignatureFault;
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// Extensions that may be critical, as they are looked at here, or can't narrow what the key may
/// do: key usage, basic constraints, policies, extended key usage.
const KNOWN_EXTENSIONS: [ObjectIdentifier; 4] =
    [KEY_USAGE, BASIC_CONSTRAINTS, oid("2.5.29.32"), EXTENDED_KEY_USAGE];
/// Limits the names below a certificate authority; not evaluated here, so never accepted.
const NAME_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.30");
const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
const AUTHORITY_KEY: ObjectIdentifier = oid("2.5.29.35");
const SUBJECT_KEY: ObjectIdentifier = oid("2.5.29.14");
/// Purposes of keys with which people sign: e-mail (S/MIME, which cards for people carry),
/// documents (RFC 9336), documents in Microsoft's programs, any.
const SIGNING_PURPOSES: [ObjectIdentifier; 4] = [
    oid("1.3.6.1.5.5.7.3.4"),
    oid("1.3.6.1.5.5.7.3.36"),
    oid("1.3.6.1.4.1.311.10.3.12"),
    oid("2.5.29.37.0"),
];
/// The purpose of a key that signs OCSP answers for its issuer.
pub(super) const OCSP_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.9");
/// Most extensions of one certificate.
const EXTENSIONS_MAX: usize = 32;

/// Something that somebody signed, such as a certificate or a list of revoked ones.
#[derive(Sequence)]
pub(super) struct Signed {
    pub content: Any,
    pub algorithm: AlgorithmIdentifierOwned,
    pub signature: BitString,
}

impl Signed {
    /// Verifies that `key` has signed the content.
    ///
    /// # Errors
    /// [`SignatureRefusal`].
    pub fn verify(&self, key: &SubjectPublicKeyInfoOwned) -> Result<(), SignatureRefusal> {
        let content = self.content.to_der().map_err(|_| SignatureFault::Malformed)?;
        let signature = self.signature.as_bytes().ok_or(SignatureFault::Malformed)?;
        algorithm::verify(key, &self.algorithm, None, &content, signature)
    }
}

/// A certificate as it came.
#[derive(Clone)]
pub struct X509 {
    der: Vec<u8>,
    fields: Certificate,
    issuer: Vec<u8>,
    subject: Vec<u8>,
}

impl X509 {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> der::Result<Self> {
        let fields = Certificate::from_der(bytes)?;
        let tbs = fields.tbs_certificate();
        let (issuer, subject) = (tbs.issuer().to_der()?, tbs.subject().to_der()?);
        Ok(Self { der: bytes.to_vec(), issuer, subject, fields })
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// Its fields.
    pub fn fields(&self) -> &Certificate {
        &self.fields
    }

    /// The issuer's name, DER.
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The subject's name, DER.
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The serial number, big-endian.
    pub fn serial(&self) -> &[u8] {
        self.fields.tbs_certificate().serial_number().as_bytes()
    }

    /// The subject's key.
    pub fn key(&self) -> &SubjectPublicKeyInfoOwned {
        self.fields.tbs_certificate().subject_public_key_info()
    }

    /// The identifier of the subject's key, if it is there.
    pub fn key_id(&self) -> Option<Vec<u8>> {
        let (_, id) = self.extension::<SubjectKeyIdentifier>()?;
        Some(id.0.as_bytes().to_vec())
    }

    /// Returns `true` if `issuer` may be the one that is named here: by name and, where both say
    /// it, by key.
    pub fn names_as_issuer(&self, issuer: &Self) -> bool {
        let named =
            self.extension::<AuthorityKeyIdentifier>().and_then(|(_, id)| id.key_identifier);
        let same_key = match (named, issuer.key_id()) {
            (Some(named), Some(id)) => named.as_bytes() == id,
            _ => true,
        };
        self.issuer == issuer.subject && same_key
    }

    /// Verifies that `issuer`'s key has signed this certificate.
    ///
    /// # Errors
    /// [`SignatureRefusal`].
    pub fn verify_by(&self, issuer: &Self) -> Result<(), SignatureRefusal> {
        let signed = Signed::from_der(&self.der).map_err(|_| SignatureFault::Malformed)?;
        if signed.algorithm != *self.fields.tbs_certificate().signature() {
            return Err(SignatureFault::SignatureWrong.into());
        }
        signed.verify(issuer.key())
    }

    /// Requires that the certificate is valid at a moment.
    ///
    /// # Errors
    /// [`SignatureFault::NotYetValid`], [`SignatureFault::Expired`].
    pub fn require_valid(&self, at: Timestamp) -> Result<(), SignatureFault> {
        let validity = self.fields.tbs_certificate().validity();
        let from = timestamp(&validity.not_before).ok_or(SignatureFault::Malformed)?;
        let until = timestamp(&validity.not_after).ok_or(SignatureFault::Malformed)?;
        match at {
            at if at < from => Err(SignatureFault::NotYetValid),
            at if at > until => Err(SignatureFault::Expired),
            _ => Ok(()),
        }
    }

    /// Requires that no extension would have to be understood that is not, none is there twice, and
    /// those that say what the key is for can be read: what can't be read limits nothing here, and
    /// may have been meant to.
    ///
    /// # Errors
    /// [`SignatureFault::ExtensionUnknown`], [`SignatureFault::TooLarge`].
    pub fn require_known_extensions(&self) -> Result<(), SignatureRefusal> {
        let extensions = self.fields.tbs_certificate().extensions().map_or(&[][..], Vec::as_slice);
        if extensions.len() > EXTENSIONS_MAX {
            return Err(SignatureFault::TooLarge.into());
        }
        for (place, extension) in extensions.iter().enumerate() {
            let id = extension.extn_id;
            let is_known = !extension.critical || KNOWN_EXTENSIONS.contains(&id);
            let is_first = extensions[..place].iter().all(|earlier| earlier.extn_id != id);
            if !is_known || !is_first || !is_readable(extension) || id == NAME_CONSTRAINTS {
                return Err(SignatureRefusal::naming(SignatureFault::ExtensionUnknown, id));
            }
        }
        Ok(())
    }

    /// Requires that the key may sign documents: of no authority, for signatures or
    /// non-repudiation, and, if its purposes are limited, for one with which people sign or one of
    /// `further`.
    ///
    /// # Why purposes are listed that count, and not those that don't
    /// A card for people often has a second key for TLS (`clientAuth`), which a web page may use
    /// without showing what is signed. A purpose that nobody here knows may be as little for
    /// documents; the operator names those that their authorities have made up.
    ///
    /// # Errors
    /// [`SignatureFault::UsageWrong`].
    pub fn require_signer(&self, further: &[ObjectIdentifier]) -> Result<(), SignatureFault> {
        let usage = self.extension::<KeyUsage>().map(|(_, usage)| usage);
        let signs = usage.is_some_and(|usage| usage.digital_signature() || usage.non_repudiation());
        let is_authority = self.extension::<BasicConstraints>().is_some_and(|(_, of)| of.ca);
        let counts = |purpose: &ObjectIdentifier| {
            SIGNING_PURPOSES.contains(purpose) || further.contains(purpose)
        };
        let is_for_it = self.purposes().is_none_or(|purposes| purposes.iter().any(counts));
        if signs && !is_authority && is_for_it { Ok(()) } else { Err(SignatureFault::UsageWrong) }
    }

    /// Requires that the key may sign certificates, with `below` authorities between it and the
    /// signer.
    ///
    /// # Errors
    /// [`SignatureFault::UsageWrong`].
    pub fn require_authority(&self, below: usize) -> Result<(), SignatureFault> {
        let signs = self.extension::<KeyUsage>().is_some_and(|(_, usage)| usage.key_cert_sign());
        let may = self.extension::<BasicConstraints>().is_some_and(|(_, of)| {
            of.ca && of.path_len_constraint.is_none_or(|most| below <= usize::from(most))
        });
        if signs && may { Ok(()) } else { Err(SignatureFault::UsageWrong) }
    }

    /// Returns `true` if the key may sign lists of revoked certificates.
    pub fn signs_crls(&self) -> bool {
        self.extension::<KeyUsage>().is_some_and(|(_, usage)| usage.crl_sign())
    }

    /// The purposes of the key; `None` if the certificate does not limit them.
    pub fn purposes(&self) -> Option<Vec<ObjectIdentifier>> {
        self.extension::<ExtendedKeyUsage>().map(|(_, purposes)| purposes.0)
    }

    /// An extension with its critical flag. One that can't be read counts as absent: those that
    /// limit the key are refused by [`Self::require_known_extensions`], and without the others
    /// (addresses of lists and responders) less counts, not more.
    pub fn extension<'a, T>(&'a self) -> Option<(bool, T)>
    where
        T: der::Decode<'a> + x509_cert::der::oid::AssociatedOid,
    {
        self.fields.tbs_certificate().get_extension::<T>().ok().flatten()
    }
}

/// Returns `false` for an extension that says what the key is for, or whose it is, and can't be
/// read.
fn is_readable(extension: &Extension) -> bool {
    let content = extension.extn_value.as_bytes();
    match extension.extn_id {
        KEY_USAGE => KeyUsage::from_der(content).is_ok(),
        BASIC_CONSTRAINTS => BasicConstraints::from_der(content).is_ok(),
        EXTENDED_KEY_USAGE => ExtendedKeyUsage::from_der(content).is_ok(),
        AUTHORITY_KEY => AuthorityKeyIdentifier::from_der(content).is_ok(),
        SUBJECT_KEY => SubjectKeyIdentifier::from_der(content).is_ok(),
        _ => true,
    }
}

/// A time of X.509 as times are kept here; `None` if it is beyond them.
pub(super) fn timestamp(time: &Time) -> Option<Timestamp> {
    i64::try_from(time.to_unix_duration().as_micros()).ok().map(Timestamp)
}
