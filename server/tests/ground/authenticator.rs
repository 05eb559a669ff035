//! An authenticator in software whose flags, counter, user handle and origin a test chooses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use crypto_glue::rsa::{self, RS256SigningKey};
use crypto_glue::traits::{Keypair as _, PublicKeyParts as _, SignatureEncoding as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const USER_PRESENT_AND_VERIFIED: u8 = 0b101;
const KEY_INCLUDED: u8 = 0b0100_0000;
const BACKUP_ELIGIBLE: u8 = 0b1000;
const BACKED_UP: u8 = 0b1_0000;

/// What an authenticator says beside its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Says {
    /// BE: the passkey may be copied to other devices.
    pub eligible: bool,
    /// BS: it was.
    pub backed_up: bool,
    pub counter: u32,
    pub origin: &'static str,
}

impl Says {
    fn flags(self) -> u8 {
        let eligible = if self.eligible { BACKUP_ELIGIBLE } else { 0 };
        let backed_up = if self.backed_up { BACKED_UP } else { 0 };
        USER_PRESENT_AND_VERIFIED | eligible | backed_up
    }

    fn client_data(self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin })
            .to_string()
            .into_bytes()
    }
}

/// One passkey.
pub struct Authenticator {
    key: Key,
    id: String,
}

enum Key {
    /// ES256, as nearly all makers have it.
    P256(SigningKey),
    /// RS256 with 2 048 bits, as Windows Hello has it.
    Rsa(Box<RS256SigningKey>),
}

impl Authenticator {
    pub fn new(number: u128) -> Self {
        let secret = [[0; 16], number.to_be_bytes()].concat();
        let id = B64.encode(number.to_be_bytes());
        Self { key: Key::P256(SigningKey::from_slice(&secret).unwrap()), id }
    }

    pub fn with_rsa(number: u128) -> Self {
        let key = RS256SigningKey::new(rsa::new_key(rsa::MIN_BITS).unwrap());
        Self { key: Key::Rsa(Box::new(key)), ..Self::new(number) }
    }

    /// The credential's id, base64url.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Answers `{"publicKey": …}` creation options.
    pub fn create(&self, options: &Value, says: Says) -> Value {
        let options = &options["publicKey"];
        let rp_id = options["rp"]["id"].as_str().unwrap();
        let id = B64.decode(&self.id).unwrap();
        let mut data = authenticator_data(rp_id, says.flags() | KEY_INCLUDED, says.counter);
        data.extend_from_slice(&[0; 16]); // no model to name
        data.extend_from_slice(&u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&id);
        data.extend_from_slice(&self.cose_key());
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
        attestation.extend_from_slice(&data);
        self.credential(&json!({
            "clientDataJSON": B64.encode(says.client_data("webauthn.create", options)),
            "attestationObject": B64.encode(attestation),
        }))
    }

    /// Answers `{"publicKey": …}` request options; `handle` is the user handle's bytes, `None` to
    /// leave it out.
    pub fn get(&self, options: &Value, says: Says, handle: Option<&[u8]>) -> Value {
        let options = &options["publicKey"];
        let client = says.client_data("webauthn.get", options);
        let data =
            authenticator_data(options["rpId"].as_str().unwrap(), says.flags(), says.counter);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = match &self.key {
            Key::P256(key) => {
                let signature: Signature = key.sign(&signed);
                signature.to_der().as_bytes().to_vec()
            }
            Key::Rsa(key) => key.sign(&signed).to_vec(),
        };
        let mut response = json!({
            "clientDataJSON": B64.encode(client),
            "authenticatorData": B64.encode(data),
            "signature": B64.encode(signature),
        });
        if let Some(handle) = handle {
            response["userHandle"] = json!(B64.encode(handle));
        }
        self.credential(&response)
    }

    fn credential(&self, response: &Value) -> Value {
        json!({
            "id": self.id, "rawId": self.id, "type": "public-key",
            "response": response, "clientExtensionResults": {},
        })
    }

    /// CBOR: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}, or
    /// {1: 3 (RSA), 3: -257 (RS256), -1: n, -2: e}.
    fn cose_key(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
            }
            Key::Rsa(key) => {
                let n = key.verifying_key().as_ref().n_bytes();
                let head = b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00";
                [head.as_slice(), &n, b"\x21\x43\x01\x00\x01"].concat()
            }
        }
    }
}

fn authenticator_data(rp_id: &str, flags: u8, counter: u32) -> Vec<u8> {
    let mut data = Sha256::digest(rp_id).to_vec();
    data.push(flags);
    data.extend_from_slice(&counter.to_be_bytes());
    data
}
