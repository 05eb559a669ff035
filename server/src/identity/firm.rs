//! Organisations and people's powers in them, as plain values.

use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

/// The register of Kyrgyz tax numbers (ИНН), which an application names a firm by.
pub const TAX_REGISTER: &str = "KG-INN";

/// An organisation as a public register names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmName {
    /// The register, such as [`TAX_REGISTER`].
    pub scheme: String,
    /// The identifier in it.
    pub identifier: String,
}

/// A lot holder, an organiser, or a firm that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: Text,
    /// `None` until the register is known.
    pub firm: Option<FirmName>,
}

/// Names one grant of powers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MembershipId(pub Uuid);

/// The ground on which a person acts for an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// By law or charter, without a power of attorney.
    Head,
    /// By a power of attorney.
    Representative,
}

impl Power {
    /// All grounds, in the order of the variants.
    pub const ALL: [Self; 2] = [Self::Head, Self::Representative];

    /// The name in the database and in forms; the console's text is `power-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Representative => "representative",
        }
    }

    /// The ground of this name, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|power| power.key() == key)
    }
}

/// A person's powers in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub id: MembershipId,
    pub person: PersonId,
    pub organisation: OrganisationId,
    pub power: Power,
    /// The paper on which they rest: its name, number and date.
    pub document: String,
    pub valid_from: Timestamp,
    /// The first moment without the powers; `None` if their paper names no end.
    pub valid_until: Option<Timestamp>,
    /// Ended before that by an official.
    pub ended_at: Option<Timestamp>,
}

impl Membership {
    /// Returns `true` if the person may act for the organisation at `at`.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        let ends = [self.valid_until, self.ended_at];
        self.valid_from <= at && ends.into_iter().flatten().all(|end| at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_hold_from_their_first_moment_until_before_their_last() {
        let membership = |until, ended| Membership {
            id: MembershipId(Uuid::nil()),
            person: PersonId(Uuid::nil()),
            organisation: OrganisationId(Uuid::nil()),
            power: Power::Head,
            document: String::new(),
            valid_from: Timestamp(10),
            valid_until: until,
            ended_at: ended,
        };
        for (until, ended, at, expected) in [
            (None, None, 9, false),
            (None, None, 10, true),
            (Some(Timestamp(20)), None, 19, true),
            (Some(Timestamp(20)), None, 20, false),
            (Some(Timestamp(20)), Some(Timestamp(15)), 15, false),
            (None, Some(Timestamp(15)), 14, true),
        ] {
            let found = membership(until, ended).is_valid_at(Timestamp(at));
            assert_eq!(found, expected, "{until:?} {ended:?} {at}");
        }
    }
}
