//! Signatures by certificate (ЭЦП): detached CMS over the bytes that are confirmed.
//!
//! This module says whose certificate has signed which bytes, and keeps the evidence; what the
//! signature means, and whether that person may act, it does not know. The order of the checks: the
//! message, the signature, the chain, the times, revocation, and last the person, so that the
//! network is asked for nobody whom no accepted root vouches for.
//!
//! # Why the time of arrival counts
//! A signer states a time, and nobody confirms it. A certificate must be valid, and not revoked,
//! when the server receives the signature, and valid at the stated time; the two may be no farther
//! apart than the caller allows.
//!
//! # Why there is no time stamp of an authority (RFC 3161)
//! It would show, without this server's word, that a signature was there while its certificate was
//! valid. The crate with its structures (`x509-tsp`) is made for another major version of `der` and
//! `cms` than this one, and verifies nothing: a client, the authority's own chain and key usage, and
//! a rule for when it is silent would be written here, for an authority that nobody has named yet.
//! What shows the moment until then are the issuers' answers, which carry times of their own, and the
//! receipt of the act, whose place in the hash chain of the log its holder can show. A time stamp
//! can be added to an exported signature at any time: it is an unsigned attribute.

mod algorithm;
mod certificate;
mod chain;
mod refusal;
mod revocation;
mod signed_data;
mod subject;
mod work;

pub use certificate::X509;
pub use chain::{INTERMEDIATES_MAX, Roots};
pub use refusal::SignatureRefusal;
pub use revocation::{
    AnswerKind, CHECK_TIMEOUT, FAILURE_KEPT, FRESH, FRESH_OCSP, RevocationAnswer,
};
pub use subject::{CertificateFirm, CertificateSubject};

use crate::config::Config;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::asn1::ObjectIdentifier;
use revocation::Revocation;
use signed_data::SignedMessage;
use std::sync::Arc;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::signature::{SIGNATURE_BYTES_MAX, SignatureFault};
use work::BoundedWork;

/// Longest time between a document's signature and its arrival: a phone may be without a connection
/// for as long as applications are taken.
pub const DOCUMENT_AGE_MAX: TimeSpan = TimeSpan::days(30);
/// Longest time between the signature of a challenge and its arrival.
pub const CHALLENGE_AGE_MAX: TimeSpan = TimeSpan::minutes(15);
/// Largest lead of a signer's clock.
pub const CLOCK_SKEW_MAX: TimeSpan = TimeSpan::minutes(5);

/// Most signatures that are verified at once on this node: each takes a processor for some
/// milliseconds, and bids need it too.
const VERIFICATIONS_MAX: usize = 2;

/// A signature that holds, with what it rests on.
#[derive(Clone)]
pub struct CertificateSignature {
    /// The person, and the firm beside them.
    pub subject: CertificateSubject,
    /// The time that the signer stated.
    pub signed_at: Timestamp,
    /// The moment of the checks: the signature's arrival.
    pub verified_at: Timestamp,
    /// The signature in DER.
    pub signature: Vec<u8>,
    /// The certificates from the signer's to the root.
    pub chain: Vec<X509>,
    /// The issuers' answers, for each certificate but the root.
    pub answers: Vec<RevocationAnswer>,
}

/// Verifies signatures against the operator's roots.
pub struct Certificates {
    roots: Arc<Roots>,
    /// Purposes of keys that count beside the known ones.
    purposes: Arc<[ObjectIdentifier]>,
    revocation: Revocation,
    work: BoundedWork,
}

/// A signature that holds, before anybody was asked whether it was revoked.
struct Examined {
    subject: CertificateSubject,
    signed_at: Timestamp,
    signature: Vec<u8>,
    chain: Vec<X509>,
    /// SHA-256 of the signer's certificate, hex.
    signer: String,
}

impl Certificates {
    /// `None` if the configuration names no roots.
    ///
    /// # Errors
    /// When a file of certificates can't be read, or a purpose is no object identifier.
    pub fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        if config.signature_roots.is_empty() {
            return Ok(None);
        }
        let purpose = |text: &String| {
            ObjectIdentifier::new(text)
                .map_err(|_| anyhow::anyhow!("{text} is no object identifier of a purpose"))
        };
        Ok(Some(Self {
            roots: Arc::new(Roots::open(&config.signature_roots)?),
            purposes: config.signature_purposes.iter().map(purpose).collect::<Result<_, _>>()?,
            revocation: Revocation::new(config.signature_crls.clone())?,
            work: BoundedWork::new(VERIFICATIONS_MAX),
        }))
    }

    /// Verifies a signature (DER in base64) over `content` that arrived at `at` and was then at most
    /// `age_max` old. Whether it was revoked is asked as of `now`.
    ///
    /// # Errors
    /// [`SignatureRefusal`].
    pub async fn verify(
        &self,
        content: &[u8],
        signature: &str,
        (at, now): (Timestamp, Timestamp),
        age_max: TimeSpan,
    ) -> Result<CertificateSignature, SignatureRefusal> {
        let (roots, purposes) = (self.roots.clone(), self.purposes.clone());
        let (content, signature) = (content.to_vec(), decoded(signature)?);
        let examined = move || examine((&roots, &purposes), &content, signature, at, age_max);
        let Examined { subject, signed_at, signature, chain, signer } =
            self.work.run(examined).await?;
        let answers = self
            .revocation
            .check(&chain, now)
            .await
            .map_err(|refusal| SignatureRefusal { signer: Some(signer), ..refusal })?;
        Ok(CertificateSignature { subject, signed_at, verified_at: now, signature, chain, answers })
    }
}

/// All checks that need nobody else.
fn examine(
    (roots, purposes): (&Roots, &[ObjectIdentifier]),
    content: &[u8],
    signature: Vec<u8>,
    at: Timestamp,
    age_max: TimeSpan,
) -> Result<Examined, SignatureRefusal> {
    let message = SignedMessage::parse(&signature)?;
    let certificate = message.signer_certificate()?;
    message.verify(content, certificate)?;
    let chain = roots.chain(certificate, &message.certificates, at)?;
    let signer = hex::encode(certificate.sha256());
    let signed_at = message.signed_at;
    match require_fit(certificate, purposes, (signed_at, at), age_max) {
        Ok(subject) => Ok(Examined { subject, signed_at, signature, chain, signer }),
        Err(refusal) => Err(SignatureRefusal { signer: Some(signer), ..refusal }),
    }
}

/// Requires that a certificate is one of a person who may sign, and was valid when its owner states
/// to have signed and when that arrived; returns the person.
fn require_fit(
    signer: &X509,
    purposes: &[ObjectIdentifier],
    (signed_at, at): (Timestamp, Timestamp),
    age_max: TimeSpan,
) -> Result<CertificateSubject, SignatureRefusal> {
    signer.require_known_extensions()?;
    signer.require_signer(purposes)?;
    signer.require_valid(at)?;
    if signed_at > at + CLOCK_SKEW_MAX || at - signed_at > age_max {
        return Err(SignatureFault::SigningTimeOff.into());
    }
    signer.require_valid(signed_at.min(at))?;
    Ok(subject::subject(signer)?)
}

/// A signature's DER, also if its base64 has line breaks, as programs write them.
fn decoded(text: &str) -> Result<Vec<u8>, SignatureFault> {
    /// Base64 needs four characters for three bytes; line breaks a few more.
    const CHARS_MAX: usize = SIGNATURE_BYTES_MAX * 3 / 2;
    if text.len() > CHARS_MAX {
        return Err(SignatureFault::TooLarge);
    }
    let plain: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).map_err(|_| SignatureFault::Malformed)
}
