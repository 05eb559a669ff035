//! The key of a phone, as a client without an app uses it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use toruk_sync::signing::SignedPayload;

/// The key's signature under a package: fixed-size, base64.
pub fn signature(key: &SigningKey, package: &impl SignedPayload) -> String {
    let signature: Signature = key.sign(&package.canonical());
    STANDARD.encode(signature.to_bytes())
}
