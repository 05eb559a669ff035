//! Sealing values: XChaCha20-Poly1305 under a key that lives in the phone's secure store.
//!
//! The table and the name are bound into each value, so that whoever can write the file can
//! delete or roll back a row, but not move one.

use super::{StoreError, Table};
use crate::platform::Entropy;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use std::sync::Arc;
use zeroize::Zeroize;

/// Length of the key in the secure store.
pub const SEAL_KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
/// How long an empty value is when it is sealed.
pub(super) const EMPTY_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// Seals and opens values.
pub struct Seal {
    cipher: XChaCha20Poly1305,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    /// Derives the store's key from the installation's.
    pub fn new(key: &[u8; SEAL_KEY_BYTES], entropy: Arc<dyn Entropy>) -> Self {
        let mut derived = [0_u8; SEAL_KEY_BYTES];
        // 32 bytes are far below HKDF's limit, the only way it can fail.
        let expanded = Hkdf::<Sha256>::new(None, key).expand(b"toruk store v1", &mut derived);
        assert!(expanded.is_ok(), "HKDF gives 32 bytes");
        let cipher = XChaCha20Poly1305::new((&derived).into());
        derived.zeroize();
        Self { cipher, entropy }
    }

    /// Seals a value for one place; the nonce is put before it.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when the platform has no entropy.
    pub fn seal(&self, table: Table, key: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let failed = || StoreError::Sealed { table: table.name() };
        let mut sealed = self.entropy.bytes(NONCE_BYTES as u32);
        let nonce: &XNonce = sealed.as_slice().try_into().map_err(|_| failed())?;
        let payload = Payload { msg: value, aad: &place(table, key) };
        let body = self.cipher.encrypt(nonce, payload).map_err(|_| failed())?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// [`StoreError::Sealed`].
    pub fn open(&self, table: Table, key: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let failed = || StoreError::Sealed { table: table.name() };
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(failed)?;
        let nonce: &XNonce = nonce.try_into().map_err(|_| failed())?;
        let payload = Payload { msg: body, aad: &place(table, key) };
        self.cipher.decrypt(nonce, payload).map_err(|_| failed())
    }
}

fn place(table: Table, key: &str) -> Vec<u8> {
    format!("v1\0{}\0{key}", table.sealed_as()).into_bytes()
}
