//! Whether a certificate was revoked: by OCSP where its issuer offers that, else by the issuer's
//! list (CRL).
//!
//! # The policy when nobody answers
//! A certificate counts only if its issuer says so. If neither OCSP nor a list can be had, the
//! signature is refused as `revocation_unknown`, and nothing is decided: the person tries again, as
//! when the payment system is away. An answer that was fetched before counts until its own
//! `nextUpdate`, which is how long its issuer stands by it, and is asked for again after
//! [`FRESH`] or [`FRESH_OCSP`]. So a responder that is away for an hour stops nobody who has a list,
//! and a revocation counts within minutes while it is there. What has failed is asked again after
//! [`FAILURE_KEPT`], and one signature waits for all of its answers for [`CHECK_TIMEOUT`].
//!
//! # Why addresses in certificates are asked
//! They are written by an authority whose chain to a root is verified before, never by the one who
//! sends a signature. Only `http` and `https`, no redirects, bounded in time and length; an answer
//! counts by its signature, so plain HTTP is enough (RFC 5280, 8).

mod answer;
mod answers;
mod crl;
mod fetch;
mod ocsp;
mod usable;

use super::certificate::X509;
use super::refusal::SignatureRefusal;
use super::work::BoundedWork;
pub use answer::{AnswerKind, RevocationAnswer};
pub use answers::FAILURE_KEPT;
use answers::{Answers, Kept};
use der::asn1::ObjectIdentifier;
use fetch::Fetcher;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::signature::SignatureFault;
use usable::Unusable;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

/// Age from which a list is fetched again.
pub const FRESH: TimeSpan = TimeSpan::minutes(10);
/// Age from which an OCSP answer is asked for again.
pub const FRESH_OCSP: TimeSpan = TimeSpan::minutes(1);
/// Real time in which all answers about one signature must have come. An answer that comes later
/// is there for the next one.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(20);
/// Most answers that are read and verified at once on this node: a list of some megabytes takes a
/// processor for a while.
const READINGS_MAX: usize = 2;
/// Most addresses of one certificate that are asked.
const ADDRESSES_MAX: usize = 3;
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");

/// Asks issuers, and keeps their answers.
pub struct Revocation {
    fetcher: Arc<Fetcher>,
    /// Lists of the operator's, asked before those that certificates name.
    lists: Vec<String>,
    answers: Arc<Answers>,
    reading: BoundedWork,
}

impl Revocation {
    /// Asks the addresses in `lists` before those in certificates.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(lists: Vec<String>) -> anyhow::Result<Self> {
        let (fetcher, reading) = (Arc::new(Fetcher::new()?), BoundedWork::new(READINGS_MAX));
        Ok(Self { fetcher, lists, answers: Arc::default(), reading })
    }

    /// Requires that no certificate of `chain` below its root was revoked, from the root down: an
    /// issuer is known to count before it is asked. Returns the answers, from the signer up.
    ///
    /// # Errors
    /// [`SignatureFault::Revoked`], [`SignatureFault::RevocationUnknown`], also when the answers
    /// have not come within [`CHECK_TIMEOUT`].
    pub async fn check(
        &self,
        chain: &[X509],
        at: Timestamp,
    ) -> Result<Vec<RevocationAnswer>, SignatureRefusal> {
        let asked = async {
            let mut answers = Vec::new();
            for pair in chain.windows(2).rev() {
                if let [certificate, issuer] = pair {
                    answers.insert(0, self.ask(certificate, issuer, at).await?);
                }
            }
            Ok(answers)
        };
        tokio::time::timeout(CHECK_TIMEOUT, asked).await.unwrap_or_else(|_| {
            tracing::warn!("issuers take too long to say whether certificates were revoked");
            Err(SignatureFault::RevocationUnknown.into())
        })
    }

    async fn ask(
        &self,
        certificate: &X509,
        issuer: &X509,
        at: Timestamp,
    ) -> Result<RevocationAnswer, SignatureRefusal> {
        for url in responders(certificate) {
            match self.by_ocsp(&url, certificate, issuer, at).await {
                Ok(kept) => return decided(&kept, certificate),
                Err(error) => {
                    note(&error, &url);
                    // Its issuer denies it, whatever a list says.
                    if matches!(error, Unusable::Unknown) {
                        return Err(SignatureFault::RevocationUnknown.into());
                    }
                }
            }
        }
        for url in self.lists.iter().cloned().chain(lists(certificate)) {
            match self.by_list(&url, issuer, at).await {
                Ok(kept) if is_of(&kept, certificate) => return decided(&kept, certificate),
                Ok(_) => note(&Unusable::Foreign, &url),
                Err(error) => note(&error, &url),
            }
        }
        Err(SignatureFault::RevocationUnknown.into())
    }

    async fn by_ocsp(
        &self,
        url: &str,
        certificate: &X509,
        issuer: &X509,
        at: Timestamp,
    ) -> Result<Kept, Unusable> {
        let place = place(&[b"ocsp", url.as_bytes(), &issuer.sha256(), certificate.serial()]);
        let (fetcher, reading) = (self.fetcher.clone(), self.reading.clone());
        let (url, certificate, issuer) = (url.to_owned(), certificate.clone(), issuer.clone());
        let fetch = async move {
            let request = ocsp::request(&certificate, &issuer);
            let bytes = fetcher.ask(&url, request.ok_or(Unusable::Malformed("ids"))?).await?;
            let read = move || {
                let read = ocsp::read(&bytes, &certificate, &issuer, at)?;
                let revoked = read.is_revoked.then(|| certificate.serial().to_vec());
                let answer = answer(AnswerKind::Ocsp, bytes, read.this_update, read.next_update);
                let revoked = Arc::new(revoked.into_iter().collect());
                Ok(Kept { answer, fetched_at: at, revoked, part: None })
            };
            reading.run(read).await
        };
        self.answers.get(place, FRESH_OCSP, at, fetch).await
    }

    async fn by_list(&self, url: &str, issuer: &X509, at: Timestamp) -> Result<Kept, Unusable> {
        let place = place(&[b"crl", url.as_bytes(), &issuer.sha256()]);
        let (fetcher, reading) = (self.fetcher.clone(), self.reading.clone());
        let (url, issuer) = (url.to_owned(), issuer.clone());
        let fetch = async move {
            let bytes = fetcher.list(&url).await?;
            let read = move || {
                let read = crl::read(&bytes, &issuer, at)?;
                let answer = answer(AnswerKind::Crl, bytes, read.this_update, read.next_update);
                let part = read.point.map(|point| addresses(point).into());
                Ok(Kept { answer, fetched_at: at, revoked: Arc::new(read.revoked), part })
            };
            reading.run(read).await
        };
        self.answers.get(place, FRESH, at, fetch).await
    }
}

/// Returns `true` if an answer says something of this certificate.
fn is_of(kept: &Kept, certificate: &X509) -> bool {
    let named =
        |part: &Arc<[String]>| lists(certificate).iter().any(|address| part.contains(address));
    kept.part.as_ref().is_none_or(named)
}

fn decided(kept: &Kept, certificate: &X509) -> Result<RevocationAnswer, SignatureRefusal> {
    match kept.revoked.contains(certificate.serial()) {
        true => Err(SignatureFault::Revoked.into()),
        false => Ok(kept.answer.clone()),
    }
}

fn answer(
    kind: AnswerKind,
    der: Vec<u8>,
    this_update: Timestamp,
    next_update: Timestamp,
) -> RevocationAnswer {
    let sha256 = hex::encode(Sha256::digest(&der));
    RevocationAnswer { kind, der: der.into(), sha256, this_update, next_update }
}

fn note(error: &Unusable, url: &str) {
    tracing::warn!(%error, url, "an answer about revocation can't be used");
}

/// The key of a kept answer: its parts, each with its length before it.
fn place(parts: &[&[u8]]) -> Vec<u8> {
    let length = |part: &&[u8]| (part.len() as u64).to_be_bytes();
    parts.iter().flat_map(|part| [&length(part)[..], part].concat()).collect()
}

/// Addresses of the issuer's OCSP responders.
fn responders(certificate: &X509) -> Vec<String> {
    let access = certificate.extension::<AuthorityInfoAccessSyntax>();
    let descriptions = access.map(|(_, access)| access.0).unwrap_or_default();
    let ocsp = descriptions.iter().filter(|description| description.access_method == OCSP);
    ocsp.filter_map(|description| address(&description.access_location))
        .take(ADDRESSES_MAX)
        .collect()
}

/// Addresses of the issuer's lists.
fn lists(certificate: &X509) -> Vec<String> {
    let points = certificate.extension::<CrlDistributionPoints>();
    let points = points.map(|(_, points)| points.0).unwrap_or_default();
    // A list of another issuer, or for some reasons alone, says too little.
    let whole = points.iter().filter(|of| of.crl_issuer.is_none() && of.reasons.is_none());
    whole
        .filter_map(|of| match &of.distribution_point {
            Some(DistributionPointName::FullName(names)) => names.iter().find_map(address),
            _ => None,
        })
        .take(ADDRESSES_MAX)
        .collect()
}

/// The addresses at which certificates name the list of a part.
fn addresses(point: DistributionPointName) -> Vec<String> {
    match point {
        DistributionPointName::FullName(names) => names.iter().filter_map(address).collect(),
        // A name below the issuer's is no address: no certificate of ours names it so.
        DistributionPointName::NameRelativeToCRLIssuer(_) => Vec::new(),
    }
}

fn address(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
        _ => None,
    }
}
