//! Challenges that carry their ceremony, sealed with the server's key.
//!
//! # Why nothing is stored when a ceremony begins
//! Anybody may begin one, without being signed in. A table of open ceremonies needs a bound, and
//! someone who fills it locks everyone out. The challenge comes back inside the passkey's answer,
//! so it can carry the state; the seal makes it the server's own. Only an answer that holds is
//! stored, until its challenge expires, so that it counts once: that takes a passkey.
//!
//! # Why a visible purpose
//! A passkey signs whatever challenge it is given. Documents are signed with their SHA-256 as the
//! challenge; a challenge to sign in begins with its purpose and is longer, so that neither can
//! stand for the other, and a phone can refuse to sign the wrong one.

use super::ceremony::OpenCeremony;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;
use toruk_sync::receipt::Hash;
use toruk_sync::signing::canonical_json;

/// Length of the seal: HMAC with SHA-256.
const SEAL_BYTES: usize = 32;

/// Base64url with or without padding: platforms differ.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Seals challenges. All nodes that share a data folder have the same.
pub struct ChallengeSeal(hmac::Key);

#[derive(Deserialize)]
struct Answer {
    response: AnswerResponse,
}

#[derive(Deserialize)]
struct AnswerResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
}

#[derive(Deserialize)]
struct ClientData {
    challenge: String,
}

impl ChallengeSeal {
    /// With a key of its own, the same on every node.
    pub fn new(key: &Hash) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The challenge of a ceremony: its purpose, its state, the seal over both.
    pub fn seal(&self, open: &OpenCeremony) -> Vec<u8> {
        let mut challenge = open.ceremony.purpose().prefix().as_bytes().to_vec();
        challenge.extend_from_slice(canonical_json(open).as_bytes());
        let seal = hmac::sign(&self.0, &challenge);
        challenge.extend_from_slice(seal.as_ref());
        challenge
    }

    /// The ceremony that a passkey's answer belongs to, and its challenge; `None` if this server
    /// made no such challenge. Whether the passkey has signed it is not known yet.
    pub fn open(&self, credential: &Value) -> Option<(OpenCeremony, Vec<u8>)> {
        let answer = Answer::deserialize(credential).ok()?;
        let client = LENIENT.decode(answer.response.client_data).ok()?;
        let client: ClientData = serde_json::from_slice(&client).ok()?;
        let challenge = LENIENT.decode(client.challenge).ok()?;
        Some((self.open_bytes(&challenge)?, challenge))
    }

    /// As [`Self::open`], from the challenge as it came.
    pub fn open_bytes(&self, challenge: &[u8]) -> Option<OpenCeremony> {
        let (sealed, seal) =
            challenge.split_at_checked(challenge.len().checked_sub(SEAL_BYTES)?)?;
        hmac::verify(&self.0, sealed, seal).ok()?;
        let state = sealed.splitn(2, |byte| *byte == b'\n').nth(1)?;
        let open: OpenCeremony = serde_json::from_slice(state).ok()?;
        sealed.starts_with(open.ceremony.purpose().prefix().as_bytes()).then_some(())?;
        Some(open)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ceremony::Ceremony;
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;
    use toruk_sync::domain::time::Timestamp;
    use uuid::Uuid;

    fn answer(challenge: &[u8]) -> Value {
        let client = json!({ "challenge": URL_SAFE_NO_PAD.encode(challenge) }).to_string();
        json!({ "response": { "clientDataJSON": URL_SAFE_NO_PAD.encode(client) } })
    }

    #[test]
    fn a_challenge_says_its_purpose_and_only_its_maker_opens_it() {
        let seal = ChallengeSeal::new(&[7; 32]);
        let ceremony = Ceremony::PhoneSignIn { named: Some("a passkey".to_owned()) };
        let open = OpenCeremony { id: Uuid::from_u128(1), until: Timestamp(5), ceremony };
        let challenge = seal.seal(&open);
        assert!(challenge.starts_with(b"toruk/sign-in/v1\n"));
        assert_eq!(seal.open(&answer(&challenge)), Some((open, challenge.clone())));
        assert_eq!(ChallengeSeal::new(&[8; 32]).open(&answer(&challenge)), None);
        for place in 0..challenge.len() {
            let mut forged = challenge.clone();
            forged[place] ^= 1;
            assert_eq!(seal.open(&answer(&forged)), None, "byte {place}");
        }
        for short in [&[][..], &challenge[..32], &[7; 32]] {
            assert_eq!(seal.open(&answer(short)), None);
        }
        assert_eq!(seal.open(&json!({})), None);
    }
}
