//! A bidder's next phone, as an app would add it: by a code, or after a recovery.

use crate::world::World;
use crate::world::answer::Answer;
use crate::world::api_client::{ApiClient, random_uuid};
use crate::world::device_key::signature;
use crate::world::passkey::SoftPasskeys;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::SigningKey;
use std::sync::atomic::AtomicU64;
use toruk_mobile_core::platform::{Entropy as _, SystemEntropy};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, NewDevice, Session};
use toruk_sync::protocol::passkeys::{FinishConfirmation, NextDeviceCode, StartByCode};

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

    /// A new phone's answer to a challenge for a new passkey.
    fn answered(
        &self,
        challenge: &Challenge,
    ) -> anyhow::Result<(SoftPasskeys, SigningKey, FinishCeremony)> {
        let passkeys = SoftPasskeys::new(&self.origin)?;
        let credential = passkeys.register(&challenge.options.to_string())?;
        let key = SigningKey::from_slice(&SystemEntropy.bytes(32))?;
        let point = key.verifying_key().to_sec1_point(false);
        let device = NewDevice {
            id: DeviceId(random_uuid()?),
            platform: "terminal".to_owned(),
            public_key: STANDARD.encode(point.as_bytes()),
        };
        let (ceremony, credential) = (challenge.ceremony, serde_json::from_str(&credential)?);
        let proof = Some(signature(&key, &device.package(ceremony)));
        Ok((passkeys, key, FinishCeremony { ceremony, credential, device, proof }))
    }

    fn signed_in(&self, session: Session, passkeys: SoftPasskeys, key: SigningKey) -> Self {
        let (http, origin) = (self.http.clone(), self.origin.clone());
        Self { session, key, origin, http, passkeys, next_op_no: AtomicU64::new(1) }
    }
}
