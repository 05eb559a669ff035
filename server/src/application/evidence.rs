//! The evidence of an application's signature by certificate, for those who have to verify it
//! without this server.

use super::console::READERS;
use super::service::{Error, Service};
use super::store;
use crate::audit::{Action, Principal};
use crate::db::StoreError;
use crate::identity::{Official, SignatureEvidence};
use crate::signature::asic_s;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::signing::SignedPayload as _;

/// The name of the signed package in its container.
const DOCUMENT: &str = "application.txt";

/// The name under which an application's evidence is kept.
pub(super) fn object(id: ApplicationId) -> String {
    format!("application:{id}")
}

impl Service {
    /// Returns `true` if a certificate has signed the application.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Identity`].
    pub async fn has_evidence(&self, id: ApplicationId) -> Result<bool, Error> {
        Ok(self.identity.has_evidence(self.context.db.read(), &object(id)).await?)
    }

    /// The signed package in a container (ASiC-S) with its signature, the chain, what issuers said
    /// of it and the report of its verification. The access is recorded.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if no certificate has signed it.
    pub async fn evidence(&self, by: &Official, id: ApplicationId) -> Result<Vec<u8>, Error> {
        by.any(&READERS)?;
        let txn = self.context.db.begin().await?;
        let stored = store::find(&txn, id).await?.ok_or(StoreError::NotFound)?;
        let auction = self.catalogue.auction(&txn, stored.application.auction).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &READERS, Some(organisation))?;
        let evidence = self.identity.evidence(&txn, &object(id)).await?;
        let evidence = evidence.ok_or(StoreError::NotFound)?;
        let package = self.package(&txn, &stored).await?.canonical();
        if hex::encode(Sha256::digest(&package)) != evidence.document_sha256 {
            let another = StoreError::damaged("application")("not the package that was signed");
            return Err(another.into());
        }
        self.record(&txn, actor, Action::ApplicationEvidence, id, json!({})).await?;
        self.context.db.commit(txn).await?;
        let packed = packed(&package, &evidence);
        Ok(packed.map_err(StoreError::damaged("signature_evidence"))?)
    }
}

fn packed(package: &[u8], evidence: &SignatureEvidence) -> anyhow::Result<Vec<u8>> {
    let mut further = Vec::new();
    for (place, certificate) in (1..).zip(&evidence.chain) {
        further.push((format!("certificates/{place}.cer"), STANDARD.decode(certificate)?));
    }
    for (place, answer) in (1..).zip(&evidence.answers) {
        let ending = if answer.is_ocsp { "ors" } else { "crl" };
        let der = answer.der.as_deref().unwrap_or_default();
        further.push((format!("revocation/{place}.{ending}"), STANDARD.decode(der)?));
    }
    let answers = evidence.answers.iter().map(|answer| {
        json!({
            "kind": if answer.is_ocsp { "ocsp" } else { "crl" },
            "sha256": answer.sha256,
            "this_update": answer.this_update.rfc3339(),
            "next_update": answer.next_update.rfc3339(),
        })
    });
    let report = json!({
        "document_sha256": evidence.document_sha256,
        "signed_at": evidence.signed_at.rfc3339(),
        "verified_at": evidence.verified_at.rfc3339(),
        "result": "valid",
        "answers": answers.collect::<Vec<_>>(),
    });
    further.push(("report.json".to_owned(), serde_json::to_vec_pretty(&report)?));
    let signature = STANDARD.decode(&evidence.signature)?;
    Ok(asic_s((DOCUMENT, package), &signature, &further)?)
}
