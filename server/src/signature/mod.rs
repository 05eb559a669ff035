//! Proof that a person confirmed a package: one port, an adapter for each way.
//!
//! [`verify`] knows which bytes must be signed, never their meaning. An auction's rules say which
//! ways of signing an act accepts; this module only finds out which way was used and verifies it.

mod archived;
pub mod cms;
mod container;
mod device;
mod error;
mod origins;
mod passkey;
mod relying_party;
mod uploaded;
mod well_known;

pub use archived::{EmbeddedAnswer, archived};
pub use container::{AS_SENT, ASIC_S, asic_s};
pub use device::is_by_device;
pub use error::BadSignature;
pub use relying_party::{Assertion, Oddity, RelyingParty};
pub use uploaded::from_file;
pub use well_known::{app_site_association, asset_links, related_origins};

use crate::config::Config;
use toruk_sync::domain::rules::ConfirmationMethod;
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::signing::SignedPayload;
use webauthn_rs::prelude::Passkey;

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
        // By `identity`, which knows whose certificate it has to be, and seals what eID has proven.
        Confirmation::Cms { .. } | Confirmation::Eid { .. } => {
            Err(BadSignature::because("not a passkey's"))
        }
    }
}
