//! A bidder's next phone, as an app would add it: by a code, or after a recovery.

use crate::world::World;
use crate::world::answer::Answer;
use crate::world::api_client::{ApiClient, random_uuid};
use crate::world::device_key::signature;
use crate::world::passkey::SoftPasskeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::SigningKey;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use toruk_mobile_core::platform::{Entropy as _, SystemEntropy};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, NewDevice, Session};
use toruk_sync::protocol::passkeys::{FinishConfirmation, NextDeviceCode, StartByCode};
use uuid::Uuid;

impl ApiClient {
    /// A code for the person's next phone, confirmed by their passkey.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn next_device_code(&self) -> anyhow::Result<String> {
        let challenge: Challenge = self.post("/v1/passkey-codes", &()).await?.json()?;
        let credential = self.passkeys.assert(&challenge.options.to_string())?;
        let credential = serde_json::from_str(&credential)?;
        let answer = FinishConfirmation { ceremony: challenge.ceremony, credential };
        let made = self.post("/v1/passkey-codes/finish", &answer).await?;
        Ok(made.json::<NextDeviceCode>()?.code)
    }

    /// The same person on another phone, with a code.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn next(&self, code: &str) -> anyhow::Result<Self> {
        let start = StartByCode { code: code.to_owned() };
        let url = format!("{}/v1/registrations/by-code", self.origin);
        let asked = self.http.post(&url).json(&start).send().await?;
        let challenge: Challenge = Answer::read(asked).await?.json()?;
        let (passkeys, key, finish) = self.answered(&challenge)?;
        let sent = self.http.post(format!("{url}/finish")).json(&finish).send().await?;
        Ok(self.signed_in(Answer::read(sent).await?.json()?, passkeys, key))
    }

    /// The same person on another phone, after a recovery. The door that proves the person is not
    /// part of it.
    ///
    /// # Errors
    /// When the server refuses it.
    pub async fn recovered(&self, world: &World) -> anyhow::Result<Self> {
        let identity = &world.state().identity;
        let challenge = identity.start_recovery(self.session.person).await?;
        let (passkeys, key, finish) = self.answered(&challenge)?;
        Ok(self.signed_in(identity.finish_recovery(finish).await?, passkeys, key))
    }

    /// This person's passkey answers a challenge, also one that another person began.
    ///
    /// # Errors
    /// When the passkey does not.
    pub fn assert(&self, challenge: &Challenge) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.passkeys.assert(&challenge.options.to_string())?)?)
    }

    /// Takes the number of the device's next operation.
    pub fn take_op_no(&self) -> u64 {
        self.next_op_no.fetch_add(1, Ordering::Relaxed)
    }

    /// This phone as it registers itself.
    pub fn as_device(&self) -> NewDevice {
        device(self.session.device, &self.key)
    }

    /// The proof by this phone's key that a ceremony registers `device`.
    pub fn proof(&self, device: &NewDevice, ceremony: Uuid) -> String {
        signature(&self.key, &device.package(ceremony))
    }

    /// A phone that is new to the server, with the proof of its key.
    ///
    /// # Errors
    /// When there is no entropy.
    pub fn new_device(ceremony: Uuid) -> anyhow::Result<(NewDevice, String)> {
        let key = SigningKey::from_slice(&SystemEntropy.bytes(32))?;
        let device = device(DeviceId(random_uuid()?), &key);
        let proof = signature(&key, &device.package(ceremony));
        Ok((device, proof))
    }

    /// A new phone's answer to a challenge for a new passkey.
    ///
    /// # Errors
    /// When the passkey does not answer.
    pub fn answered(
        &self,
        challenge: &Challenge,
    ) -> anyhow::Result<(SoftPasskeys, SigningKey, FinishCeremony)> {
        let passkeys = SoftPasskeys::new(&self.origin)?;
        let credential = passkeys.register(&challenge.options.to_string())?;
        let key = SigningKey::from_slice(&SystemEntropy.bytes(32))?;
        let device = device(DeviceId(random_uuid()?), &key);
        let (ceremony, credential) = (challenge.ceremony, serde_json::from_str(&credential)?);
        let proof = Some(signature(&key, &device.package(ceremony)));
        Ok((passkeys, key, FinishCeremony { ceremony, credential, device, proof }))
    }

    fn signed_in(&self, session: Session, passkeys: SoftPasskeys, key: SigningKey) -> Self {
        let (http, origin) = (self.http.clone(), self.origin.clone());
        Self { session, key, origin, http, passkeys, next_op_no: AtomicU64::new(1) }
    }
}

/// A phone as it registers itself.
pub(super) fn device(id: DeviceId, key: &SigningKey) -> NewDevice {
    let point = key.verifying_key().to_sec1_point(false);
    let public_key = STANDARD.encode(point.as_bytes());
    NewDevice { id, platform: "terminal".to_owned(), public_key }
}
