//! Evidence of a confirmation by eID: what the provider has signed, and how it belongs to the act.
//!
//! # How the token belongs to the act
//! The id token names a `nonce`, which is the hash of the `state` that the browser brought along; the
//! state names the act by its digest. Each step is a hash, so that it takes the provider's key and
//! no key of this server to follow them. What is signed is that this person has authenticated for
//! this state: the pages of the provider don't show the act's text, which the person has read in
//! the app.

use super::provider::SignedAnswer;
use super::state::EidSeal;
use crate::identity::evidence_file::EvidenceFile;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::io::{Cursor, Write as _};
use toruk_sync::domain::time::Timestamp;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The way to verify it, for those who open the file in years.
const HOW_TO: &str = include_str!("evidence.txt");

/// What a provider has signed about an act.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EidEvidence {
    /// The id token as it came: a JWS in its compact form.
    pub id_token: String,
    /// The provider's keys at that moment, a JWK set.
    pub keys: String,
    /// The provider.
    pub issuer: String,
    /// This server's name at the provider.
    pub client_id: String,
    /// The state that names the act.
    pub state: String,
    /// The moment of the verification.
    pub verified_at: Timestamp,
}

impl EidEvidence {
    /// Of a state, verified at this moment.
    pub fn of(signed: SignedAnswer, state: &str, verified_at: Timestamp) -> Self {
        let SignedAnswer { id_token, keys, issuer, client_id } = signed;
        Self { id_token, keys, issuer, client_id, state: state.to_owned(), verified_at }
    }

    /// SHA-256 of the act's canonical bytes, hexadecimal; empty if the state names none.
    pub fn document_sha256(&self) -> String {
        EidSeal::act_of(&self.state).map(|act| act.digest).unwrap_or_default()
    }

    /// A zip file of the signed bytes under `name` with the token, the keys, the state and the way
    /// to verify them. The same content gives the same bytes.
    pub fn packed(&self, name: &str, content: &[u8]) -> std::io::Result<EvidenceFile> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::DEFAULT);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let report = serde_json::to_vec_pretty(&json!({
            "document_sha256": self.document_sha256(),
            "issuer": self.issuer,
            "client_id": self.client_id,
            "verified_at": self.verified_at.rfc3339(),
            "result": "valid",
        }))?;
        for (name, content) in [
            (name, content),
            ("eid/id-token.jwt", self.id_token.as_bytes()),
            ("eid/keys.json", self.keys.as_bytes()),
            ("eid/state.txt", self.state.as_bytes()),
            ("eid/report.json", report.as_slice()),
            ("eid/how-to-verify.txt", HOW_TO.as_bytes()),
        ] {
            zip.start_file(name, options)?;
            zip.write_all(content)?;
        }
        Ok(EvidenceFile::Zip(zip.finish()?.into_inner()))
    }
}
