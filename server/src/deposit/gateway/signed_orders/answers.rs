//! What an answer may say.

use crate::ports::{BANK_REFERENCE, GatewayError};

/// Longest reference, code or address the payment system may give.
pub const TEXT_BYTES_MAX: usize = 2_048;

/// Returns `true` if the payment system may name a payment so.
pub fn is_usable(reference: &str) -> bool {
    let is_ours = reference.starts_with(BANK_REFERENCE);
    !reference.is_empty() && reference.len() <= TEXT_BYTES_MAX && !is_ours
}

/// A malformed response may be correct next time: the outcome is unknown.
pub fn strange(what: &str) -> GatewayError {
    GatewayError::Unavailable(format!("its answer is {what}"))
}
