//! A passkey's assertion whose challenge is the package's digest. It may be made without a
//! connection: the digest, not a challenge of the server, keeps it from being used twice.

use super::error::BadSignature;
use super::relying_party::RelyingParty;
use crate::config::Config;
use serde::Deserialize as _;
use serde_json::Value;
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

/// Most passkeys of one person that are tried.
const PASSKEYS_MAX: usize = 32;

/// Verifies the assertion, its origin and relying party, and that the person was verified. Its
/// counter says nothing: a package that was signed offline may arrive after a later sign-in.
pub fn verify(
    config: &Config,
    passkeys: &[Passkey],
    digest: [u8; 32],
    credential: &Value,
) -> Result<(), BadSignature> {
    let relying_party = RelyingParty::new(config).map_err(BadSignature::because)?;
    let answer = PublicKeyCredential::deserialize(credential).map_err(BadSignature::because)?;
    let passkeys = &passkeys[..passkeys.len().min(PASSKEYS_MAX)];
    relying_party.verify(&answer, &digest, passkeys).map(|_| ())
}
