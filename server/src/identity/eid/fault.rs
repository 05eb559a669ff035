//! The reasons why an answer of eID is refused.

/// The reason why an answer proves nobody. Nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EidFault {
    /// `state` is not this server's, is for another purpose, or its time is over.
    State,
    /// The secret is not of the phone that began.
    Secret,
    /// The code was used, is not for this client, or was asked for by another sign-in.
    Code,
    /// The answer is another provider's.
    Issuer,
    /// The answer is for another client.
    Audience,
    /// The answer is for another sign-in.
    Nonce,
    /// The signature does not hold, is missing, or is of an algorithm that is not accepted.
    Signature,
    /// The answer has expired, or was made before the sign-in began or in the future.
    Time,
    /// The person was not authenticated in the way that this server asks for.
    Acr,
    /// The person was to authenticate again, and did not.
    AuthTime,
    /// There is no usable name for the person, or two parts of the answer name different people.
    Subject,
    /// The personal number or the name is malformed.
    Claims,
    /// The person is not the one who is signed in.
    OtherPerson,
}

impl EidFault {
    /// All faults, in the order of the variants.
    pub const ALL: [Self; 13] = [
        Self::State,
        Self::Secret,
        Self::Code,
        Self::Issuer,
        Self::Audience,
        Self::Nonce,
        Self::Signature,
        Self::Time,
        Self::Acr,
        Self::AuthTime,
        Self::Subject,
        Self::Claims,
        Self::OtherPerson,
    ];

    /// The name in refusals: `params.fault` of `eid_failed`.
    pub fn key(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Secret => "secret",
            Self::Code => "code",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Nonce => "nonce",
            Self::Signature => "signature",
            Self::Time => "time",
            Self::Acr => "acr",
            Self::AuthTime => "auth_time",
            Self::Subject => "subject",
            Self::Claims => "claims",
            Self::OtherPerson => "other_person",
        }
    }
}

/// A failure of a call to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EidFailure {
    /// The provider has answered, and the answer proves nobody.
    #[error("the answer of eID is refused: {}", .0.key())]
    Refused(EidFault),
    /// The provider does not answer, or not in a form that can be read.
    #[error("eID is unavailable")]
    Unavailable,
}

impl From<EidFault> for EidFailure {
    fn from(fault: EidFault) -> Self {
        Self::Refused(fault)
    }
}

/// Logs the reason for the operator; the client learns only that eID is unavailable.
pub(super) fn unavailable<E: std::fmt::Display>(
    step: &'static str,
) -> impl FnOnce(E) -> EidFailure {
    move |reason| {
        tracing::warn!(%reason, step, "eID is unavailable");
        EidFailure::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_stands_for_two_faults() {
        let keys: BTreeSet<&str> = EidFault::ALL.into_iter().map(EidFault::key).collect();
        assert_eq!(keys.len(), EidFault::ALL.len());
    }
}
