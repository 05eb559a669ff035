//! The ways in which a person confirms an act.

use crate::platform::SigningPurpose;

/// The way in which a person confirms.
#[derive(Debug, Clone, Copy)]
pub enum ConfirmBy {
    /// By the passkey of this phone.
    Passkey,
    /// By their certificate.
    Certificate(SigningPurpose),
}
