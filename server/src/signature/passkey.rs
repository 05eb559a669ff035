//! A passkey's assertion whose challenge is the package's digest. It may be made without a
//! connection: the digest, not a challenge of the server, keeps it from being used twice.

use super::error::BadSignature;
use crate::config::Config;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PublicKeyCredential, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// Most passkeys of one person that are tried.
const PASSKEYS_MAX: usize = 32;

/// Verifies the assertion, its origin and relying party, and that the person was verified.
pub fn verify(
    config: &Config,
    passkeys: &[Passkey],
    digest: [u8; 32],
    credential: &Value,
) -> Result<(), BadSignature> {
    let webauthn = relying_party(config)?;
    let credential: PublicKeyCredential =
        serde_json::from_value(credential.clone()).map_err(BadSignature::because)?;
    let passkeys = &passkeys[..passkeys.len().min(PASSKEYS_MAX)];
    let state = expecting(&webauthn, passkeys, digest)?;
    let result = webauthn
        .finish_passkey_authentication(&credential, &state)
        .map_err(BadSignature::because)?;
    if !result.user_verified() {
        return Err(BadSignature::because("the person was not verified"));
    }
    Ok(())
}

/// A ceremony that expects `digest` as its challenge. webauthn-rs makes challenges itself, so the
/// digest is put into the serialised form of the state.
///
/// The stored counters are left out: a package that was signed offline may arrive after a later
/// sign-in, and would look like a cloned passkey.
fn expecting(
    webauthn: &Webauthn,
    passkeys: &[Passkey],
    digest: [u8; 32],
) -> Result<PasskeyAuthentication, BadSignature> {
    let (_, state) =
        webauthn.start_passkey_authentication(passkeys).map_err(BadSignature::because)?;
    let mut state = serde_json::to_value(&state).map_err(BadSignature::because)?;
    let ceremony = state.get_mut("ast").and_then(Value::as_object_mut);
    let ceremony = ceremony.ok_or_else(|| BadSignature::because("a ceremony without state"))?;
    ceremony.insert("challenge".to_owned(), json!(URL_SAFE_NO_PAD.encode(digest)));
    if let Some(credentials) = ceremony.get_mut("credentials").and_then(Value::as_array_mut) {
        for credential in credentials {
            credential["counter"] = json!(0);
        }
    }
    serde_json::from_value(state).map_err(BadSignature::because)
}

fn relying_party(config: &Config) -> Result<Webauthn, BadSignature> {
    let origin = Url::parse(&config.public_origin).map_err(BadSignature::because)?;
    let host = origin.host_str().ok_or_else(|| BadSignature::because("an origin without host"))?;
    let mut builder = WebauthnBuilder::new(host, &origin).map_err(BadSignature::because)?;
    for origin in &config.app_origins {
        let origin = Url::parse(origin).map_err(BadSignature::because)?;
        builder = builder.append_allowed_origin(&origin);
    }
    builder.build().map_err(BadSignature::because)
}
