//! A phone's passkey in software: what Android and iOS do behind their WebAuthn interfaces.
//!
//! JSON in, JSON out, as the platforms have it, so that the phone's core can't tell. It must not
//! know the server: all it gets is options and an origin.

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use webauthn_authenticator_rs::WebauthnAuthenticator;
use webauthn_authenticator_rs::prelude::{
    CreationChallengeResponse, RequestChallengeResponse, Url,
};
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// The passkeys of one phone. They live as long as the value does.
pub struct SoftPasskeys {
    origin: Url,
    device: Mutex<Device>,
}

struct Device {
    authenticator: SoftPasskey,
    /// In the order they were made; the newest is offered first.
    credentials: Vec<Credential>,
}

/// The data that a platform keeps of a passkey, beside its key.
struct Credential {
    id: String,
    rp_id: String,
    user_handle: String,
}

impl SoftPasskeys {
    /// A phone without passkeys whose answers name `origin` (`http://localhost:8080`).
    ///
    /// # Errors
    /// When `origin` is not a URL. An origin that is an address instead of a name, or is neither
    /// `https` nor `localhost`, is refused later, by the ceremony, as a browser would.
    pub fn new(origin: &str) -> anyhow::Result<Self> {
        // It claims that the user was verified: there is nobody to touch a sensor.
        let device = Device { authenticator: SoftPasskey::new(true), credentials: Vec::new() };
        Ok(Self { origin: Url::parse(origin)?, device: Mutex::new(device) })
    }

    /// Makes a passkey for `{"publicKey": …}` creation options and answers with the
    /// `PublicKeyCredential` as JSON.
    ///
    /// # Errors
    /// When the options are not WebAuthn's, do not belong to this origin, or exclude a passkey
    /// this phone has.
    pub fn register(&self, options_json: &str) -> anyhow::Result<String> {
        let options: CreationChallengeResponse =
            serde_json::from_str(options_json).context("creation options")?;
        let excluded = options.public_key.exclude_credentials.iter().flatten();
        let excluded: Vec<_> = excluded.map(|known| URL_SAFE_NO_PAD.encode(&known.id)).collect();
        let rp_id = options.public_key.rp.id.clone();
        let user_handle = URL_SAFE_NO_PAD.encode(&options.public_key.user.id);

        let mut device = self.lock();
        let has_one = device.credentials.iter().any(|own| excluded.contains(&own.id));
        ensure!(!has_one, "this phone already has a passkey of this person");
        let answer = device
            .authenticator
            .do_registration(self.origin.clone(), options)
            .map_err(|error| anyhow::anyhow!("no passkey was made: {error:?}"))?;
        device.credentials.push(Credential { id: answer.id.clone(), rp_id, user_handle });
        Ok(serde_json::to_string(&answer)?)
    }

    /// Signs the challenge of `{"publicKey": …}` request options and answers with the
    /// `PublicKeyCredential` as JSON.
    ///
    /// The options may be the server's, or made on the phone without a connection: a challenge of
    /// any 32 bytes and one allowed credential. Without allowed credentials the newest passkey of
    /// the relying party answers and says whose it is (`userHandle`), as a discoverable one does.
    ///
    /// # Errors
    /// When the options are not WebAuthn's, do not belong to this origin, or name no passkey of
    /// this phone.
    pub fn assert(&self, options_json: &str) -> anyhow::Result<String> {
        let mut options: Value = serde_json::from_str(options_json).context("request options")?;
        let request = options
            .get_mut("publicKey")
            .and_then(Value::as_object_mut)
            .context("request options without publicKey")?;
        // WebAuthn makes all three optional, webauthn-rs does not.
        request.entry("userVerification").or_insert(json!("preferred"));
        request.entry("rpId").or_insert(json!(self.origin.domain()));
        request.entry("allowCredentials").or_insert(json!([]));
        let mut request: RequestChallengeResponse =
            serde_json::from_value(options).context("request options")?;

        let mut device = self.lock();
        let mut user_handle = None;
        if request.public_key.allow_credentials.is_empty() {
            let rp_id = &request.public_key.rp_id;
            let newest = device.credentials.iter().rev().find(|own| &own.rp_id == rp_id);
            let newest = newest.context("this phone has no passkey for this relying party")?;
            user_handle = Some(newest.user_handle.clone());
            request.public_key.allow_credentials = serde_json::from_value(json!([
                { "type": "public-key", "id": newest.id }
            ]))?;
        }
        let answer = device
            .authenticator
            .do_authentication(self.origin.clone(), request)
            .map_err(|error| anyhow::anyhow!("the passkey did not sign: {error:?}"))?;
        let mut answer = serde_json::to_value(&answer)?;
        if let Some(user_handle) = user_handle {
            answer["response"]["userHandle"] = json!(user_handle);
        }
        Ok(answer.to_string())
    }

    /// The newest passkey's id, base64url, if there is one.
    pub fn credential_id(&self) -> Option<String> {
        self.lock().credentials.last().map(|own| own.id.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};
    use uuid::Uuid;
    use webauthn_rs::prelude::{
        AuthenticationResult, DiscoverableKey, Passkey, PasskeyAuthentication, PublicKeyCredential,
        WebauthnError,
    };
    use webauthn_rs::{Webauthn, WebauthnBuilder};

    const ORIGIN: &str = "http://localhost:8443";
    const PERSON: Uuid = Uuid::from_u128(7);

    fn relying_party() -> Webauthn {
        let origin = Url::parse(ORIGIN).unwrap();
        WebauthnBuilder::new("localhost", &origin).unwrap().build().unwrap()
    }

    fn registered(server: &Webauthn, phone: &SoftPasskeys) -> Passkey {
        let (options, state) =
            server.start_passkey_registration(PERSON, "Aida", "Айда", None).unwrap();
        let answer = phone.register(&serde_json::to_string(&options).unwrap()).unwrap();
        let answer = serde_json::from_str(&answer).unwrap();
        server.finish_passkey_registration(&answer, &state).unwrap()
    }

    /// Verifies an assertion whose challenge is the digest of what was confirmed, as the server
    /// does. The stored counter is left out: a package that was signed offline may arrive after
    /// a later sign-in, and its digest, not the counter, keeps it from being used twice.
    fn verify_confirmation(
        server: &Webauthn,
        passkey: &Passkey,
        digest: [u8; 32],
        credential: &PublicKeyCredential,
    ) -> Result<AuthenticationResult, WebauthnError> {
        let (_, state) = server.start_passkey_authentication(std::slice::from_ref(passkey))?;
        let mut state = serde_json::to_value(&state)?;
        let changes = [
            ("/ast/challenge", json!(URL_SAFE_NO_PAD.encode(digest))),
            ("/ast/credentials/0/counter", json!(0)),
        ];
        for (place, value) in changes {
            // Not there means another version of webauthn-rs: refuse, never verify less.
            *state.pointer_mut(place).ok_or(WebauthnError::MismatchedChallenge)? = value;
        }
        let state: PasskeyAuthentication = serde_json::from_value(state)?;
        server.finish_passkey_authentication(credential, &state)
    }

    /// As a phone builds it without a connection.
    fn local_request(digest: [u8; 32], credential_id: &str) -> String {
        let allowed = json!([{ "type": "public-key", "id": credential_id }]);
        json!({ "publicKey": {
            "challenge": URL_SAFE_NO_PAD.encode(digest),
            "rpId": "localhost",
            "allowCredentials": allowed,
            "userVerification": "required",
        }})
        .to_string()
    }

    fn confirmation(phone: &SoftPasskeys, digest: [u8; 32]) -> PublicKeyCredential {
        let id = phone.credential_id().unwrap();
        let answer = phone.assert(&local_request(digest, &id)).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    fn signed_in(server: &Webauthn, phone: &SoftPasskeys, passkey: &mut Passkey) {
        let (options, state) =
            server.start_passkey_authentication(std::slice::from_ref(passkey)).unwrap();
        let answer = phone.assert(&serde_json::to_string(&options).unwrap()).unwrap();
        let answer = serde_json::from_str(&answer).unwrap();
        let result = server.finish_passkey_authentication(&answer, &state).unwrap();
        assert!(result.user_verified());
        passkey.update_credential(&result);
    }

    #[test]
    fn a_phone_registers_and_signs_in() {
        let (server, phone) = (relying_party(), SoftPasskeys::new(ORIGIN).unwrap());
        let mut passkey = registered(&server, &phone);
        signed_in(&server, &phone, &mut passkey);
        signed_in(&server, &phone, &mut passkey);
    }

    #[test]
    fn a_phone_signs_in_without_being_told_which_passkey() {
        let (server, phone) = (relying_party(), SoftPasskeys::new(ORIGIN).unwrap());
        let passkey = registered(&server, &phone);
        let (options, state) = server.start_discoverable_authentication().unwrap();
        let answer = phone.assert(&serde_json::to_string(&options).unwrap()).unwrap();
        let answer = serde_json::from_str(&answer).unwrap();
        let (person, _) = server.identify_discoverable_authentication(&answer).unwrap();
        assert_eq!(person, PERSON);
        let key = DiscoverableKey::from(passkey);
        server.finish_discoverable_authentication_v2(&answer, state, &key).unwrap();
    }

    #[test]
    fn a_package_signed_offline_is_verified_even_after_a_later_sign_in() {
        let (server, phone) = (relying_party(), SoftPasskeys::new(ORIGIN).unwrap());
        let mut passkey = registered(&server, &phone);
        let digest: [u8; 32] = Sha256::digest(b"an application, in canonical bytes").into();
        let confirmation = confirmation(&phone, digest);
        signed_in(&server, &phone, &mut passkey);
        let result = verify_confirmation(&server, &passkey, digest, &confirmation).unwrap();
        assert!(result.user_verified());
    }

    #[test]
    fn a_confirmation_holds_for_its_package_its_passkey_and_its_origin_only() {
        let (server, phone) = (relying_party(), SoftPasskeys::new(ORIGIN).unwrap());
        let passkey = registered(&server, &phone);
        let digest: [u8; 32] = Sha256::digest(b"a package").into();
        let other: [u8; 32] = Sha256::digest(b"another package").into();
        let refusal = |passkey: &Passkey, digest, confirmation: &PublicKeyCredential| {
            verify_confirmation(&server, passkey, digest, confirmation).unwrap_err()
        };

        let signed = confirmation(&phone, other);
        assert_eq!(refusal(&passkey, digest, &signed), WebauthnError::MismatchedChallenge);

        let stranger = SoftPasskeys::new(ORIGIN).unwrap();
        registered(&server, &stranger);
        refusal(&passkey, digest, &confirmation(&stranger, digest));

        let elsewhere = SoftPasskeys::new("https://sub.localhost").unwrap();
        let foreign = registered(&relying_party_at("https://sub.localhost"), &elsewhere);
        let signed = confirmation(&elsewhere, digest);
        assert_eq!(refusal(&foreign, digest, &signed), WebauthnError::InvalidRPOrigin);

        let mut tampered = confirmation(&phone, digest);
        tampered.response.signature[10] ^= 1;
        refusal(&passkey, digest, &tampered);
    }

    fn relying_party_at(origin: &str) -> Webauthn {
        let origin = Url::parse(origin).unwrap();
        WebauthnBuilder::new("localhost", &origin).unwrap().build().unwrap()
    }

    #[test]
    fn a_second_passkey_of_one_person_is_refused() {
        let (server, phone) = (relying_party(), SoftPasskeys::new(ORIGIN).unwrap());
        let passkey = registered(&server, &phone);
        let known = Some(vec![passkey.cred_id().clone()]);
        let (options, _) =
            server.start_passkey_registration(PERSON, "Aida", "Айда", known).unwrap();
        assert!(phone.register(&serde_json::to_string(&options).unwrap()).is_err());
    }

    #[test]
    fn a_phone_has_no_passkey_for_a_stranger() {
        let phone = SoftPasskeys::new(ORIGIN).unwrap();
        assert!(phone.assert(&local_request([1; 32], "AAAA")).is_err());
        assert!(phone.assert("{}").is_err());
        assert!(phone.assert(r#"{"publicKey":{"challenge":"AAAA"}}"#).is_err());
    }
}
