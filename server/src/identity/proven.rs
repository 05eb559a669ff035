//! A person as a door outside of this server has proven them, in plain values.

use std::fmt;
use toruk_sync::domain::pin::Pin;

/// The kinds of doors that prove who a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// The state's sign-in, by OpenID Connect.
    Eid,
    /// A certificate's signature (ЭЦП).
    Certificate,
}

impl Provider {
    /// All kinds, in the order of the variants.
    pub const ALL: [Self; 2] = [Self::Eid, Self::Certificate];

    /// The name in the database and in the audit trail.
    pub fn key(self) -> &'static str {
        match self {
            Self::Eid => "eid",
            Self::Certificate => "certificate",
        }
    }
}

/// The claims of a door that has proven a person. `Debug` names nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct ProvenIdentity {
    pub provider: Provider,
    /// The issuer: an OpenID provider's address, or a certificate authority's name.
    pub issuer: String,
    /// The issuer's name for the person; never stored, only its keyed hash.
    pub subject: String,
    /// The personal number, if the door tells it.
    pub pin: Option<Pin>,
    /// The full name.
    pub name: String,
    /// The firm that a certificate names beside its person.
    pub organisation: Option<ProvenOrganisation>,
}

impl fmt::Debug for ProvenIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProvenIdentity")
            .field("provider", &self.provider)
            .field("issuer", &self.issuer)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}

/// A firm as a certificate names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenOrganisation {
    /// The register that gave the identifier, such as `KG-INN`.
    pub scheme: String,
    /// The identifier in that register.
    pub identifier: String,
    /// The firm's name.
    pub name: String,
}

/// The reason why a proven identity opens no account here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityFault {
    /// It is linked to another person.
    Taken,
    /// Its personal number is another person's.
    PinTaken,
    /// The person already has another personal number.
    PinDiffers,
    /// It was revoked.
    Revoked,
    /// No account of this kind belongs to it, and none is made by itself.
    NoAccount,
    /// The person was forgotten: nothing can be sealed for them any more.
    Forgotten,
}

impl IdentityFault {
    /// All faults, in the order of the variants.
    pub const ALL: [Self; 6] = [
        Self::Taken,
        Self::PinTaken,
        Self::PinDiffers,
        Self::Revoked,
        Self::NoAccount,
        Self::Forgotten,
    ];

    /// The name in refusals; the console's text is `identity-<key>` with dashes.
    pub fn key(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::PinTaken => "pin_taken",
            Self::PinDiffers => "pin_differs",
            Self::Revoked => "revoked",
            Self::NoAccount => "no_account",
            Self::Forgotten => "forgotten",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_of_a_proven_identity_names_nobody() {
        let proven = ProvenIdentity {
            provider: Provider::Certificate,
            issuer: "CN=Root".to_owned(),
            subject: "SERIALNUMBER=21503199012345, CN=Асанова".to_owned(),
            pin: Pin::parse("21503199012345").ok(),
            name: "Асанова Айгүл".to_owned(),
            organisation: None,
        };
        let printed = format!("{proven:?}");
        assert!(printed.contains("CN=Root") && printed.contains("2345"), "{printed}");
        assert!(!printed.contains("Асанова") && !printed.contains("2150319901"), "{printed}");
    }
}
