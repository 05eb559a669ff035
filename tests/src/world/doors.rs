//! The door of certificates (ЭЦП) in a world: an authority, and people with its certificates.

use crate::outside::certificates::authority::{Holder, Template, root};
use crate::outside::certificates::message::Message;
use crate::outside::certificates::responder::{Reply, Responder};
use crate::world::World;
use crate::world::answer::Answer;
use crate::world::api_client::{ApiClient, random_uuid};
use crate::world::device_key;
use crate::world::next_device::device;
use crate::world::passkey::SoftPasskeys;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::SigningKey;
use serde_json::{Value, json};
use std::sync::atomic::AtomicU64;
use toruk_mobile_core::platform::{Entropy as _, SystemEntropy};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, Session};
use toruk_sync::protocol::signature::{
    CertificateChallenge, FinishCertificate, ProveByCertificate,
};

/// How long a list of revoked certificates counts.
const LIST_LIFE: TimeSpan = TimeSpan::days(7);

/// An authority whose certificates the world's server accepts.
pub struct CertificateDoor {
    pub root: Holder,
    pub responder: Responder,
}

impl World {
    /// Starts an authority, and the server again as one that accepts its certificates.
    ///
    /// # Errors
    /// When either can't start.
    pub async fn with_certificate_door(&mut self) -> anyhow::Result<CertificateDoor> {
        let now = self.clock.now();
        let responder = Responder::start().await?;
        let root = root(&Template::authority("Root", 1, now));
        let file = self.folder.join("roots.der");
        std::fs::write(&file, &root.certificate).context("the root can't be written")?;
        let door = CertificateDoor { root, responder };
        door.publish(&[], now);
        self.stop_server().await;
        self.config.signature_roots = vec![file];
        self.start_server().await?;
        Ok(door)
    }
}

impl CertificateDoor {
    /// Publishes the list of the revoked certificates.
    pub fn publish(&self, revoked: &[u64], now: Timestamp) {
        self.responder.publish_list(Reply::Bytes(self.root.list(revoked, now, now + LIST_LIFE)));
    }

    /// A person's certificate with this serial number.
    pub fn person(&self, name: &str, pin: &str, serial: u64, now: Timestamp) -> Holder {
        self.certify(Template::person(name, pin, serial, now))
    }

    /// A certificate, which names the authority's list.
    pub fn certify(&self, template: Template) -> Holder {
        self.root.certify(&Template { list: Some(self.responder.list_url()), ..template })
    }
}

/// The signature of a certificate's owner over a challenge.
///
/// # Errors
/// When the challenge is no base64.
pub fn signed(
    signer: &Holder,
    challenge: &CertificateChallenge,
    now: Timestamp,
) -> anyhow::Result<String> {
    Ok(Message::of(signer, now).sign(&STANDARD.decode(&challenge.challenge)?))
}

impl ApiClient {
    /// A person who is new to the server comes by their certificate, and makes a passkey on the same
    /// phone, confirmed by the certificate once more.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn by_certificate_with_passkey(
        world: &World,
        signer: &Holder,
    ) -> anyhow::Result<Self> {
        let (http, origin) = (world.http()?, world.origin.clone());
        let key = SigningKey::from_slice(&SystemEntropy.bytes(32))?;
        let device = device(DeviceId(random_uuid()?), &key);
        let post = async |path: &str, body: Value| {
            Answer::read(http.post(format!("{origin}{path}")).json(&body).send().await?).await
        };
        let now = || world.clock.now();
        let given = post("/v1/sessions/certificate", json!({})).await?;
        let given: CertificateChallenge = given.json()?;
        let signature = signed(signer, &given, now())?;
        let CertificateChallenge { ceremony, challenge } = given;
        let proof = device_key::signature(&key, &device.package(ceremony));
        let finish =
            FinishCertificate { ceremony, challenge, signature, device: device.clone(), proof };
        let _first: Session =
            post("/v1/sessions/certificate/finish", json!(finish)).await?.json()?;

        let path = "/v1/registrations/by-certificate";
        let given: CertificateChallenge =
            post(&format!("{path}/challenge"), json!({})).await?.json()?;
        let signature = signed(signer, &given, now())?;
        let CertificateChallenge { ceremony, challenge } = given;
        let proof = ProveByCertificate { ceremony, challenge, signature };
        let Challenge { ceremony, options } = post(path, json!(proof)).await?.json()?;
        let passkeys = SoftPasskeys::new(&origin)?;
        let credential = serde_json::from_str(&passkeys.register(&options.to_string())?)?;
        let proof = Some(device_key::signature(&key, &device.package(ceremony)));
        let finish = FinishCeremony { ceremony, credential, device, proof };
        let session = post(&format!("{path}/finish"), json!(finish)).await?.json()?;
        let next_op_no = AtomicU64::new(1);
        Ok(Self { session, key, origin, http, passkeys, next_op_no })
    }
}
