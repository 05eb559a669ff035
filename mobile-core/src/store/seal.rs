//! Sealing values: XChaCha20-Poly1305 under a key that lives in the phone's secure store.
//!
//! The room and the name are bound into each value: anyone who can write the file can delete or
//! roll back a row, but not move one. On the disk a name is a keyed hash; the name itself is inside
//! the value, because it reveals which auctions a person is interested in.

use super::{StoreError, Table};
use crate::platform::Entropy;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::sync::Arc;
use zeroize::{Zeroize as _, Zeroizing};

/// The length of the key in the secure store.
pub const SEAL_KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The length of the authentication tag at the end of a sealed value.
pub(super) const TAG_BYTES: usize = 16;
/// The length of a hidden name on the disk.
const HIDDEN_BYTES: usize = 16;

/// A name as a keyed hash, as it is on the disk.
pub(super) type HiddenName = [u8; HIDDEN_BYTES];

/// Seals and opens values with keys derived from the installation's.
pub struct Seal {
    cipher: XChaCha20Poly1305,
    names: Zeroizing<[u8; SEAL_KEY_BYTES]>,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    /// Derives the store's keys from the installation's.
    pub fn new(key: &[u8; SEAL_KEY_BYTES], entropy: Arc<dyn Entropy>) -> Self {
        let mut derived = derive(key, b"toruk store v1");
        let cipher = XChaCha20Poly1305::new((&derived).into());
        derived.zeroize();
        Self { cipher, names: Zeroizing::new(derive(key, b"toruk store names v2")), entropy }
    }

    /// The hidden name of a value on the disk.
    pub(super) fn hide(&self, room: &str, key: &str) -> HiddenName {
        let mut hidden = [0; HIDDEN_BYTES];
        // HMAC takes a key of any length.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.names.as_slice()) {
            mac.update(room.as_bytes());
            mac.update(b"\0");
            mac.update(key.as_bytes());
            hidden.copy_from_slice(&mac.finalize().into_bytes()[..HIDDEN_BYTES]);
        }
        hidden
    }

    /// Seals a value for one name in one room; the nonce is put before it.
    ///
    /// # Errors
    /// [`StoreError::Entropy`] if there is no nonce, or a name is too long.
    pub(super) fn seal(&self, room: &str, key: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut sealed = self.entropy.bytes(NONCE_BYTES as u32);
        let nonce: &XNonce = sealed.as_slice().try_into().map_err(|_| StoreError::Entropy)?;
        let length = u16::try_from(key.len()).map_err(|_| StoreError::Entropy)?;
        let mut inside = Vec::with_capacity(2 + key.len() + value.len());
        inside.extend_from_slice(&length.to_be_bytes());
        inside.extend_from_slice(key.as_bytes());
        inside.extend_from_slice(value);
        let payload = Payload { msg: &inside, aad: &associated_data(room, &self.hide(room, key)) };
        let body = self.cipher.encrypt(nonce, payload).map_err(|_| StoreError::Entropy)?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// Opens a value that was sealed for this hidden name; returns the name and the value. `None`
    /// if this key did not seal it there.
    pub(super) fn open(
        &self,
        room: &str,
        hidden: &[u8],
        sealed: &[u8],
    ) -> Option<(String, Vec<u8>)> {
        let mut inside = self.decrypt(sealed, &associated_data(room, hidden))?;
        let (length, rest) = inside.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let key = std::str::from_utf8(rest.get(..length)?).ok()?.to_owned();
        inside.drain(..2 + length);
        Some((key, inside))
    }

    /// As [`Self::open`], for format 1, which did not hide names.
    pub(super) fn open_v1(&self, room: &str, key: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        // A staged card was sealed as a card.
        let room = if room == Table::StagedCard.name() { Table::Card.name() } else { room };
        self.decrypt(sealed, format!("v1\0{room}\0{key}").as_bytes())
    }

    fn decrypt(&self, sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce: &XNonce = nonce.try_into().ok()?;
        self.cipher.decrypt(nonce, Payload { msg: body, aad }).ok()
    }
}

fn derive(key: &[u8; SEAL_KEY_BYTES], purpose: &[u8]) -> [u8; SEAL_KEY_BYTES] {
    let mut derived = [0_u8; SEAL_KEY_BYTES];
    // 32 bytes are far below HKDF's limit, which is the only way it can fail.
    let expanded = Hkdf::<Sha256>::new(None, key).expand(purpose, &mut derived);
    assert!(expanded.is_ok(), "HKDF gives 32 bytes");
    derived
}

fn associated_data(room: &str, hidden: &[u8]) -> Vec<u8> {
    let mut associated_data = Vec::with_capacity(4 + room.len() + hidden.len());
    associated_data.extend_from_slice(b"v2\0");
    associated_data.extend_from_slice(room.as_bytes());
    associated_data.push(0);
    associated_data.extend_from_slice(hidden);
    associated_data
}
