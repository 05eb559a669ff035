//! This installation: its name, its key, and the key that seals its store.
//!
//! All three live in the secure store, which is never backed up. A store file that came from a
//! backup of another phone does not open here, and is put aside.

use crate::error::CoreError;
use crate::platform::{Entropy, Platform};
use crate::store::{SEAL_KEY_BYTES, Seal, SqliteStore};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use std::path::Path;
use std::sync::Arc;
use toruk_sync::domain::id::{AuctionId, BidId, DeviceId};
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

/// The installation's name and key.
pub struct Device {
    /// Named once.
    pub id: DeviceId,
    key: SigningKey,
}

impl Device {
    /// The installation's, made when there is none.
    pub fn load(platform: &Platform) -> Result<Self, CoreError> {
        let keep = &platform.secure_store;
        let id = keep.get(DEVICE_ID.to_owned())?.and_then(|id| Uuid::from_slice(&id).ok());
        let key = keep.get(DEVICE_KEY.to_owned())?;
        let key = key.and_then(|scalar| SigningKey::from_slice(&scalar).ok());
        match (id, key) {
            (Some(id), Some(key)) => Ok(Self { id: DeviceId(id), key }),
            _ => Self::create(platform),
        }
    }

    /// A new installation in place of any other.
    pub fn create(platform: &Platform) -> Result<Self, CoreError> {
        let id = random_uuid(platform.entropy.as_ref())?;
        let key = (0..DRAWS_MAX)
            .find_map(|_| SigningKey::from_slice(&platform.entropy.bytes(SCALAR_BYTES)).ok())
            .ok_or_else(|| CoreError::internal("no entropy"))?;
        platform.secure_store.set(DEVICE_KEY.to_owned(), key.to_bytes().to_vec())?;
        platform.secure_store.set(DEVICE_ID.to_owned(), id.as_bytes().to_vec())?;
        Ok(Self { id: DeviceId(id), key })
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

/// Opens the sealed store of this installation.
pub fn open_store(platform: &Platform, folder: &Path) -> Result<SqliteStore, CoreError> {
    let file = folder.join("phone.db");
    let keep = &platform.secure_store;
    let key = keep.get(SEAL_KEY.to_owned())?;
    let key = key.and_then(|key| <[u8; SEAL_KEY_BYTES]>::try_from(key).ok());
    let key = match key {
        Some(key) => key,
        None => {
            put_aside(folder)?;
            let fresh = platform.entropy.bytes(SEAL_KEY_BYTES as u32);
            let key = fresh.clone().try_into().map_err(|_| CoreError::internal("no entropy"))?;
            keep.set(SEAL_KEY.to_owned(), fresh)?;
            key
        }
    };
    let seal = Seal::new(&key, Arc::clone(&platform.entropy));
    Ok(SqliteStore::open(&file, seal)?)
}

/// Destroys the key of the store.
pub fn erase_store(platform: &Platform) -> Result<(), CoreError> {
    Ok(platform.secure_store.set(SEAL_KEY.to_owned(), Vec::new())?)
}

/// Without its key a file can't be read, and must not stand in the way.
fn put_aside(folder: &Path) -> Result<(), CoreError> {
    for name in ["phone.db", "phone.db-wal", "phone.db-shm"] {
        let file = folder.join(name);
        if file.exists() {
            let aside = folder.join(format!("{name}.unreadable"));
            std::fs::rename(&file, aside).map_err(CoreError::internal)?;
        }
    }
    Ok(())
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
