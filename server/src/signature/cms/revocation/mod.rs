//! Whether a certificate was revoked: by OCSP where its issuer offers that, else by the issuer's
//! list (CRL).
//!
//! # The policy when nobody answers
//! A certificate counts only if its issuer says so. If neither OCSP nor a list can be had, the
//! signature is refused as `revocation_unknown`, and nothing is decided: the person tries again, as
//! when the payment system is away. An answer that was fetched before counts until its own
//! `nextUpdate`, which is how long its issuer stands by it, and is asked for again after
//! [`FRESH`] or [`FRESH_OCSP`]. So a responder that is away for an hour stops nobody who has a list,
//! and a revocation counts within minutes while it is there.
//!
//! # Why addresses in certificates are asked
//! They are written by an authority whose chain to a root is verified before, never by the one who
//! sends a signature. Only `http` and `https`, no redirects, bounded in time and length; an answer
//! counts by its signature, so plain HTTP is enough (RFC 5280, 8).

mod crl;
mod fetch;
mod ocsp;
mod usable;

use super::certificate::X509;
use super::refusal::SignatureRefusal;
use der::asn1::ObjectIdentifier;
use fetch::Fetcher;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::signature::SignatureFault;
use usable::Unusable;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

/// Age from which a list is fetched again.
pub const FRESH: TimeSpan = TimeSpan::minutes(10);
/// Age from which an OCSP answer is asked for again.
pub const FRESH_OCSP: TimeSpan = TimeSpan::minutes(1);
/// Most answers that are kept.
const KEPT_MAX: usize = 512;
/// Most addresses of one certificate that are asked.
const ADDRESSES_MAX: usize = 3;
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");

/// The kind of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    Crl,
    Ocsp,
}

/// A verified answer of an issuer, for evidence.
#[derive(Clone)]
pub struct RevocationAnswer {
    pub kind: AnswerKind,
    /// The answer in DER.
    pub der: Arc<[u8]>,
    /// The moment from which it counts.
    pub this_update: Timestamp,
    /// The moment until which its issuer stands by it.
    pub next_update: Timestamp,
}

/// A verified answer and what it says: the revoked serial numbers, for OCSP at most the one.
#[derive(Clone)]
struct Kept {
    answer: RevocationAnswer,
    fetched_at: Timestamp,
    revoked: Arc<std::collections::HashSet<Vec<u8>>>,
    /// Set for a list of a part of its issuer's certificates: the addresses at which these name it.
    part: Option<Arc<[String]>>,
}

impl Kept {
    /// Returns `true` if it says something of this certificate.
    fn is_of(&self, certificate: &X509) -> bool {
        let named =
            |part: &Arc<[String]>| lists(certificate).iter().any(|address| part.contains(address));
        self.part.as_ref().is_none_or(named)
    }
}

/// Asks issuers, and keeps their answers.
pub struct Revocation {
    fetcher: Fetcher,
    /// Lists of the operator's, asked before those that certificates name.
    lists: Vec<String>,
    kept: Mutex<HashMap<Vec<u8>, Kept>>,
}

impl Revocation {
    /// Asks the addresses in `lists` before those in certificates.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(lists: Vec<String>) -> anyhow::Result<Self> {
        Ok(Self { fetcher: Fetcher::new()?, lists, kept: Mutex::default() })
    }

    /// Requires that no certificate of `chain` below its root was revoked, from the root down: an
    /// issuer is known to count before it is asked. Returns the answers, from the signer up.
    ///
    /// # Errors
    /// [`SignatureFault::Revoked`], [`SignatureFault::RevocationUnknown`].
    pub async fn check(
        &self,
        chain: &[X509],
        at: Timestamp,
    ) -> Result<Vec<RevocationAnswer>, SignatureRefusal> {
        let mut answers = Vec::new();
        for pair in chain.windows(2).rev() {
            if let [certificate, issuer] = pair {
                answers.insert(0, self.ask(certificate, issuer, at).await?);
            }
        }
        Ok(answers)
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
                Ok(kept) if kept.is_of(certificate) => return decided(&kept, certificate),
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
        self.kept_or(place, FRESH_OCSP, at, async {
            let request = ocsp::request(certificate, issuer).ok_or(Unusable::Malformed("ids"))?;
            let bytes = self.fetcher.ask(url, request).await?;
            let read = ocsp::read(&bytes, certificate, issuer, at)?;
            let revoked = read.is_revoked.then(|| certificate.serial().to_vec());
            let answer = answer(AnswerKind::Ocsp, bytes, read.this_update, read.next_update);
            let revoked = Arc::new(revoked.into_iter().collect());
            Ok(Kept { answer, fetched_at: at, revoked, part: None })
        })
        .await
    }

    async fn by_list(&self, url: &str, issuer: &X509, at: Timestamp) -> Result<Kept, Unusable> {
        let place = place(&[b"crl", url.as_bytes(), &issuer.sha256()]);
        self.kept_or(place, FRESH, at, async {
            let bytes = self.fetcher.list(url).await?;
            let read = crl::read(&bytes, issuer, at)?;
            let answer = answer(AnswerKind::Crl, bytes, read.this_update, read.next_update);
            let part = read.point.map(|point| addresses(point).into());
            Ok(Kept { answer, fetched_at: at, revoked: Arc::new(read.revoked), part })
        })
        .await
    }

    /// The kept answer while it is fresh; else a new one; else the kept one while its issuer stands
    /// by it.
    async fn kept_or(
        &self,
        place: Vec<u8>,
        fresh: TimeSpan,
        at: Timestamp,
        fetched: impl Future<Output = Result<Kept, Unusable>>,
    ) -> Result<Kept, Unusable> {
        let known = crate::lock::lock(&self.kept).get(&place).cloned();
        let known = known.filter(|kept| at <= kept.answer.next_update);
        if let Some(kept) = known.as_ref().filter(|kept| at - kept.fetched_at < fresh) {
            return Ok(kept.clone());
        }
        match (fetched.await, known) {
            // Somebody on the way sends what the issuer said before.
            (Ok(kept), Some(newer)) if kept.answer.this_update < newer.answer.this_update => {
                tracing::warn!("an older answer about revocation came; the kept one is used");
                Ok(newer)
            }
            (Ok(kept), _) => {
                self.keep(place, kept.clone(), at);
                Ok(kept)
            }
            (Err(error @ Unusable::Unreachable(_)), Some(kept)) => {
                tracing::warn!(%error, "a kept answer about revocation is used");
                Ok(kept)
            }
            (Err(error), _) => Err(error),
        }
    }

    fn keep(&self, place: Vec<u8>, kept: Kept, at: Timestamp) {
        let mut all = crate::lock::lock(&self.kept);
        if all.len() >= KEPT_MAX {
            all.retain(|_, kept| at <= kept.answer.next_update && at - kept.fetched_at < FRESH);
        }
        if all.len() < KEPT_MAX || all.contains_key(&place) {
            all.insert(place, kept);
        }
    }
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
    RevocationAnswer { kind, der: der.into(), this_update, next_update }
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
