//! Proof that a person confirmed a package: one port, an adapter for each way.
//!
//! [`verify`] knows which bytes must be signed, never what they say. Which ways an act accepts is
//! a rule of its auction; here it is only found out which way was used and whether it holds.

mod device;
mod passkey;

pub use device::is_by_device;

use crate::config::Config;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload;
use webauthn_rs::prelude::Passkey;

/// The confirmation does not hold: of another package, by another key, for another origin, or
/// without the person having been verified.
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

/// Verifies that the owner of `passkeys` confirmed exactly this package; says how.
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
