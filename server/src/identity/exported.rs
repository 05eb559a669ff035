//! The evidence of a signature in a container that programs of others verify.

use super::evidence::{SignatureEvidence, TABLE};
use crate::db::StoreError;
use crate::signature::{AS_SENT, EmbeddedAnswer, archived, asic_s};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

impl SignatureEvidence {
    /// A container (ASiC-S) of the signed bytes under `name`, with the signature, the chain, the
    /// issuers' answers and the report of the verification. Made on a thread for work that blocks:
    /// a list of revoked certificates has megabytes.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it was another document that was signed.
    pub async fn container(self, name: String, content: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        if hex::encode(Sha256::digest(&content)) != self.document_sha256 {
            return Err(StoreError::damaged(TABLE)("not what was signed"));
        }
        let packed = spawn_blocking(move || self.packed(&name, &content)).await;
        packed.map_err(StoreError::damaged(TABLE))?.map_err(StoreError::damaged(TABLE))
    }

    fn packed(&self, name: &str, content: &[u8]) -> anyhow::Result<Vec<u8>> {
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
        Ok(asic_s((name, content), &signature, &further)?)
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
