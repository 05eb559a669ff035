//! The device of an account: its name, and the key that signs its bids.
//!
//! The key lives in the phone's hardware where it has any ([`DeviceSigner`]), else in the secure
//! store, which is never backed up.

use crate::account_scope::AccountScope;
use crate::error::CoreError;
use crate::platform::{DeviceSigner, Entropy, Platform};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::Signature;
use serde_json::Value;
use std::sync::Arc;
use toruk_sync::domain::id::{AuctionId, BidId, DeviceId, PersonId};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::identity::{FinishCeremony, NewDevice};
use toruk_sync::signing::SignedPayload as _;
use uuid::{Builder, Uuid};

const DEVICE_ID: &str = "device_id";
const DEVICE_KEY: &str = "device_key";

/// The device of this installation for one account.
pub struct Device {
    /// A random id, never reused.
    pub id: DeviceId,
    /// The P-256 public key: SEC 1, uncompressed, 65 bytes.
    public_key: Vec<u8>,
    signer: Arc<dyn DeviceSigner>,
}

impl Device {
    /// Loads the account's device, or creates it.
    pub fn load(platform: &Platform, scope: AccountScope) -> Result<Self, CoreError> {
        let signer = signer(platform)?;
        if let Some(id) = Self::named(platform, scope)?
            && let Some(public_key) = signer.public_key(key_name(id))?
        {
            return Ok(Self { id, public_key, signer });
        }
        Self::create(platform, scope)
    }

    /// Creates a new device in place of any other.
    pub fn create(platform: &Platform, scope: AccountScope) -> Result<Self, CoreError> {
        let signer = signer(platform)?;
        let id = DeviceId(random_uuid(platform.entropy.as_ref())?);
        let public_key = signer.create(key_name(id))?;
        let former = Self::named(platform, scope)?;
        let device = Self { id, public_key, signer };
        device.keep(platform, scope)?;
        if let Some(former) = former {
            device.signer.delete(key_name(former))?;
        }
        Ok(device)
    }

    /// Saves this device as the account's.
    pub fn keep(&self, platform: &Platform, scope: AccountScope) -> Result<(), CoreError> {
        let id = self.id.0.as_bytes().to_vec();
        Ok(platform.secure_store.set(scope.secret(DEVICE_ID), id)?)
    }

    /// Removes the device from the account without destroying its key; the next use creates a new
    /// one.
    pub fn forget(platform: &Platform, scope: AccountScope) -> Result<(), CoreError> {
        Ok(platform.secure_store.set(scope.secret(DEVICE_ID), Vec::new())?)
    }

    /// Destroys the account's device and its key.
    pub fn destroy(platform: &Platform, scope: AccountScope) -> Result<(), CoreError> {
        if let Some(id) = Self::named(platform, scope)? {
            signer(platform)?.delete(key_name(id))?;
        }
        Self::forget(platform, scope)
    }

    fn named(platform: &Platform, scope: AccountScope) -> Result<Option<DeviceId>, CoreError> {
        let id = platform.secure_store.get(scope.secret(DEVICE_ID))?;
        Ok(id.and_then(|id| Uuid::from_slice(&id).ok()).map(DeviceId))
    }

    /// The description of the device that the server gets.
    fn describe(&self) -> NewDevice {
        let platform = if cfg!(target_os = "android") {
            "android"
        } else if cfg!(target_os = "ios") {
            "ios"
        } else {
            "terminal"
        };
        let public_key = STANDARD.encode(&self.public_key);
        NewDevice { id: self.id, platform: platform.to_owned(), public_key }
    }

    /// The answer to a ceremony that registers this device: with the proof that its key is here.
    pub fn answer(&self, ceremony: Uuid, credential: Value) -> Result<FinishCeremony, CoreError> {
        let (device, proof) = self.proof(ceremony)?;
        Ok(FinishCeremony { ceremony, credential, device, proof: Some(proof) })
    }

    /// The device, and the proof for this ceremony that its key is here.
    pub fn proof(&self, ceremony: Uuid) -> Result<(NewDevice, String), CoreError> {
        let device = self.describe();
        let proof = self.signature(device.package(ceremony).canonical())?;
        Ok((device, proof))
    }

    /// Signs a bid of this person. The platform may be slow, so do not call this under a lock.
    pub fn sign(
        &self,
        auction: AuctionId,
        person: PersonId,
        mut bid: PlaceBid,
    ) -> Result<PlaceBid, CoreError> {
        bid.signature = self.signature(bid.package(auction, person, self.id).canonical())?;
        Ok(bid)
    }

    /// The key's signature, fixed-size, base64.
    fn signature(&self, message: Vec<u8>) -> Result<String, CoreError> {
        let signed = self.signer.sign(key_name(self.id), message)?;
        let signature = Signature::from_slice(&signed).or_else(|_| Signature::from_der(&signed));
        Ok(STANDARD.encode(signature.map_err(CoreError::internal)?.to_bytes()))
    }
}

/// The key is named after the device: an account takes over the guest's device without moving a
/// key.
fn key_name(id: DeviceId) -> String {
    format!("{DEVICE_KEY}/{id}")
}

fn signer(platform: &Platform) -> Result<Arc<dyn DeviceSigner>, CoreError> {
    platform.signer.clone().ok_or_else(|| CoreError::internal("no signer"))
}

/// A random UUID, version 4.
pub fn random_uuid(entropy: &dyn Entropy) -> Result<Uuid, CoreError> {
    let bytes = entropy.bytes(16).try_into().map_err(|_| CoreError::internal("no entropy"))?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

/// A bid's id, ordered by time: such keys append to the server's index instead of splitting it.
pub fn bid_id(entropy: &dyn Entropy, server_us: i64) -> Result<BidId, CoreError> {
    let random: [u8; 10] =
        entropy.bytes(10).try_into().map_err(|_| CoreError::internal("no entropy"))?;
    let millis = u64::try_from(server_us / 1_000).unwrap_or(0);
    Ok(BidId(Builder::from_unix_timestamp_millis(millis, &random).into_uuid()))
}
