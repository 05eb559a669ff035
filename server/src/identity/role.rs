//! Roles of officials. They are separate on purpose: nobody who prepares an auction publishes it,
//! and a system administrator can't act on auctions at all.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A role of an official.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes auctions, imports lots, relaunches, records contracts.
    Organiser,
    /// Publishes or returns auctions, admits applicants.
    Moderator,
    /// Sees and settles payments.
    Finance,
    /// Sees everything, changes nothing.
    Auditor,
    /// Invites officials, sees the system's health; no part in auctions.
    Sysadmin,
}

impl Role {
    /// All roles, in the order of the variants.
    pub const ALL: [Self; 5] =
        [Self::Organiser, Self::Moderator, Self::Finance, Self::Auditor, Self::Sysadmin];

    /// The role's name in the database, in URLs and as a key of translations.
    pub fn key(self) -> &'static str {
        match self {
            Self::Organiser => "organiser",
            Self::Moderator => "moderator",
            Self::Finance => "finance",
            Self::Auditor => "auditor",
            Self::Sysadmin => "sysadmin",
        }
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of organiser, moderator, finance, auditor, sysadmin")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(key: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.key() == key).ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
