//! A simulated phone with a passkey.

use serde_json::{Value, json};
use toruk_server::identity::{Error, Service};
use toruk_sync::domain::id::DeviceId;
use toruk_sync::protocol::identity::{
    Challenge, FinishCeremony, NewDevice, Session, StartRegistration, StartSignIn,
};
use uuid::Uuid;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;
use webauthn_rs::prelude::Url;

/// The generator of P-256, uncompressed, base64: a public key whose private key is 1.
const PUBLIC_KEY: &str =
    "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";

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
        FinishCeremony { ceremony: challenge.ceremony, credential, device: self.device.clone() }
    }

    pub async fn register(&mut self, identity: &Service) -> Session {
        let challenge = identity.start_registration(aida()).await.unwrap();
        identity.finish_registration(self.create(&challenge)).await.unwrap()
    }

    /// Enrols as an official by a one-time link; returns the console's token and the passkey's id.
    pub async fn enrol(&mut self, identity: &Service, link: &str, name: &str) -> (String, String) {
        let token = link.rsplit('/').next().unwrap();
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

pub fn device(name: u128) -> NewDevice {
    NewDevice {
        id: DeviceId(Uuid::from_u128(name)),
        platform: "terminal".to_owned(),
        public_key: PUBLIC_KEY.to_owned(),
    }
}

pub fn aida() -> StartRegistration {
    StartRegistration { name: " Аида ".to_owned(), language: "ky".to_owned() }
}
