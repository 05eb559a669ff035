//! The device's key in the secure store, for phones without hardware for it.

use super::{DeviceSigner, Entropy, PlatformError, SecureStore};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use std::sync::Arc;

const SCALAR_BYTES: u32 = 32;
/// A random scalar is out of range with a probability of one in 2³².
const DRAWS_MAX: u32 = 8;

/// Signs with keys that are kept as secrets in the secure store.
pub struct SoftSigner {
    keep: Arc<dyn SecureStore>,
    entropy: Arc<dyn Entropy>,
}

impl SoftSigner {
    /// Keeps keys in `keep`, each under its own name.
    pub fn new(keep: Arc<dyn SecureStore>, entropy: Arc<dyn Entropy>) -> Self {
        Self { keep, entropy }
    }

    fn key(&self, name: String) -> Result<Option<SigningKey>, PlatformError> {
        let scalar = self.keep.get(name)?;
        Ok(scalar.and_then(|scalar| SigningKey::from_slice(&scalar).ok()))
    }
}

impl DeviceSigner for SoftSigner {
    fn create(&self, name: String) -> Result<Vec<u8>, PlatformError> {
        let key = (0..DRAWS_MAX)
            .find_map(|_| SigningKey::from_slice(&self.entropy.bytes(SCALAR_BYTES)).ok())
            .ok_or_else(|| PlatformError::Failed { reason: "no entropy".to_owned() })?;
        self.keep.set(name, key.to_bytes().to_vec())?;
        Ok(public(&key))
    }

    fn public_key(&self, name: String) -> Result<Option<Vec<u8>>, PlatformError> {
        Ok(self.key(name)?.as_ref().map(public))
    }

    fn sign(&self, name: String, message: Vec<u8>) -> Result<Vec<u8>, PlatformError> {
        let gone = || PlatformError::Failed { reason: "the key is gone".to_owned() };
        let signature: Signature = self.key(name)?.ok_or_else(gone)?.sign(&message);
        Ok(signature.to_bytes().to_vec())
    }

    fn delete(&self, name: String) -> Result<(), PlatformError> {
        self.keep.set(name, Vec::new())
    }
}

fn public(key: &SigningKey) -> Vec<u8> {
    key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}
