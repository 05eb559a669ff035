//! The service account: its key, its file, and whether an assertion is signed by it.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto_glue::rsa::{self, RS256PrivateKey, RS256Signature, RS256VerifyingKey};
use crypto_glue::traits::{LineEndingPem, Pkcs8EncodePrivateKey, Verifier};
use serde::Deserialize;
use serde_json::json;
use std::sync::OnceLock;

/// The grant a service account asks for.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Scopes that a token may be asked for: FCM alone, or the whole platform.
const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
];
/// An assertion is never valid for longer.
const ASSERTION_LIFE_S_MAX: i64 = 3_600;
const KEY_BITS: usize = 2_048;

/// Made once in a process, in a twentieth of a second as long as the workspace's profile optimises
/// `crypto-bigint`. A committed private key would set off every scanner there is.
static KEY: OnceLock<RS256PrivateKey> = OnceLock::new();

pub(super) struct Account {
    project: String,
    base: String,
    private_key_pem: String,
    verifying: RS256VerifyingKey,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    scope: String,
    iat: i64,
    exp: i64,
}

impl Account {
    pub(super) fn new(project: &str, base: &str) -> anyhow::Result<Self> {
        let key = match KEY.get() {
            Some(key) => key,
            None => {
                let made = rsa::new_key(KEY_BITS).context("RSA key")?;
                KEY.get_or_init(|| made)
            }
        };
        Ok(Self {
            project: project.to_owned(),
            base: base.to_owned(),
            private_key_pem: key.to_pkcs8_pem(LineEndingPem::LF)?.to_string(),
            verifying: RS256VerifyingKey::new(key.to_public_key()),
        })
    }

    pub(super) fn project(&self) -> &str {
        &self.project
    }

    pub(super) fn json(&self) -> String {
        json!({
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": "1",
            "private_key": self.private_key_pem,
            "client_email": self.email(),
            "client_id": "1",
            "auth_uri": format!("{}/auth", self.base),
            "token_uri": self.token_uri(),
            "universe_domain": "googleapis.com",
        })
        .to_string()
    }

    /// Requires that `assertion` is a JWT of this account, for this endpoint, for sending messages.
    ///
    /// `iat` and `exp` are compared with each other only: the client stamps them with real time,
    /// and here time is virtual.
    pub(super) fn check(&self, assertion: &str) -> Result<(), &'static str> {
        let (signed, signature) = assertion.rsplit_once('.').ok_or("Invalid JWT.")?;
        let (header, claims) = signed.split_once('.').ok_or("Invalid JWT.")?;
        let header: Header = decode_json(header).ok_or("Invalid JWT header.")?;
        if header.alg != "RS256" {
            return Err("Invalid JWT algorithm.");
        }
        let signature = decode(signature).ok_or("Invalid JWT signature.")?;
        let signature = RS256Signature::try_from(signature.as_slice());
        let signature = signature.map_err(|_| "Invalid JWT signature.")?;
        let verified = self.verifying.verify(signed.as_bytes(), &signature);
        verified.map_err(|_| "Invalid JWT signature.")?;
        let claims: Claims = decode_json(claims).ok_or("Invalid JWT claims.")?;
        if claims.iss != self.email() || claims.aud != self.token_uri() {
            return Err("Invalid issuer or audience.");
        }
        if !(1..=ASSERTION_LIFE_S_MAX).contains(&(claims.exp.saturating_sub(claims.iat))) {
            return Err("Invalid JWT: the token must be short-lived.");
        }
        match claims.scope.split(' ').any(|scope| SCOPES.contains(&scope)) {
            true => Ok(()),
            false => Err("Invalid scope."),
        }
    }

    fn email(&self) -> String {
        format!("toruk@{}.iam.gserviceaccount.com", self.project)
    }

    fn token_uri(&self) -> String {
        format!("{}/token", self.base)
    }
}

fn decode_json<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&decode(part)?).ok()
}

/// base64url, padded or not: gcp_auth pads, others don't.
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto_glue::rsa::RS256SigningKey;
    use crypto_glue::traits::{SignatureEncoding, Signer};
    use serde_json::Value;

    fn assertion(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let key = RS256SigningKey::new(KEY.get().unwrap().clone());
        let signature = key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn an_assertion_must_be_signed_meant_for_us_and_short_lived() {
        let account = Account::new("toruk-test", "http://127.0.0.1:1").unwrap();
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let claims = json!({
            "iss": "toruk@toruk-test.iam.gserviceaccount.com",
            "aud": "http://127.0.0.1:1/token",
            "scope": SCOPES[0], "iat": 100, "exp": 3_600,
        });
        let good = assertion(&header, &claims);
        assert_eq!(account.check(&good), Ok(()));
        for (name, value) in [
            ("iss", json!("someone@else")),
            ("aud", json!("https://oauth2.googleapis.com/token")),
            ("scope", json!("email")),
            ("exp", json!(100)),
            ("exp", json!(3_701)),
        ] {
            let mut claims = claims.clone();
            claims[name] = value;
            assert!(account.check(&assertion(&header, &claims)).is_err(), "{name}");
        }
        assert!(account.check(&assertion(&json!({ "alg": "none" }), &claims)).is_err());
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let (head, _) = signed.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(r#"{"iss":"x"}"#);
        for bad in ["", "a.b", &format!("{signed}."), &format!("{head}.{other}.{signature}")] {
            assert!(account.check(bad).is_err(), "{bad}");
        }
    }
}
