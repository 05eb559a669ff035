//! A phone's own key, which signs its bids.
//!
//! # Why `ring`
//! A bid's signature is checked on the way to the queue, thousands of them a second when an
//! auction is hot. `ring` has hand-written code for the curve, and TLS needs it anyway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Returns `true` if `signature` (fixed-size, base64) is ECDSA P-256 with SHA-256 over `message` by
/// the key `public_key` (SEC 1, uncompressed).
pub fn is_by_device(public_key: &[u8], message: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key);
    key.verify(message, &signature).is_ok()
}
