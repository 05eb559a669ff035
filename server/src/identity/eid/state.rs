//! What a sign-in carries from its start to its end, sealed in OpenID Connect's `state`.

use super::super::ceremony::EidDoor;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::eid::{EID_SEAL_CHARS_MAX, EID_STATE_CHARS_MAX};
use toruk_sync::receipt::Hash;
use toruk_sync::signing::canonical_json;
use uuid::Uuid;

/// Length of the seal: HMAC with SHA-256.
const SEAL_BYTES: usize = 32;
/// Keeps the uses of the key apart.
const SEAL: &[u8] = b"seal\n";
const CONFIRMATION: &[u8] = b"confirmation\n";
/// The nonce's prefix; who verifies evidence needs it.
const NONCE: &[u8] = b"toruk/eid-nonce/v1\n";
const VERIFIER: &[u8] = b"verifier\n";

/// A sign-in that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EidState {
    /// Unique; one answer to it counts.
    pub id: Uuid,
    /// The moment of its start.
    pub since: Timestamp,
    /// The deadline for the answer, exclusive.
    pub until: Timestamp,
    /// Where it was begun, and for what.
    pub door: EidDoor,
    /// Set if it confirms an act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<EidAct>,
    /// SHA-256 of the secret of the phone or browser that began, hexadecimal.
    pub secret_hash: String,
    /// `ky`, `ru` or `en`.
    pub language: String,
}

/// What a person wants to confirm. The nonce is derived from the `state` that holds it, so that the
/// provider's answer is one about this act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EidAct {
    /// The only person whose answer counts.
    pub person: PersonId,
    /// SHA-256 of the act's canonical bytes, hexadecimal.
    pub digest: String,
}

/// A confirmation that eID has given, on its way to the act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedConfirmation {
    /// Unique; one act is confirmed by it.
    pub id: Uuid,
    /// The deadline for its arrival with the act, exclusive.
    pub until: Timestamp,
    pub act: EidAct,
}

/// Seals states, and derives what is as secret as the key. All nodes that share a data folder have
/// the same.
pub struct EidSeal(hmac::Key);

impl EidSeal {
    /// With a key of its own, the same on every node.
    pub fn new(key: &Hash) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The `state` of a sign-in, base64url.
    pub fn seal(&self, state: &EidState) -> String {
        self.sealed(SEAL, state)
    }

    /// The sign-in of a `state` that this server has sealed; `None` for any other text.
    pub fn open(&self, text: &str) -> Option<EidState> {
        (text.len() <= EID_STATE_CHARS_MAX).then(|| self.opened(SEAL, text)).flatten()
    }

    /// A confirmation as the phone carries it, base64url.
    pub fn seal_confirmation(&self, confirmation: &SealedConfirmation) -> String {
        self.sealed(CONFIRMATION, confirmation)
    }

    /// The confirmation of a text that this server has sealed; `None` for any other.
    pub fn open_confirmation(&self, text: &str) -> Option<SealedConfirmation> {
        (text.len() <= EID_SEAL_CHARS_MAX).then(|| self.opened(CONFIRMATION, text)).flatten()
    }

    fn sealed(&self, purpose: &[u8], content: &impl Serialize) -> String {
        let mut sealed = canonical_json(content).into_bytes();
        let seal = self.tag(purpose, &sealed);
        sealed.extend_from_slice(seal.as_ref());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn opened<T: DeserializeOwned>(&self, purpose: &[u8], text: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (sealed, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL_BYTES)?)?;
        hmac::verify(&self.0, &[purpose, sealed].concat(), seal).ok()?;
        serde_json::from_slice(sealed).ok()
    }

    /// The nonce of the sign-in with this `state`: its hash. No key is needed to see that an answer
    /// of the provider belongs to it, and so to the act that it names; nobody guesses a state, which
    /// ends with a seal.
    pub fn nonce(state: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest([NONCE, state.as_bytes()].concat()))
    }

    /// The act of a `state` that was sealed here, without looking at the seal; `None` if it has none.
    pub fn act_of(state: &str) -> Option<EidAct> {
        let bytes = URL_SAFE_NO_PAD.decode(state).ok()?;
        let sealed = bytes.get(..bytes.len().checked_sub(SEAL_BYTES)?)?;
        serde_json::from_slice::<EidState>(sealed).ok()?.act
    }

    /// PKCE's verifier of the sign-in with this `state`: 43 characters, of which nobody else knows
    /// one.
    pub fn verifier(&self, state: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.tag(VERIFIER, state.as_bytes()))
    }

    fn tag(&self, purpose: &[u8], content: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, &[purpose, content].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn act() -> EidAct {
        EidAct { person: PersonId(Uuid::from_u128(u128::MAX)), digest: "0b".repeat(32) }
    }

    fn state() -> EidState {
        EidState {
            id: Uuid::from_u128(1),
            since: Timestamp(2),
            until: Timestamp(5),
            door: EidDoor::Confirmation,
            act: Some(act()),
            secret_hash: "0a".repeat(32),
            language: "ky".to_owned(),
        }
    }

    #[test]
    fn only_its_maker_opens_a_state_and_not_one_character_may_change() {
        let seal = EidSeal::new(&[7; 32]);
        let sealed = seal.seal(&state());
        assert!(sealed.len() < EID_STATE_CHARS_MAX, "{}", sealed.len());
        assert_eq!(seal.open(&sealed), Some(state()));
        assert_eq!(EidSeal::new(&[8; 32]).open(&sealed), None);
        for place in 0..sealed.len() {
            let mut forged = sealed.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open(&String::from_utf8(forged).unwrap()), None, "{place}");
        }
        for other in ["", "AAAA", &sealed[..43], &"A".repeat(EID_STATE_CHARS_MAX + 1)] {
            assert_eq!(seal.open(other), None, "{other}");
        }
    }

    #[test]
    fn a_confirmation_is_opened_as_that_alone_and_not_one_character_may_change() {
        let seal = EidSeal::new(&[7; 32]);
        let confirmation =
            SealedConfirmation { id: Uuid::from_u128(1), until: Timestamp(i64::MAX), act: act() };
        let sealed = seal.seal_confirmation(&confirmation);
        assert!(sealed.len() < EID_SEAL_CHARS_MAX, "{}", sealed.len());
        assert_eq!(seal.open_confirmation(&sealed), Some(confirmation));
        assert_eq!(seal.open(&sealed), None);
        assert_eq!(seal.open_confirmation(&seal.seal(&state())), None);
        assert_eq!(EidSeal::new(&[8; 32]).open_confirmation(&sealed), None);
        for place in 0..sealed.len() {
            let mut forged = sealed.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(seal.open_confirmation(&forged), None, "{place}");
        }
    }

    #[test]
    fn nonce_and_verifier_are_of_one_state_and_the_verifier_of_one_key() {
        let (ours, others) = (EidSeal::new(&[7; 32]), EidSeal::new(&[8; 32]));
        let all = [
            EidSeal::nonce("a"),
            EidSeal::nonce("b"),
            ours.verifier("a"),
            ours.verifier("b"),
            others.verifier("a"),
        ];
        assert!(all.iter().all(|text| text.len() == 43));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
