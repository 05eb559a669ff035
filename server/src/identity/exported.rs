//! The evidence of a confirmation in a file that programs of others verify.

use super::evidence::{KeptEvidence, SignatureEvidence, TABLE};
use super::evidence_file::EvidenceFile;
use crate::db::StoreError;
use crate::signature::{AS_SENT, EmbeddedAnswer, archived, asic_s};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

impl KeptEvidence {
    /// SHA-256 of what was confirmed, hex.
    pub fn document_sha256(&self) -> String {
        match self {
            Self::Certificate(evidence) => evidence.document_sha256.clone(),
            Self::Eid(evidence) => evidence.document_sha256(),
        }
    }

    /// A file of the confirmed bytes under `name`: a container (ASiC-S) with a certificate's
    /// signature, the chain, the issuers' answers and the report of the verification; or a zip file
    /// with what eID has signed. Made on a thread for work that blocks: a list of revoked
    /// certificates has megabytes.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it was another document that was confirmed.
    pub async fn file(self, name: String, content: Vec<u8>) -> Result<EvidenceFile, StoreError> {
        if hex::encode(Sha256::digest(&content)) != self.document_sha256() {
            return Err(StoreError::damaged(TABLE)("not what was signed"));
        }
        let packed = spawn_blocking(move || match self {
            Self::Certificate(evidence) => evidence.packed(&name, &content),
            Self::Eid(evidence) => evidence.packed(&name, &content).map_err(anyhow::Error::from),
        });
        let packed = packed.await.map_err(StoreError::damaged(TABLE))?;
        packed.map_err(StoreError::damaged(TABLE))
    }
}

impl SignatureEvidence {
    fn packed(&self, name: &str, content: &[u8]) -> anyhow::Result<EvidenceFile> {
        let sent = STANDARD.decode(&self.signature)?;
        let chain: Vec<_> =
            self.chain.iter().map(|one| STANDARD.decode(one)).collect::<Result<_, _>>()?;
        let answers: Vec<_> = self
            .answers
            .iter()
            .map(|one| STANDARD.decode(one.der.as_deref().unwrap_or_default()))
            .collect::<Result<_, _>>()?;
        let embedded: Vec<_> = self
            .answers
            .iter()
            .zip(&answers)
            .map(|(answer, der)| EmbeddedAnswer { is_ocsp: answer.is_ocsp, der })
            .collect();
        let signature = archived(&sent, &chain, &embedded)?;
        let mut further = vec![(AS_SENT.to_owned(), sent)];
        for (place, certificate) in (1..).zip(chain) {
            further.push((format!("certificates/{place}.cer"), certificate));
        }
        for ((place, answer), der) in (1..).zip(&self.answers).zip(answers) {
            let ending = if answer.is_ocsp { "ors" } else { "crl" };
            further.push((format!("revocation/{place}.{ending}"), der));
        }
        further.push(("report.json".to_owned(), self.report()?));
        Ok(EvidenceFile::Asic(asic_s((name, content), &signature, &further)?))
    }

    fn report(&self) -> serde_json::Result<Vec<u8>> {
        let answers = self.answers.iter().map(|answer| {
            json!({
                "kind": if answer.is_ocsp { "ocsp" } else { "crl" },
                "sha256": answer.sha256,
                "this_update": answer.this_update.rfc3339(),
                "next_update": answer.next_update.rfc3339(),
            })
        });
        serde_json::to_vec_pretty(&json!({
            "document_sha256": self.document_sha256,
            "signed_at": self.signed_at.rfc3339(),
            "verified_at": self.verified_at.rfc3339(),
            "result": "valid",
            "answers": answers.collect::<Vec<_>>(),
        }))
    }
}
