//! The secrets of people: the keyed hashes by which a personal number (ПИН) is found, and the keys
//! under which personal data is sealed.
//!
//! # Why a key for each person
//! Personal data that the law makes us forget is in old backups, too. Whatever is sealed under a
//! person's own key is forgotten everywhere when that one key is destroyed. The keys themselves are
//! wrapped by a key from the data folder, so that a copy of the database alone opens nothing.
//!
//! # Why a keyed hash
//! There are few personal numbers: everyone can hash them all. HMAC with a key of the data folder
//! finds a number again and tells a reader of the database nothing.
//!
//! # Why a node with another key does not start
//! It would find nobody's number, and take one human for two.

use crate::config::Config;
use crate::db::advisory_lock::AdvisoryLock;
use crate::db::{Db, StoreError};
use crate::entity::person_secret::{ActiveModel, Entity};
use crate::ports::Ids;
use anyhow::ensure;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::hmac;
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _};
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::time::Timestamp;

/// Length of every key, in bytes.
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// The salt of HKDF: what is derived here is derived nowhere else.
const SALT: &[u8] = b"toruk person key/v1";

/// Hashes and wraps with the keys that are derived from `person.key`.
pub struct PersonSecrets {
    hashes: hmac::Key,
    wrapping: XChaCha20Poly1305,
    fingerprint: String,
    ids: Arc<dyn Ids>,
}

/// A person's own key, opened.
pub struct PersonKey {
    person: PersonId,
    cipher: XChaCha20Poly1305,
    ids: Arc<dyn Ids>,
}

impl PersonSecrets {
    /// Reads the key of the data folder, which is made with the database's first use of one, and
    /// compares it with the one that the database's people were hashed with.
    ///
    /// # Errors
    /// If it is another key, or missing; or the database fails.
    pub async fn open(
        config: &Config,
        db: &Db,
        ids: &Arc<dyn Ids>,
        now: Timestamp,
    ) -> anyhow::Result<Self> {
        let txn = db.begin().await?;
        AdvisoryLock::ReceiptKey.acquire(&txn).await?;
        let known = Entity::find().one(&txn).await?;
        let secrets = Self::of(&config.person_key(&**ids, known.is_none())?, ids.clone());
        let Some(known) = known else {
            let fingerprint = Set(secrets.fingerprint.clone());
            ActiveModel { fingerprint, since: Set(now.0) }.insert(&txn).await?;
            db.commit(txn).await?;
            return Ok(secrets);
        };
        ensure!(
            known.fingerprint == secrets.fingerprint,
            "person.key in the data folder is not the key this database's people are sealed with; \
             nodes on one database share a data folder"
        );
        Ok(secrets)
    }

    fn of(key: &[u8; KEY_BYTES], ids: Arc<dyn Ids>) -> Self {
        let hashes = hmac::Key::new(hmac::HMAC_SHA256, &derived(key, b"hashes"));
        let wrapping = XChaCha20Poly1305::new((&derived(key, b"wrapping")).into());
        let fingerprint = hex::encode(derived(key, b"fingerprint"));
        Self { hashes, wrapping, fingerprint, ids }
    }

    /// The keyed hash of a personal number, in hex.
    pub fn pin_hash(&self, pin: &Pin) -> String {
        self.hash(&["pin", pin.digits()])
    }

    /// The keyed hash of an issuer's name for a person, in hex: a certificate's subject holds the
    /// personal number.
    pub fn subject_hash(&self, provider: &str, issuer: &str, subject: &str) -> String {
        self.hash(&["subject", provider, issuer, subject])
    }

    /// Parts can't be moved into one another: each is preceded by its length.
    fn hash(&self, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.hashes);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        hex::encode(context.sign())
    }

    /// A new key of a person, and its wrapped form for the database.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it can't be wrapped.
    pub fn new_key(&self, person: PersonId) -> Result<(PersonKey, Vec<u8>), StoreError> {
        let key = self.ids.secret();
        let wrapped = encrypt(&self.wrapping, &*self.ids, &key, &key_name(person))?;
        Ok((self.key(person, &key), wrapped))
    }

    /// Opens a wrapped key of a person.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it was not wrapped for them by this key.
    pub fn unwrap(&self, person: PersonId, wrapped: &[u8]) -> Result<PersonKey, StoreError> {
        let key = decrypt(&self.wrapping, wrapped, &key_name(person));
        let key: Option<[u8; KEY_BYTES]> = key.and_then(|key| key.try_into().ok());
        Ok(self.key(person, &key.ok_or_else(unreadable)?))
    }

    fn key(&self, person: PersonId, key: &[u8; KEY_BYTES]) -> PersonKey {
        PersonKey { person, cipher: XChaCha20Poly1305::new(key.into()), ids: self.ids.clone() }
    }
}

impl PersonKey {
    /// Seals a text of the person, bound to its place such as `person.pin`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it can't be sealed.
    pub fn seal(&self, place: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        encrypt(&self.cipher, &*self.ids, text.as_bytes(), &self.name(place))
    }

    /// Opens what [`Self::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if this key did not seal it there.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let opened = decrypt(&self.cipher, sealed, &self.name(place));
        opened.and_then(|text| String::from_utf8(text).ok()).ok_or_else(unreadable)
    }

    fn name(&self, place: &str) -> Vec<u8> {
        format!("{place}\0{}", self.person).into_bytes()
    }
}

fn key_name(person: PersonId) -> Vec<u8> {
    format!("person_key\0{person}").into_bytes()
}

/// The nonce is put before what is encrypted; random ones of 24 bytes never meet.
fn encrypt(
    cipher: &XChaCha20Poly1305,
    ids: &dyn Ids,
    msg: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let secret = ids.secret();
    let mut sealed = secret[..NONCE_BYTES].to_vec();
    let nonce: &XNonce = sealed.as_slice().try_into().map_err(StoreError::damaged("person_key"))?;
    let body = cipher.encrypt(nonce, Payload { msg, aad });
    sealed.extend(body.map_err(StoreError::damaged("person_key"))?);
    Ok(sealed)
}

fn decrypt(cipher: &XChaCha20Poly1305, sealed: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let (nonce, msg) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce: &XNonce = nonce.try_into().ok()?;
    cipher.decrypt(nonce, Payload { msg, aad }).ok()
}

fn unreadable() -> StoreError {
    StoreError::Damaged { table: "person_key", reason: "another key sealed it".to_owned() }
}

/// A key's length, as HKDF wants to hear it.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

fn derived(key: &[u8; KEY_BYTES], purpose: &[u8]) -> [u8; KEY_BYTES] {
    let mut derived = [0; KEY_BYTES];
    let secret = Salt::new(HKDF_SHA256, SALT).extract(key);
    let info = [purpose];
    let filled = secret.expand(&info, Bytes32).and_then(|key| key.fill(&mut derived));
    // 32 bytes are far below HKDF's limit, which is the only way it can fail.
    assert!(filled.is_ok(), "HKDF gives 32 bytes");
    derived
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};
    use uuid::Uuid;

    struct Counted(AtomicU8);

    impl Ids for Counted {
        fn uuid(&self) -> Uuid {
            Uuid::nil()
        }

        fn secret(&self) -> [u8; 32] {
            [self.0.fetch_add(1, Ordering::SeqCst); 32]
        }
    }

    fn secrets(key: u8) -> PersonSecrets {
        PersonSecrets::of(&[key; KEY_BYTES], Arc::new(Counted(AtomicU8::new(1))))
    }

    fn person(id: u128) -> PersonId {
        PersonId(Uuid::from_u128(id))
    }

    #[test]
    fn a_sealed_text_opens_only_for_its_person_in_its_place_under_its_key() {
        let ours = secrets(7);
        let (key, wrapped) = ours.new_key(person(1)).unwrap();
        let sealed = key.seal("person.pin", "21503199012345").unwrap();
        assert!(!sealed.windows(14).any(|bytes| bytes == b"21503199012345"));
        assert_ne!(sealed, key.seal("person.pin", "21503199012345").unwrap());
        let again = ours.unwrap(person(1), &wrapped).unwrap();
        assert_eq!(again.open("person.pin", &sealed).unwrap(), "21503199012345");
        assert!(again.open("person.name", &sealed).is_err());
        assert!(again.open("person.pin", &sealed[1..]).is_err());
        assert!(again.open("person.pin", &[]).is_err());
        assert!(ours.unwrap(person(2), &wrapped).is_err(), "another person's key");
        assert!(secrets(8).unwrap(person(1), &wrapped).is_err(), "another data folder's key");
        let (other, _) = ours.new_key(person(1)).unwrap();
        assert!(other.open("person.pin", &sealed).is_err());
    }

    #[test]
    fn a_hash_depends_on_the_key_the_kind_and_each_part() {
        let (ours, pin) = (secrets(7), Pin::parse("21503199012345").unwrap());
        assert_eq!(ours.pin_hash(&pin), secrets(7).pin_hash(&pin));
        assert_ne!(ours.pin_hash(&pin), secrets(8).pin_hash(&pin));
        assert_eq!(ours.pin_hash(&pin).len(), 64);
        let one = ours.subject_hash("eid", "https://one", "ab");
        assert_ne!(one, ours.subject_hash("eid", "https://onea", "b"));
        assert_ne!(one, ours.subject_hash("certificate", "https://one", "ab"));
    }
}
