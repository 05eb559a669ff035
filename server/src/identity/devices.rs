//! Registers a person's phones, each with a proof that it holds the private half of its key.
//!
//! # Why a proof
//! A public key is no secret. Without a proof anybody could register a rival's key as theirs, and
//! send the rival's signed bid as their own. A key that one person registered is nobody else's,
//! not even after its phone was revoked.
//!
//! # Why phones of the last version may go on
//! They know no proof. One that is signed in keeps its session, and signs bids in the first form
//! (`BidPayloadV1`), as the log's bids were signed until then; it may sign in again with the same
//! key. A new phone, or a new key, needs an app that proves it. The first proof ends the exception.

use super::service::{Error, Service};
use super::store;
use crate::audit::Action;
use crate::db::Txn;
use crate::signature;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::Actor;
use toruk_sync::protocol::identity::{FinishCeremony, NewDevice};
use toruk_sync::protocol::limits::DEVICES_MAX;
use toruk_sync::signing::SignedPayload as _;
use uuid::Uuid;

/// Numbers drawn for a phone until one is free.
const DRAWS_MAX: usize = 100;
/// The platforms that a phone may report.
pub const PLATFORMS: [&str; 4] = ["android", "ios", "terminal", "web"];

/// The phone of a ceremony, well formed.
pub(super) struct OfferedDevice {
    pub(super) id: DeviceId,
    platform: String,
    /// SEC 1, uncompressed.
    public_key: Vec<u8>,
    /// The phone has signed this ceremony with the private half of its key.
    is_proved: bool,
}

impl OfferedDevice {
    /// Checks the description of a phone, and the proof if there is one.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::ProofWrong`].
    pub(super) fn of(request: &FinishCeremony) -> Result<Self, Error> {
        Self::proved_by(&request.device, request.ceremony, request.proof.as_deref())
    }

    /// As [`Self::of`], for another ceremony than a passkey's.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn proved_by(
        device: &NewDevice,
        ceremony: Uuid,
        proof: Option<&str>,
    ) -> Result<Self, Error> {
        if !PLATFORMS.contains(&device.platform.as_str()) {
            return Err(Error::Malformed("platform"));
        }
        let public_key = device.public_key_bytes().ok_or(Error::Malformed("public_key"))?;
        if let Some(proof) = proof {
            let signed = device.package(ceremony).canonical();
            if !signature::is_by_device(&public_key, &signed, proof) {
                return Err(Error::ProofWrong);
            }
        }
        Ok(Self {
            id: device.id,
            platform: device.platform.clone(),
            public_key,
            is_proved: proof.is_some(),
        })
    }
}

impl OfferedDevice {
    /// Returns `true` if it comes with the key that is known.
    pub(super) fn has_key_of(&self, known: &store::Device) -> bool {
        self.public_key == known.public_key
    }
}

impl Service {
    /// Adds a phone or updates a known one; returns its number in the person's drafts.
    ///
    /// A number is never given twice, not even after its phone is gone: two phones under one number
    /// would overwrite each other's drafts. Phones are therefore revoked, never removed; and numbers
    /// are drawn, not counted, as a server restored from a backup would count from where it was.
    pub(super) async fn admit(
        &self,
        txn: &Txn,
        person: PersonId,
        new: &OfferedDevice,
        now: Timestamp,
    ) -> Result<Actor, Error> {
        let Some(known) = store::device(txn, new.id).await? else {
            return self.add(txn, person, new, now).await;
        };
        if known.person != person {
            return Err(Error::DeviceTaken);
        }
        if known.is_revoked {
            return Err(Error::DeviceRevoked);
        }
        let same_key = known.public_key == new.public_key;
        let may_do_without = same_key && known.signs_v1;
        if !may_do_without && !new.is_proved {
            return Err(Error::ProofMissing);
        }
        if !same_key || known.platform != new.platform {
            self.record(txn, person, Action::DeviceRenew, device_object(new.id)).await?;
        }
        if !same_key {
            self.require_own_key(txn, person, new).await?;
        }
        let signs_v1 = known.signs_v1 && !new.is_proved;
        let renewed = store::Device {
            platform: new.platform.clone(),
            public_key: new.public_key.clone(),
            signs_v1,
            ..known
        };
        store::update_device(txn, &renewed).await?;
        if !same_key {
            // For the time that a new phone waits it is one: who holds the key is not known to be
            // who held the former.
            store::restart_device(txn, new.id, now).await?;
        }
        Ok(renewed.actor)
    }

    async fn add(
        &self,
        txn: &Txn,
        person: PersonId,
        new: &OfferedDevice,
        now: Timestamp,
    ) -> Result<Actor, Error> {
        if !new.is_proved {
            return Err(Error::ProofMissing);
        }
        let mine = store::devices_for_change(txn, person).await?;
        let active = mine.iter().filter(|device| !device.is_revoked).count();
        if u64::try_from(active).is_ok_and(|active| active >= DEVICES_MAX) {
            return Err(Error::TooManyDevices);
        }
        let actor = self.unused_actor(&mine).ok_or(Error::TooManyDevices)?;
        self.record(txn, person, Action::DeviceRegister, device_object(new.id)).await?;
        self.require_own_key(txn, person, new).await?;
        let device = store::Device {
            id: new.id,
            person,
            actor,
            platform: new.platform.clone(),
            public_key: new.public_key.clone(),
            push_token: None,
            is_revoked: false,
            signs_v1: false,
            name: None,
            created_at: now,
        };
        store::insert_device(txn, &device).await?;
        Ok(actor)
    }

    fn unused_actor(&self, mine: &[store::Device]) -> Option<Actor> {
        let drawn = std::iter::repeat_with(|| draw(self.context.ports.ids.secret()));
        let is_free = |drawn: &Actor| mine.iter().all(|device| device.actor != *drawn);
        drawn.take(DRAWS_MAX).filter(|drawn| *drawn > 0).find(is_free)
    }

    /// Refuses a key that another person has registered. Comes after the entry in the audit trail,
    /// whose lock lasts to the end of the transaction: so of two people who register one key at
    /// once, the second sees the first.
    async fn require_own_key(
        &self,
        txn: &Txn,
        person: PersonId,
        new: &OfferedDevice,
    ) -> Result<(), Error> {
        match store::is_key_of_another(txn, person, &new.public_key).await? {
            true => Err(Error::DeviceKeyTaken),
            false => Ok(()),
        }
    }
}

pub(super) fn device_object(device: DeviceId) -> String {
    format!("device:{device}")
}

fn draw(secret: [u8; 32]) -> Actor {
    let words = secret.as_chunks().0.iter().copied().map(Actor::from_be_bytes);
    words.fold(0, std::ops::BitXor::bitxor)
}
