//! Passkey ceremonies: makes challenges for passkeys and verifies their answers.
//!
//! # Why webauthn-rs's own challenges are replaced
//! Its state between two requests would have to be stored, by request of strangers. The server's
//! challenges carry what is needed (see [`super::challenge`]), so the state is made again for the
//! answer, with the challenge that was sent.

use super::ceremony::NewPerson;
use super::error::Error;
use crate::config::Config;
use crate::signature::{Assertion, RelyingParty};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use toruk_sync::domain::id::PersonId;
use webauthn_rs::prelude::{
    COSEAlgorithm, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
};

/// The relying party of all ceremonies.
pub struct Passkeys {
    relying_party: RelyingParty,
}

impl Passkeys {
    /// The relying party is the host of the public origin.
    ///
    /// # Errors
    /// When an origin is not a URL, or the public one has no host name.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        Ok(Self { relying_party: RelyingParty::new(config)? })
    }

    /// Id of the relying party: a host name.
    pub fn rp_id(&self) -> &str {
        self.relying_party.id()
    }

    /// The origin that answers must name.
    pub fn origin(&self) -> &str {
        self.relying_party.origin()
    }

    /// The options of a registration with this challenge.
    ///
    /// # Why a discoverable one
    /// Officials type no user name, and a phone that was reset does not know its passkey's id.
    /// `requireResidentKey` is the term of WebAuthn Level 1, for platforms that do not read
    /// `residentKey`. No authenticator proves the property, so there is nothing to verify
    /// afterwards; a passkey without it can still be named.
    pub fn start_registration(&self, person: &NewPerson, challenge: &[u8]) -> Result<Value, Error> {
        let NewPerson { id, name, .. } = person;
        let (mut options, _) = self
            .relying_party
            .webauthn()
            .start_passkey_registration(id.0, name, name, None)
            .map_err(failed("start of a registration"))?;
        options.public_key.pub_key_cred_params.retain(|way| {
            let algorithm = COSEAlgorithm::try_from(i128::from(way.alg));
            algorithm.is_ok_and(|algorithm| self.relying_party.accepts(algorithm))
        });
        let mut options = with_challenge(options, challenge)?;
        options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("required");
        Ok(options)
    }

    /// The options for another passkey of a person, on a device that has none of `known`.
    pub fn start_addition(
        &self,
        person: &NewPerson,
        known: &[Passkey],
        challenge: &[u8],
    ) -> Result<Value, Error> {
        let mut options = self.start_registration(person, challenge)?;
        let known = known.iter().map(|passkey| {
            let id = URL_SAFE_NO_PAD.encode(passkey.cred_id());
            json!({ "type": "public-key", "id": id })
        });
        options["publicKey"]["excludeCredentials"] = known.collect();
        Ok(options)
    }

    /// The new passkey, if its answer is valid: challenge, origin, relying party, user verified.
    pub fn finish_registration(
        &self,
        credential: Value,
        person: &NewPerson,
        challenge: &[u8],
    ) -> Result<Passkey, Error> {
        let answer: RegisterPublicKeyCredential = parse(credential)?;
        let NewPerson { id, name, .. } = person;
        let (_, state) = self
            .relying_party
            .webauthn()
            .start_passkey_registration(id.0, name, name, None)
            .map_err(failed("registration"))?;
        let state: PasskeyRegistration = expecting(&state, "/rs/challenge", challenge)?;
        let passkey = self.relying_party.webauthn().finish_passkey_registration(&answer, &state);
        let passkey = passkey.map_err(failed("registration"))?;
        match self.relying_party.accepts(*passkey.cred_algorithm()) {
            true => Ok(passkey),
            false => Err(failed("registration")("a passkey that signs by RSA")),
        }
    }

    /// The options of a sign-in with `passkey`, or with any that the platform has.
    pub fn start_sign_in(
        &self,
        passkey: Option<&Passkey>,
        challenge: &[u8],
    ) -> Result<Value, Error> {
        let options = match passkey {
            Some(passkey) => self
                .relying_party
                .webauthn()
                .start_passkey_authentication(std::slice::from_ref(passkey))
                .map(|(options, _)| options),
            None => self.relying_party.webauthn().start_discoverable_authentication().map(
                |(mut options, _)| {
                    // The person pressed a button; a passkey offered in a text field would never
                    // arrive.
                    options.mediation = None;
                    options
                },
            ),
        };
        with_challenge(options.map_err(failed("start of a sign-in"))?, challenge)
    }

    /// Verifies the answer to a sign-in; `stored` is the passkey it names, of `owner`.
    pub fn finish_sign_in(
        &self,
        answer: &PublicKeyCredential,
        challenge: &[u8],
        stored: &Passkey,
        owner: PersonId,
    ) -> Result<Assertion, Error> {
        // The credential's id already leads to one person. A platform that names another person
        // with it is faulty or lying. Some name nobody, with an empty handle.
        let handle = answer.get_user_unique_id().filter(|handle| !handle.is_empty());
        if handle.is_some_and(|handle| handle != owner.0.as_bytes().as_slice()) {
            return Err(Error::CeremonyFailed);
        }
        self.relying_party
            .verify(answer, challenge, std::slice::from_ref(stored))
            .map_err(failed("sign-in"))
    }
}

/// Options with this challenge instead of webauthn-rs's own.
fn with_challenge(options: impl Serialize, challenge: &[u8]) -> Result<Value, Error> {
    let mut options = serde_json::to_value(options).map_err(failed("options"))?;
    options["publicKey"]["challenge"] = json!(URL_SAFE_NO_PAD.encode(challenge));
    Ok(options)
}

/// A state that expects this challenge. A state without a challenge at `place` is of another
/// version of webauthn-rs: it is refused, so that no answer is verified against less.
fn expecting<T: Serialize + DeserializeOwned>(
    state: &T,
    place: &str,
    challenge: &[u8],
) -> Result<T, Error> {
    let mut state = serde_json::to_value(state).map_err(failed("state"))?;
    let expected = state.pointer_mut(place).ok_or(Error::CeremonyFailed)?;
    *expected = json!(URL_SAFE_NO_PAD.encode(challenge));
    serde_json::from_value(state).map_err(failed("state"))
}

/// Parses a passkey's answer as it came over the wire.
pub fn parse<T: DeserializeOwned>(credential: Value) -> Result<T, Error> {
    serde_json::from_value(credential).map_err(|_| Error::Malformed("credential"))
}

/// Logs the reason for the operator; the client learns only that the ceremony failed.
fn failed<E: std::fmt::Display>(step: &'static str) -> impl FnOnce(E) -> Error {
    move |reason| {
        tracing::info!(%reason, step, "a passkey ceremony failed");
        Error::CeremonyFailed
    }
}
