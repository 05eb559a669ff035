//! Evidence of signatures by certificate and of confirmations by eID: what a court, or a program
//! that knows nothing of this server, needs to verify one again in years.
//!
//! # Why it is sealed, and lists are not
//! A certificate and an OCSP answer name a person; they are sealed under the person's key and end
//! with it. A list of revoked certificates names nobody and may be large: it is kept once, for all
//! signatures that rest on it.

use super::confirmation::Confirmed;
use super::eid::EidEvidence;
use super::service::{Error, Service};
use super::store;
use crate::db::{StoreError, Txn};
use crate::person_texts::TextColumn;
use crate::signature::cms::{AnswerKind, CertificateSignature, RevocationAnswer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// Time for which a list is kept on which no evidence rests; the application or act that needs it
/// is decided within minutes.
pub const UNUSED_KEPT: TimeSpan = TimeSpan::days(1);
/// Age from which it is noted again that a list is needed; well below [`UNUSED_KEPT`].
const TOUCHED_AFTER: TimeSpan = TimeSpan::hours(6);
/// Most lists that are removed at once.
const SWEPT_AT_ONCE: u64 = 16;
/// The table's name, for damaged rows.
pub(super) const TABLE: &str = "signature_evidence";

/// What is kept of a confirmation.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeptEvidence {
    /// Of a signature by certificate.
    Certificate(SignatureEvidence),
    /// Of a confirmation by eID.
    Eid(EidEvidence),
}

/// A signature with its chain, its issuers' answers and its times. Bytes are base64.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignatureEvidence {
    /// SHA-256 of the signed bytes, hex.
    pub document_sha256: String,
    /// The time that the signer stated.
    pub signed_at: Timestamp,
    /// The moment of the verification.
    pub verified_at: Timestamp,
    /// The detached CMS signature, DER.
    pub signature: String,
    /// Certificates from the signer's to the root, DER.
    pub chain: Vec<String>,
    /// The issuers' answers, for each certificate but the root.
    pub answers: Vec<KeptAnswer>,
}

/// An issuer's answer about a certificate.
#[derive(Clone, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// Set for OCSP; otherwise it is a list.
    pub is_ocsp: bool,
    /// SHA-256 of the answer, hex.
    pub sha256: String,
    /// The answer in DER; `None` for a list while it is kept by itself.
    pub der: Option<String>,
    pub this_update: Timestamp,
    pub next_update: Timestamp,
}

impl Service {
    /// Keeps what a confirmation by certificate or by eID rests on, in the transaction of what it
    /// confirms. A passkey's rests on the account alone. The lists are there already (`keep_lists`).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_evidence(
        &self,
        txn: &Txn,
        object: &str,
        person: PersonId,
        (content, confirmed): (&[u8], &Confirmed),
    ) -> Result<(), StoreError> {
        let Some(signed) = &confirmed.certificate else {
            return self.take_confirmed(txn, object, person, confirmed).await;
        };
        let now = self.now();
        let lists = lists(signed).map(|list| list.sha256.clone()).collect();
        let evidence = evidence(content, signed);
        let text = serde_json::to_string(&evidence).map_err(StoreError::damaged(TABLE))?;
        let secrets = &self.context.person_secrets;
        let sealed = secrets.seal(txn, person, TextColumn::Evidence, &text).await?;
        store::put_evidence(txn, (object, &lists), person, sealed, now).await
    }

    /// Keeps the lists of revoked certificates on which a signature rests, before anything is
    /// decided: some have megabytes, and a transaction that writes them must hold up no other.
    /// Should nothing come of the signature, they are removed after [`UNUSED_KEPT`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn keep_lists(&self, signed: &CertificateSignature) -> Result<(), StoreError> {
        for list in lists(signed) {
            let (sha256, now) = (&list.sha256, self.now());
            let kept_at = store::list_kept_at(self.context.db.read(), sha256).await?;
            if kept_at.is_some_and(|at| now - at < TOUCHED_AFTER) {
                continue;
            }
            let txn = self.context.db.begin().await?;
            store::put_revocation_list(&txn, sha256, &list.der, now).await?;
            self.context.db.commit(txn).await?;
        }
        Ok(())
    }

    /// Removes lists on which no evidence rests, a bounded number of them. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sweep_lists(&self) -> Result<u64, StoreError> {
        let before = self.now() - UNUSED_KEPT;
        let unused = store::unused_lists(self.context.db.read(), before, SWEPT_AT_ONCE).await?;
        if unused.is_empty() {
            return Ok(0);
        }
        let txn = self.context.db.begin().await?;
        let swept = store::sweep_lists(&txn, unused, before).await?;
        self.context.db.commit(txn).await?;
        Ok(swept)
    }

    /// Returns `true` if there is evidence of what was signed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_evidence(
        &self,
        db: &impl ConnectionTrait,
        object: &str,
    ) -> Result<bool, StoreError> {
        store::has_evidence(db, object).await
    }

    /// The evidence of what was signed, whole; `None` if neither a certificate nor eID has confirmed
    /// it, or its person was forgotten.
    ///
    /// # Errors
    /// [`Error::Store`], also if a list is gone.
    pub async fn evidence(
        &self,
        db: &impl ConnectionTrait,
        object: &str,
    ) -> Result<Option<KeptEvidence>, Error> {
        let Some((person, sealed)) = store::evidence(db, object).await? else { return Ok(None) };
        let keys = self.context.person_secrets.keys(db, &[person]).await?;
        let text = keys.open(person, TextColumn::Evidence, &sealed)?;
        let kept = serde_json::from_str(&text).map_err(StoreError::damaged(TABLE))?;
        let mut evidence = match kept {
            KeptEvidence::Certificate(evidence) => evidence,
            KeptEvidence::Eid(evidence) => return Ok(Some(KeptEvidence::Eid(evidence))),
        };
        for answer in &mut evidence.answers {
            if answer.der.is_none() {
                let list = store::revocation_list(db, &answer.sha256).await?;
                let list = list.ok_or("its list is gone").map_err(StoreError::damaged(TABLE))?;
                answer.der = Some(STANDARD.encode(list));
            }
        }
        Ok(Some(KeptEvidence::Certificate(evidence)))
    }
}

/// The lists among a signature's answers.
fn lists(signed: &CertificateSignature) -> impl Iterator<Item = &RevocationAnswer> {
    signed.answers.iter().filter(|answer| answer.kind == AnswerKind::Crl)
}

fn evidence(content: &[u8], signed: &CertificateSignature) -> SignatureEvidence {
    let chain = signed.chain.iter().map(|certificate| STANDARD.encode(certificate.der()));
    SignatureEvidence {
        document_sha256: hash(content),
        signed_at: signed.signed_at,
        verified_at: signed.verified_at,
        signature: STANDARD.encode(&signed.signature),
        chain: chain.collect(),
        answers: signed.answers.iter().map(kept).collect(),
    }
}

fn kept(answer: &RevocationAnswer) -> KeptAnswer {
    let is_ocsp = answer.kind == AnswerKind::Ocsp;
    KeptAnswer {
        is_ocsp,
        sha256: answer.sha256.clone(),
        der: is_ocsp.then(|| STANDARD.encode(&answer.der)),
        this_update: answer.this_update,
        next_update: answer.next_update,
    }
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
