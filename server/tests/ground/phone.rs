//! A simulated phone with a passkey.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use toruk_server::identity::{Error, Service};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::{
    Challenge, FinishCeremony, NewDevice, Session, StartRegistration, StartSignIn,
};
use toruk_sync::signing::SignedPayload;
use uuid::Uuid;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;
use webauthn_rs::prelude::Url;

pub struct Phone {
    pub passkey: SoftPasskey,
    pub origin: Url,
    pub device: NewDevice,
}

impl Phone {
    pub fn new(name: u128) -> Self {
        Self {
            passkey: SoftPasskey::new(true),
            origin: Url::parse("http://localhost:8080").unwrap(),
            device: device(name),
        }
    }

    /// Answers a challenge for a new passkey.
    pub fn create(&mut self, challenge: &Challenge) -> FinishCeremony {
        let options = serde_json::from_value(challenge.options.clone()).unwrap();
        let answer = self.passkey.do_registration(self.origin.clone(), options).unwrap();
        self.finish(challenge, serde_json::to_value(answer).unwrap())
    }

    /// Answers a challenge for a known passkey. The software passkey can't discover credentials, so
    /// an unnamed one is named here.
    pub fn get(&mut self, challenge: &Challenge, credential_id: &str) -> FinishCeremony {
        let mut options = challenge.options.clone();
        options["publicKey"]["allowCredentials"] =
            json!([{ "type": "public-key", "id": credential_id }]);
        let options = serde_json::from_value(options).unwrap();
        let answer = self.passkey.do_authentication(self.origin.clone(), options).unwrap();
        self.finish(challenge, serde_json::to_value(answer).unwrap())
    }

    /// Answers options that no server sent.
    pub fn assert(&mut self, options: Value) -> Value {
        let options = serde_json::from_value(options).unwrap();
        let answer = self.passkey.do_authentication(self.origin.clone(), options).unwrap();
        serde_json::to_value(answer).unwrap()
    }

    fn finish(&self, challenge: &Challenge, credential: Value) -> FinishCeremony {
        let (ceremony, device) = (challenge.ceremony, self.device.clone());
        let proof = Some(sign(device.id.0.as_u128(), &device.package(ceremony)));
        FinishCeremony { ceremony, credential, device, proof }
    }

    pub async fn register(&mut self, identity: &Service) -> Session {
        let challenge = identity.start_registration(aida()).await.unwrap();
        identity.finish_registration(self.create(&challenge)).await.unwrap()
    }

    /// Enrols as an official by a one-time link; returns the console's token and the passkey's id.
    pub async fn enrol(&mut self, identity: &Service, link: &str, name: &str) -> (String, String) {
        let token = link.rsplit('#').next().unwrap();
        let challenge = identity.start_enrolment(token, name, "ky").await.unwrap();
        let FinishCeremony { ceremony, credential, .. } = self.create(&challenge);
        let passkey = credential["id"].as_str().unwrap().to_owned();
        let session = identity.finish_enrolment(token, ceremony, credential).await.unwrap();
        (session.token, passkey)
    }

    pub async fn sign_in(
        &mut self,
        identity: &Service,
        credential_id: &str,
    ) -> Result<Session, Error> {
        let named = StartSignIn { credential_id: Some(credential_id.to_owned()) };
        let challenge = identity.start_sign_in(named).await?;
        identity.finish_sign_in(self.get(&challenge, credential_id)).await
    }
}

/// Signs with the key of the phone of this name.
pub fn sign(name: u128, package: &impl SignedPayload) -> String {
    let signature: Signature = key(name).sign(&package.canonical());
    STANDARD.encode(signature.to_bytes())
}

/// Each phone has its own key, whose number is the phone's name.
fn key(name: u128) -> SigningKey {
    let number = [[0; 16], name.to_be_bytes()].concat();
    SigningKey::from_slice(&number).unwrap()
}

pub fn device(name: u128) -> NewDevice {
    let point = key(name).verifying_key().to_sec1_point(false);
    NewDevice {
        id: DeviceId(Uuid::from_u128(name)),
        platform: "terminal".to_owned(),
        public_key: STANDARD.encode(point.as_bytes()),
    }
}

pub fn aida() -> StartRegistration {
    StartRegistration { name: " Аида ".to_owned(), language: "ky".to_owned() }
}
