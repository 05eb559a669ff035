//! A passkey in software, for terminals only: its key is a file, and "user verification" is that
//! somebody runs the program. A phone uses its platform's passkeys.
//!
//! WebAuthn with attestation `none`, ES256, kept in one JSON file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use toruk_mobile_core::platform::{Entropy, Passkeys, PlatformError, SystemEntropy};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const KEY_INCLUDED: u8 = 0x40;

/// All passkeys of one file, under one origin.
pub struct FilePasskeys {
    file: PathBuf,
    origin: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    rp_id: String,
    credential_id: String,
    user_handle: String,
    secret: String,
}

impl FilePasskeys {
    /// Passkeys in `file`, which name `origin` (`http://localhost:8080`) as a browser would.
    pub fn new(file: PathBuf, origin: String) -> Self {
        Self { file, origin }
    }

    fn create(&self, options: &Value) -> Option<Value> {
        let rp_id = options["rp"]["id"].as_str()?.to_owned();
        let (id, key) = loop {
            let key = SigningKey::from_slice(&SystemEntropy.bytes(32));
            if let Ok(key) = key {
                break (SystemEntropy.bytes(16), key);
            }
        };
        let client = self.client_data("webauthn.create", options)?;
        let mut data = authenticator_data(&rp_id, USER_PRESENT | USER_VERIFIED | KEY_INCLUDED);
        data.extend_from_slice(&[0; 16]); // no model to name
        data.extend_from_slice(&u16::try_from(id.len()).ok()?.to_be_bytes());
        data.extend_from_slice(&id);
        data.extend_from_slice(&cose_key(&key));
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend_from_slice(&u16::try_from(data.len()).ok()?.to_be_bytes());
        attestation.extend_from_slice(&data);
        let mut all = self.load();
        all.push(Stored {
            rp_id,
            credential_id: B64.encode(&id),
            user_handle: options["user"]["id"].as_str()?.to_owned(),
            secret: B64.encode(key.to_bytes()),
        });
        std::fs::write(&self.file, serde_json::to_vec(&all).ok()?).ok()?;
        Some(credential(
            &B64.encode(&id),
            json!({
                "clientDataJSON": B64.encode(client),
                "attestationObject": B64.encode(attestation),
                "transports": ["internal"],
            }),
        ))
    }

    fn sign(&self, options: &Value) -> Option<Value> {
        let rp_id = options["rpId"].as_str()?;
        let allowed = options["allowCredentials"].as_array().cloned().unwrap_or_default();
        let fits = |stored: &&Stored| {
            let named = allowed.iter().any(|one| one["id"] == stored.credential_id.as_str());
            stored.rp_id == rp_id && (allowed.is_empty() || named)
        };
        let all = self.load();
        let stored = all.iter().rev().find(fits)?;
        let key = SigningKey::from_slice(&B64.decode(&stored.secret).ok()?).ok()?;
        let client = self.client_data("webauthn.get", options)?;
        let data = authenticator_data(rp_id, USER_PRESENT | USER_VERIFIED);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature: Signature = key.sign(&signed);
        Some(credential(
            &stored.credential_id,
            json!({
                "clientDataJSON": B64.encode(client),
                "authenticatorData": B64.encode(data),
                "signature": B64.encode(signature.to_der().as_bytes()),
                "userHandle": stored.user_handle,
            }),
        ))
    }

    fn client_data(&self, kind: &str, options: &Value) -> Option<Vec<u8>> {
        let challenge = options["challenge"].as_str()?;
        let data = json!({
            "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        Some(data.to_string().into_bytes())
    }

    fn load(&self) -> Vec<Stored> {
        let bytes = std::fs::read(&self.file).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

#[async_trait::async_trait]
impl Passkeys for FilePasskeys {
    async fn register(&self, options_json: String) -> Result<String, PlatformError> {
        answer(&options_json, |options| self.create(options))
    }

    async fn assert(&self, options_json: String) -> Result<String, PlatformError> {
        answer(&options_json, |options| self.sign(options))
    }
}

fn answer(
    options_json: &str,
    make: impl Fn(&Value) -> Option<Value>,
) -> Result<String, PlatformError> {
    let failed = |reason: &str| PlatformError::Failed { reason: reason.to_owned() };
    let options: Value = serde_json::from_str(options_json).map_err(|_| failed("not JSON"))?;
    let made =
        make(&options["publicKey"]).ok_or_else(|| failed("no passkey fits these options"))?;
    Ok(made.to_string())
}

fn credential(id: &str, response: Value) -> Value {
    json!({
        "id": id, "rawId": id, "type": "public-key",
        "response": response, "clientExtensionResults": {},
    })
}

fn authenticator_data(rp_id: &str, flags: u8) -> Vec<u8> {
    let mut data = Sha256::digest(rp_id).to_vec();
    data.push(flags);
    data.extend_from_slice(&[0; 4]); // no counter
    data
}

/// CBOR: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
fn cose_key(key: &SigningKey) -> Vec<u8> {
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use webauthn_rs::prelude::{Url, Uuid, Webauthn, WebauthnBuilder};

    const ORIGIN: &str = "http://localhost:8080";

    fn relying_party() -> Webauthn {
        let origin = Url::parse(ORIGIN).unwrap();
        WebauthnBuilder::new("localhost", &origin).unwrap().build().unwrap()
    }

    #[tokio::test]
    async fn a_terminal_registers_and_signs_in_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let open = || FilePasskeys::new(folder.path().join("passkeys.json"), ORIGIN.to_owned());
        let party = relying_party();
        let person = Uuid::from_u128(7);
        let (options, state) =
            party.start_passkey_registration(person, "aida", "Aida", None).unwrap();
        let options = serde_json::to_string(&options).unwrap();
        let credential = open().register(options).await.unwrap();
        let credential = serde_json::from_str(&credential).unwrap();
        let passkey = party.finish_passkey_registration(&credential, &state).unwrap();

        let (options, state) = party.start_passkey_authentication(&[passkey]).unwrap();
        let options = serde_json::to_string(&options).unwrap();
        let credential = open().assert(options).await.unwrap();
        let credential = serde_json::from_str(&credential).unwrap();
        let result = party.finish_passkey_authentication(&credential, &state).unwrap();
        assert!(result.user_verified());
    }

    #[tokio::test]
    async fn a_passkey_of_another_party_is_not_offered() {
        let folder = tempfile::tempdir().unwrap();
        let passkeys = FilePasskeys::new(folder.path().join("passkeys.json"), ORIGIN.to_owned());
        let options = r#"{"publicKey":{"challenge":"AAAA","rpId":"example.org"}}"#;
        assert!(passkeys.assert(options.to_owned()).await.is_err());
    }
}
