//! The caller of a service, as plain values: a bidder on a phone, an official in the console.

use super::role::Role;
use std::collections::BTreeSet;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::draft::Actor;

/// A signed-in person on a phone.
#[derive(Debug, Clone)]
pub struct Bidder {
    pub person: PersonId,
    pub device: DeviceId,
    /// The phone's number in the person's drafts.
    pub actor: Actor,
    /// The phone's public key, SEC 1.
    pub public_key: Vec<u8>,
}

/// A signed-in official in the console.
#[derive(Debug, Clone)]
pub struct Official {
    pub person: PersonId,
    /// The official's display name.
    pub name: String,
    pub roles: BTreeSet<Role>,
}

/// The official has none of the roles that may do this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of this official's roles may do that")]
pub struct Forbidden;

impl Official {
    /// Passes when the official has one of `roles`.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn any(&self, roles: &[Role]) -> Result<(), Forbidden> {
        if roles.iter().any(|role| self.roles.contains(role)) { Ok(()) } else { Err(Forbidden) }
    }
}
