//! An account on this phone: the device's name and key, and the key that seals the account's file.
//!
//! All live in the secure store, which is never backed up, under names of the account's own. A file
//! that came from a backup of another phone does not open here, and is put aside. Before somebody
//! signs in, and between two people, the phone is a guest's: it holds what anybody may see.

use crate::driver::TOKEN;
use crate::error::CoreError;
use crate::platform::{Entropy, Platform};
use crate::store::{SEAL_KEY_BYTES, Seal, SqliteStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toruk_sync::domain::id::{AuctionId, BidId, DeviceId, PersonId};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::identity::NewDevice;
use toruk_sync::snapshot::Package as _;
use uuid::{Builder, Uuid};

const SEAL_KEY: &str = "store_key";
const DEVICE_ID: &str = "device_id";
const DEVICE_KEY: &str = "device_key";
const SCALAR_BYTES: u32 = 32;
/// A random scalar is out of range with a chance of one in 2³².
const DRAWS_MAX: u32 = 8;

/// Whose data: a person's, or the guest's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub Option<PersonId>);

impl Place {
    /// Nobody's.
    pub const GUEST: Self = Self(None);

    /// The name of a secret in the secure store.
    pub fn secret(self, name: &str) -> String {
        match self.0 {
            Some(person) => format!("{name}/{person}"),
            None => name.to_owned(),
        }
    }

    fn file(self, folder: &Path) -> PathBuf {
        match self.0 {
            Some(person) => folder.join("accounts").join(format!("{person}.db")),
            None => folder.join("phone.db"),
        }
    }
}

/// The installation's name and key.
pub struct Device {
    /// Named once.
    pub id: DeviceId,
    key: SigningKey,
}

impl Device {
    /// The account's device, made when there is none.
    pub fn load(platform: &Platform, place: Place) -> Result<Self, CoreError> {
        let keep = &platform.secure_store;
        let id = keep.get(place.secret(DEVICE_ID))?.and_then(|id| Uuid::from_slice(&id).ok());
        let key = keep.get(place.secret(DEVICE_KEY))?;
        let key = key.and_then(|scalar| SigningKey::from_slice(&scalar).ok());
        match (id, key) {
            (Some(id), Some(key)) => Ok(Self { id: DeviceId(id), key }),
            _ => Self::create(platform, place),
        }
    }

    /// A new device in place of any other.
    pub fn create(platform: &Platform, place: Place) -> Result<Self, CoreError> {
        let id = random_uuid(platform.entropy.as_ref())?;
        let key = (0..DRAWS_MAX)
            .find_map(|_| SigningKey::from_slice(&platform.entropy.bytes(SCALAR_BYTES)).ok())
            .ok_or_else(|| CoreError::internal("no entropy"))?;
        let device = Self { id: DeviceId(id), key };
        device.keep(platform, place)?;
        Ok(device)
    }

    /// Makes this the account's device.
    pub fn keep(&self, platform: &Platform, place: Place) -> Result<(), CoreError> {
        let keep = &platform.secure_store;
        keep.set(place.secret(DEVICE_KEY), self.key.to_bytes().to_vec())?;
        Ok(keep.set(place.secret(DEVICE_ID), self.id.0.as_bytes().to_vec())?)
    }

    /// The account has no device any more; the next use makes a new one.
    pub fn forget(platform: &Platform, place: Place) -> Result<(), CoreError> {
        platform.secure_store.set(place.secret(DEVICE_ID), Vec::new())?;
        Ok(platform.secure_store.set(place.secret(DEVICE_KEY), Vec::new())?)
    }

    /// As the server is told of it.
    pub fn describe(&self) -> NewDevice {
        let platform = if cfg!(target_os = "android") {
            "android"
        } else if cfg!(target_os = "ios") {
            "ios"
        } else {
            "terminal"
        };
        let point = self.key.verifying_key().to_sec1_point(false);
        let public_key = STANDARD.encode(point.as_bytes());
        NewDevice { id: self.id, platform: platform.to_owned(), public_key }
    }

    /// Signs a bid.
    pub fn sign(&self, auction: AuctionId, mut bid: PlaceBid) -> PlaceBid {
        let signature: Signature = self.key.sign(&bid.package(auction).canonical());
        bid.signature = STANDARD.encode(signature.to_bytes());
        bid
    }
}

/// Opens the account's sealed store.
pub fn open_store(
    platform: &Platform,
    folder: &Path,
    place: Place,
) -> Result<SqliteStore, CoreError> {
    let file = place.file(folder);
    let keep = &platform.secure_store;
    let key = keep.get(place.secret(SEAL_KEY))?;
    let key = key.and_then(|key| <[u8; SEAL_KEY_BYTES]>::try_from(key).ok());
    let key = match key {
        Some(key) => key,
        None => {
            put_aside(&file)?;
            let fresh = platform.entropy.bytes(SEAL_KEY_BYTES as u32);
            let key = fresh.clone().try_into().map_err(|_| CoreError::internal("no entropy"))?;
            keep.set(place.secret(SEAL_KEY), fresh)?;
            key
        }
    };
    let seal = Seal::new(&key, Arc::clone(&platform.entropy));
    Ok(SqliteStore::open(&file, seal)?)
}

/// Destroys an account's data on this phone: the key first, so that the rest can't be read from
/// then on, whatever happens next.
pub fn erase(platform: &Platform, folder: &Path, place: Place) -> Result<(), CoreError> {
    platform.secure_store.set(place.secret(SEAL_KEY), Vec::new())?;
    platform.secure_store.set(place.secret(TOKEN), Vec::new())?;
    Device::forget(platform, place)?;
    for file in files(&place.file(folder)) {
        if file.exists() {
            std::fs::remove_file(&file).map_err(CoreError::internal)?;
        }
    }
    Ok(())
}

/// Without its key a file can't be read, and must not stand in the way.
fn put_aside(file: &Path) -> Result<(), CoreError> {
    for file in files(file) {
        if file.exists() {
            let mut aside = file.clone().into_os_string();
            aside.push(".unreadable");
            std::fs::rename(&file, aside).map_err(CoreError::internal)?;
        }
    }
    Ok(())
}

/// A database with what SQLite puts beside it.
fn files(file: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| {
        let mut name = file.to_owned().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    })
}

/// A random name.
pub fn random_uuid(entropy: &dyn Entropy) -> Result<Uuid, CoreError> {
    let bytes = entropy.bytes(16).try_into().map_err(|_| CoreError::internal("no entropy"))?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

/// A bid's name: ordered by time, because time-ordered keys append to the server's index.
pub fn bid_id(entropy: &dyn Entropy, server_us: i64) -> Result<BidId, CoreError> {
    let random: [u8; 10] =
        entropy.bytes(10).try_into().map_err(|_| CoreError::internal("no entropy"))?;
    let millis = u64::try_from(server_us / 1_000).unwrap_or(0);
    Ok(BidId(Builder::from_unix_timestamp_millis(millis, &random).into_uuid()))
}
