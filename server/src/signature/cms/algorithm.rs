//! The algorithms that count, by their object identifiers.
//!
//! # Why GOST is refused by name
//! No maintained and reviewed implementation of GOST R 34.10 is at hand, and which curves and
//! substitution boxes the state's certificates use is not published. A person with such a key is
//! told the algorithm's identifier, so that they learn that it is the key's kind that is not
//! accepted, and not their signature.
//!
//! # Why RSA is verified by `ring` and curves by `p256` and `p384`
//! `ring` is what TLS stands on, and refuses RSA keys below 2 048 bits itself. It does not verify
//! SHA-512 with these curves, which cards make.

use super::refusal::SignatureRefusal;
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode as _, Sequence};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use ring::signature as rsa;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use toruk_sync::protocol::signature::SignatureFault;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const MD5: ObjectIdentifier = oid("1.2.840.113549.2.5");
pub(super) const SHA_1: ObjectIdentifier = oid("1.3.14.3.2.26");
pub(super) const SHA_256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_MD5: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
const RSA_SHA_1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const RSA_SHA_256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA_384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA_512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const CURVE: ObjectIdentifier = oid("1.2.840.10045.2.1");
const P_256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P_384: ObjectIdentifier = oid("1.3.132.0.34");
const ECDSA_SHA_1: ObjectIdentifier = oid("1.2.840.10045.4.1");
const ECDSA_SHA_256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA_384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_SHA_512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

/// Fewest bits of an RSA key.
const RSA_BITS_MIN: usize = 2_048;

/// A digest that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestKind {
    Sha256,
    Sha384,
    Sha512,
}

impl DigestKind {
    /// The digest of this name.
    ///
    /// # Errors
    /// [`SignatureFault::DigestWeak`], [`SignatureFault::AlgorithmUnsupported`].
    pub fn of(algorithm: &ObjectIdentifier) -> Result<Self, SignatureRefusal> {
        match *algorithm {
            SHA_256 => Ok(Self::Sha256),
            SHA_384 => Ok(Self::Sha384),
            SHA_512 => Ok(Self::Sha512),
            SHA_1 | MD5 => Err(SignatureFault::DigestWeak.into()),
            other => Err(unsupported(other)),
        }
    }

    /// The digest of `bytes`.
    pub fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// A kind of key, and the digest that the algorithm names beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Rsa(Option<DigestKind>),
    Ecdsa(DigestKind),
}

impl Scheme {
    fn of(algorithm: &ObjectIdentifier) -> Result<Self, SignatureRefusal> {
        use DigestKind::{Sha256, Sha384, Sha512};
        Ok(match *algorithm {
            RSA => Self::Rsa(None),
            RSA_SHA_256 => Self::Rsa(Some(Sha256)),
            RSA_SHA_384 => Self::Rsa(Some(Sha384)),
            RSA_SHA_512 => Self::Rsa(Some(Sha512)),
            ECDSA_SHA_256 => Self::Ecdsa(Sha256),
            ECDSA_SHA_384 => Self::Ecdsa(Sha384),
            ECDSA_SHA_512 => Self::Ecdsa(Sha512),
            RSA_SHA_1 | RSA_MD5 | ECDSA_SHA_1 => return Err(SignatureFault::DigestWeak.into()),
            other => return Err(unsupported(other)),
        })
    }
}

/// Refuses an algorithm that is not verified, before its bytes are looked at.
///
/// # Errors
/// [`SignatureFault::DigestWeak`], [`SignatureFault::AlgorithmUnsupported`].
pub fn require_known(algorithm: &ObjectIdentifier) -> Result<(), SignatureRefusal> {
    Scheme::of(algorithm).map(|_| ())
}

/// Verifies a signature over `message`. `digest` is the one that is named beside the algorithm, as
/// in CMS; certificates name it in the algorithm alone.
///
/// # Errors
/// [`SignatureRefusal`].
pub fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    digest: Option<DigestKind>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureRefusal> {
    let scheme = Scheme::of(&algorithm.oid)?;
    let named = match scheme {
        Scheme::Rsa(named) => named,
        Scheme::Ecdsa(named) => Some(named),
    };
    if let (Some(named), Some(digest)) = (named, digest)
        && named != digest
    {
        return Err(SignatureFault::SignatureWrong.into());
    }
    let digest = named.or(digest).ok_or_else(|| unsupported(algorithm.oid))?;
    let bytes = key.subject_public_key.as_bytes().ok_or(SignatureFault::Malformed)?;
    let holds = match (key.algorithm.oid, scheme) {
        (RSA, Scheme::Rsa(_)) => {
            require_rsa_length(bytes)?;
            verify_rsa(bytes, digest, message, signature)
        }
        (CURVE, Scheme::Ecdsa(_)) => {
            let curve = key.algorithm.parameters.as_ref();
            let curve = curve.and_then(|named| named.decode_as::<ObjectIdentifier>().ok());
            match curve {
                Some(P_256) => verify_p256(bytes, &digest.hash(message), signature),
                Some(P_384) => verify_p384(bytes, &digest.hash(message), signature),
                other => return Err(unsupported(other.unwrap_or(CURVE))),
            }
        }
        (RSA | CURVE, _) => false,
        (other, _) => return Err(unsupported(other)),
    };
    if holds { Ok(()) } else { Err(SignatureFault::SignatureWrong.into()) }
}

fn unsupported(algorithm: ObjectIdentifier) -> SignatureRefusal {
    SignatureRefusal::naming(SignatureFault::AlgorithmUnsupported, algorithm)
}

/// An RSA key (RFC 8017, A.1.1).
#[derive(Sequence)]
struct RsaKey<'a> {
    modulus: UintRef<'a>,
    _exponent: UintRef<'a>,
}

fn require_rsa_length(key: &[u8]) -> Result<(), SignatureRefusal> {
    let key = RsaKey::from_der(key).map_err(|_| SignatureFault::Malformed)?;
    let modulus = key.modulus.as_bytes();
    let unused = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    if modulus.len() * 8 - unused < RSA_BITS_MIN {
        return Err(SignatureFault::KeyWeak.into());
    }
    Ok(())
}

fn verify_rsa(key: &[u8], digest: DigestKind, message: &[u8], signature: &[u8]) -> bool {
    let parameters = match digest {
        DigestKind::Sha256 => &rsa::RSA_PKCS1_2048_8192_SHA256,
        DigestKind::Sha384 => &rsa::RSA_PKCS1_2048_8192_SHA384,
        DigestKind::Sha512 => &rsa::RSA_PKCS1_2048_8192_SHA512,
    };
    rsa::UnparsedPublicKey::new(parameters, key).verify(message, signature).is_ok()
}

fn verify_p256(key: &[u8], hash: &[u8], signature: &[u8]) -> bool {
    use p256::ecdsa::{Signature, VerifyingKey};
    let (key, signature) = (VerifyingKey::from_sec1_bytes(key), Signature::from_der(signature));
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verify_prehash(hash, &signature).is_ok())
}

fn verify_p384(key: &[u8], hash: &[u8], signature: &[u8]) -> bool {
    use p384::ecdsa::{Signature, VerifyingKey};
    let (key, signature) = (VerifyingKey::from_sec1_bytes(key), Signature::from_der(signature));
    // With a digest that is shorter than the curve, ECDSA takes all of it, as SHA-256's here.
    matches!((key, signature), (Ok(key), Ok(signature)) if key.verify_prehash(hash, &signature).is_ok())
}
