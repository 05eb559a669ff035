//! Proof that a person confirmed a package: one port, an adapter for each way.
//!
//! [`verify`] knows which bytes must be signed, never their meaning. An auction's rules say which
//! ways of signing an act accepts; this module only finds out which way was used and verifies it.

mod device;
mod passkey;

pub use device::is_by_device;

use crate::config::Config;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload;
use webauthn_rs::prelude::Passkey;

/// The confirmation is invalid: of another package, by another key, for another origin, or without
/// verification of the person.
#[derive(Debug, thiserror::Error)]
#[error("the signature does not hold: {reason}")]
pub struct BadSignature {
    reason: String,
}

impl BadSignature {
    fn because(reason: impl std::fmt::Debug) -> Self {
        Self { reason: format!("{reason:?}") }
    }
}

/// Verifies that the owner of `passkeys` confirmed exactly this package; returns the way they used.
///
/// # Errors
/// [`BadSignature`].
pub fn verify(
    config: &Config,
    passkeys: &[Passkey],
    package: &impl SignedPayload,
    confirmation: &Confirmation,
) -> Result<ConfirmationMethod, BadSignature> {
    match confirmation {
        Confirmation::Passkey { credential } => {
            passkey::verify(config, passkeys, package.digest(), credential)?;
            Ok(ConfirmationMethod::Passkey)
        }
    }
}
