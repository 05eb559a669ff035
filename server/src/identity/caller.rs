//! The caller of a service, as plain values: a bidder on a phone, an official in the console.

use super::role::Role;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::id::{DeviceId, OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;
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
    /// The key may also sign `BidPayloadV1`.
    pub signs_v1: bool,
    /// The moment when the account was recovered by the passkey of this session, if it was.
    pub recovered_at: Option<Timestamp>,
}

/// A signed-in official in the console.
#[derive(Debug, Clone)]
pub struct Official {
    pub person: PersonId,
    /// The official's display name.
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// The organisation to which a role is bound. A role that is not here counts in all of them.
    pub bound: BTreeMap<Role, OrganisationId>,
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

    /// Passes when one of `roles` counts in the organisation of the thing that it touches. `None`
    /// is a thing that belongs to no organisation yet, such as a lot whose holder is not known.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn any_in(
        &self,
        roles: &[Role],
        organisation: Option<OrganisationId>,
    ) -> Result<(), Forbidden> {
        let counts = |role: &Role| self.counts_in(*role, organisation);
        if roles.iter().any(counts) { Ok(()) } else { Err(Forbidden) }
    }

    /// Returns `true` if the official has this role in this organisation.
    pub fn counts_in(&self, role: Role, organisation: Option<OrganisationId>) -> bool {
        let bound = self.bound.get(&role);
        let is_there = organisation.is_none_or(|there| bound.is_none_or(|own| *own == there));
        self.roles.contains(&role) && is_there
    }

    /// The organisations whose things these roles may list; `None` is all of them.
    ///
    /// # Errors
    /// [`Forbidden`] when the official has none of the roles.
    pub fn reach(&self, roles: &[Role]) -> Result<Option<BTreeSet<OrganisationId>>, Forbidden> {
        self.any(roles)?;
        let own = roles.iter().filter(|role| self.roles.contains(role));
        Ok(own.map(|role| self.bound.get(role).copied()).collect())
    }
}
