//! The provider's keys, and the tokens that they sign, or pretend to.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crypto_glue::rsa;
use crypto_glue::traits::Pkcs8EncodePrivateKey;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RsaEncoding, RsaKeyPair,
};
use ring::{digest, hmac};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

const KEY_BITS: usize = 2_048;

/// How id tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EidSigning {
    #[default]
    Rs256,
    Es256,
    /// An algorithm that is sound, and that nobody has agreed on.
    Rs384,
    /// `none`, without a signature.
    Unsigned,
    /// By HMAC with the client's secret.
    ByClientSecret,
    /// By HMAC with the published key's modulus.
    ByPublicKey,
    /// By a key that is not published, under the name of one that is.
    ByForeignKey,
    /// By a key that is not published, under its own name.
    ByUnknownKey,
    /// One bit of the claims was changed afterwards.
    Changed,
    /// The claims are those of RS256, the algorithm is called `none`.
    CalledUnsigned,
}

/// Made once in a process. A committed private key would set off every scanner there is.
static RSA: [OnceLock<Arc<RsaKeyPair>>; 2] = [OnceLock::new(), OnceLock::new()];

pub(super) struct KeyRing {
    generation: u32,
    rsa: Arc<RsaKeyPair>,
    foreign: Arc<RsaKeyPair>,
    ec: EcdsaKeyPair,
    random: SystemRandom,
}

impl KeyRing {
    pub(super) fn new() -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let (rsa, foreign, ec) = (rsa_key(0)?, rsa_key(1)?, ec_key(&random)?);
        Ok(Self { generation: 1, rsa, foreign, ec, random })
    }

    /// The two RSA keys change places; the key of the curve is new.
    pub(super) fn rotate(&mut self) -> anyhow::Result<()> {
        std::mem::swap(&mut self.rsa, &mut self.foreign);
        self.ec = ec_key(&self.random)?;
        self.generation += 1;
        Ok(())
    }

    /// The published keys (RFC 7517).
    pub(super) fn published(&self) -> Value {
        let parts = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public());
        let point = self.ec.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.name("rsa"),
              "n": encode(&parts.n), "e": encode(&parts.e) },
            { "kty": "EC", "use": "sig", "alg": "ES256", "kid": self.name("ec"), "crv": "P-256",
              "x": encode(x), "y": encode(y) },
        ] })
    }

    /// A token with these claims.
    pub(super) fn sign(&self, signing: EidSigning, secret: &str, claims: &Value) -> String {
        use EidSigning as S;
        let algorithm = match signing {
            S::Es256 => "ES256",
            S::Rs384 => "RS384",
            S::Unsigned | S::CalledUnsigned => "none",
            S::ByClientSecret | S::ByPublicKey => "HS256",
            _ => "RS256",
        };
        let kid = match signing {
            S::Es256 => self.name("ec"),
            S::ByUnknownKey => "never-published".to_owned(),
            _ => self.name("rsa"),
        };
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": kid });
        let text = |value: &Value| encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", text(&header), text(claims));
        let hmac = |key: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key);
            hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
        };
        let signature = match signing {
            S::Unsigned => Vec::new(),
            S::ByClientSecret => hmac(secret.as_bytes()),
            S::ByPublicKey => hmac(&PublicKeyComponents::<Vec<u8>>::from(self.rsa.public()).n),
            S::ByForeignKey | S::ByUnknownKey => {
                self.by_rsa(&self.foreign, &RSA_PKCS1_SHA256, &signed)
            }
            S::Rs384 => self.by_rsa(&self.rsa, &RSA_PKCS1_SHA384, &signed),
            S::Es256 => self
                .ec
                .sign(&self.random, signed.as_bytes())
                .map(|signature| signature.as_ref().to_vec())
                .unwrap_or_default(),
            S::Rs256 | S::Changed | S::CalledUnsigned => {
                self.by_rsa(&self.rsa, &RSA_PKCS1_SHA256, &signed)
            }
        };
        if signing == S::Changed {
            let mut changed = claims.clone();
            changed["sub"] = json!("somebody-else");
            return format!("{}.{}.{}", text(&header), text(&changed), encode(&signature));
        }
        format!("{signed}.{}", encode(&signature))
    }

    fn by_rsa(&self, key: &RsaKeyPair, how: &'static dyn RsaEncoding, signed: &str) -> Vec<u8> {
        let mut signature = vec![0; key.public().modulus_len()];
        let made = key.sign(how, &self.random, signed.as_bytes(), &mut signature);
        made.map(|()| signature).unwrap_or_default()
    }

    fn name(&self, kind: &str) -> String {
        format!("{kind}-{}", self.generation)
    }
}

/// The half of the SHA-256 of an access token that an id token names (`at_hash`).
pub(super) fn access_token_hash(token: &str) -> String {
    encode(&digest::digest(&digest::SHA256, token.as_bytes()).as_ref()[..16])
}

pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_key(place: usize) -> anyhow::Result<Arc<RsaKeyPair>> {
    if let Some(key) = RSA[place].get() {
        return Ok(key.clone());
    }
    let made = rsa::new_key(KEY_BITS).context("RSA key")?;
    let der = made.to_pkcs8_der()?;
    let key = RsaKeyPair::from_pkcs8(der.as_bytes()).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(RSA[place].get_or_init(|| Arc::new(key)).clone())
}

fn ec_key(random: &SystemRandom) -> anyhow::Result<EcdsaKeyPair> {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, random);
    let der = der.map_err(|error| anyhow::anyhow!("{error}"))?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), random)
        .map_err(|error| anyhow::anyhow!("{error}"))
}
