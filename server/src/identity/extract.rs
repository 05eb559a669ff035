//! Who asks. A handler that takes a [`Bidder`] or an [`Official`] can't be reached by anyone else.

use super::role::Role;
use crate::AppState;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::collections::BTreeSet;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::draft::Actor;
use toruk_sync::protocol::problem::ProblemCode;

/// A person on a phone.
#[derive(Debug, Clone)]
pub struct Bidder {
    /// Who.
    pub person: PersonId,
    /// On which phone.
    pub device: DeviceId,
    /// The phone's number in his drafts.
    pub actor: Actor,
    /// The phone's key, SEC 1.
    pub public_key: Vec<u8>,
}

/// An official in the console.
#[derive(Debug, Clone)]
pub struct Official {
    /// Who.
    pub person: PersonId,
    /// How he is called.
    pub name: String,
    /// What he may do.
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

impl FromRequestParts<AppState> for Bidder {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Err(Problem::new(ProblemCode::SignedOut))
    }
}
