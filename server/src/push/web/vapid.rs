//! This server's name at push services: VAPID (RFC 8292), a token signed with a key of its
//! own, whose public half each browser names when it subscribes.

use super::encryption::point;
use crate::lock::lock;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::Url;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

/// Seconds for which a token is good; push services allow a day.
const TOKEN_LIFE_S: i64 = 12 * 60 * 60;
/// Seconds after which a new token is signed; until then one serves all messages to a push service.
const RENEW_AFTER_S: i64 = 60 * 60;
/// Most push services of which the token is kept.
const KEPT_MAX: usize = 64;

/// The reason why this server can't say who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VapidFault {
    /// The bytes are not the private half of a key on P-256.
    #[error("not a private key on P-256")]
    Key,
    /// The contact is no address that the operators of a push service could use.
    #[error("the contact is neither mailto:… nor https://…")]
    Contact,
}

/// This server's key at push services.
pub struct VapidKey {
    key: SigningKey,
    public_key: String,
    contact: String,
    /// Values of `Authorization`, each with the moment of its signature, by the push service's origin.
    kept: Mutex<BTreeMap<String, (i64, String)>>,
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapidKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

impl VapidKey {
    /// A key from its private half. `contact` is where the operators of push services reach ours, an
    /// address of mail or of the web.
    ///
    /// # Errors
    /// [`VapidFault`].
    pub fn new(private: &[u8; 32], contact: &str) -> Result<Self, VapidFault> {
        let secret = SecretKey::from_slice(private).map_err(|_| VapidFault::Key)?;
        if !is_contact(contact) {
            return Err(VapidFault::Contact);
        }
        let public_key = URL_SAFE_NO_PAD.encode(point(&secret.public_key()));
        let (key, contact) = (SigningKey::from(secret), contact.to_owned());
        Ok(Self { key, public_key, contact, kept: Mutex::default() })
    }

    /// The public key as browsers take it: the uncompressed point in base64url.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// `Authorization` for a push service of this origin. `now_s` is the time, Unix seconds.
    pub fn authorization(&self, origin: &str, now_s: i64) -> String {
        let mut kept = lock(&self.kept);
        if let Some((signed_at, said)) = kept.get(origin)
            && (0..RENEW_AFTER_S).contains(&(now_s - signed_at))
        {
            return said.clone();
        }
        let said = self.signed(origin, now_s);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(origin.to_owned(), (now_s, said.clone()));
        said
    }

    fn signed(&self, origin: &str, now_s: i64) -> String {
        let head = json!({ "typ": "JWT", "alg": "ES256" });
        let expires = now_s.saturating_add(TOKEN_LIFE_S);
        let claims = json!({ "aud": origin, "exp": expires, "sub": self.contact });
        let part = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let said = format!("{}.{}", part(&head), part(&claims));
        let signature: Signature = self.key.sign(said.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!("vapid t={said}.{signature}, k={}", self.public_key)
    }
}

/// Returns `true` if the operators of a push service could write there: `mailto:…` or `https://…`.
pub fn is_contact(text: &str) -> bool {
    match text.parse::<Url>() {
        Ok(url) if url.scheme() == "mailto" => url.path().contains('@'),
        Ok(url) => url.scheme() == "https" && url.has_host(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier as _;
    use serde_json::Value;

    fn key() -> VapidKey {
        VapidKey::new(&[7; 32], "mailto:a@example.kg").unwrap()
    }

    #[test]
    fn a_push_service_verifies_who_asks_for_whom_and_until_when() {
        let key = key();
        let said = key.authorization("https://push.example", 1_000_000);
        let (token, public_key) =
            said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public_key, key.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
        let verifier = VerifyingKey::from_sec1_bytes(&bytes(public_key)).unwrap();
        let signature = Signature::from_slice(&bytes(signature)).unwrap();
        verifier.verify(signed.as_bytes(), &signature).unwrap();
        let claims: Value =
            serde_json::from_slice(&bytes(signed.split('.').nth(1).unwrap())).unwrap();
        let expected = json!({
            "aud": "https://push.example", "exp": 1_043_200, "sub": "mailto:a@example.kg",
        });
        assert_eq!(claims, expected);
        assert!(!format!("{key:?}").contains(&hex::encode([7; 32])));
    }

    #[test]
    fn a_token_serves_one_push_service_for_an_hour() {
        let (key, here) = (key(), "https://push.example");
        let first = key.authorization(here, 1_000_000);
        assert_eq!(key.authorization(here, 1_003_599), first);
        assert_ne!(key.authorization("https://other.example", 1_000_001), first);
        let later = key.authorization(here, 1_003_600);
        assert_ne!(later, first);
        // A clock that was set back.
        assert_ne!(key.authorization(here, 1_000_000), later);
        for number in 0..2 * KEPT_MAX {
            key.authorization(&format!("https://push{number}.example"), 1_000_000);
        }
        assert!(lock(&key.kept).len() <= KEPT_MAX);
    }

    #[test]
    fn what_is_no_key_and_what_is_no_contact_is_refused() {
        for (private, contact, expected) in [
            ([7; 32], "https://auction.example.kg/help", None),
            ([0; 32], "mailto:a@example.kg", Some(VapidFault::Key)),
            ([255; 32], "mailto:a@example.kg", Some(VapidFault::Key)),
            ([7; 32], "a@example.kg", Some(VapidFault::Contact)),
            ([7; 32], "mailto:nobody", Some(VapidFault::Contact)),
            ([7; 32], "http://auction.example.kg", Some(VapidFault::Contact)),
            ([7; 32], "", Some(VapidFault::Contact)),
        ] {
            assert_eq!(VapidKey::new(&private, contact).err(), expected, "{contact}");
        }
    }
}
