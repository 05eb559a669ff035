//! The refusal of a confirmation.

/// The confirmation is invalid: of another package, by another key, for another origin, or without
/// verification of the person.
#[derive(Debug, thiserror::Error)]
#[error("the signature does not hold: {reason}")]
pub struct BadSignature {
    reason: String,
}

impl BadSignature {
    pub(crate) fn because(reason: impl std::fmt::Debug) -> Self {
        Self { reason: format!("{reason:?}") }
    }
}
