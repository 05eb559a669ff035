//! Passkeys of which there may be two copies: a key that should be in one device only counted
//! backwards. They sign in all the same until an administrator has asked their owners.

use super::access::Revocation;
use super::caller::Official;
use super::ceremony::AccountKind;
use super::role::Role;
use super::service::{Error, Service};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::StoreError;
use serde_json::json;
use std::collections::BTreeSet;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;

/// Most passkeys that the list returns.
const REVIEWS_MAX: u64 = 500;

/// A passkey to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyReview {
    /// WebAuthn's credential id, base64url.
    pub id: String,
    pub owner: PasskeyOwner,
    /// The moment when the key first counted backwards.
    pub since: Timestamp,
}

/// The owner of a passkey, as far as a list may say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyOwner {
    /// An official, by id and name.
    Official(PersonId, String),
    /// A bidder. Their names open only one by one, in their applications.
    Bidder(PersonId),
}

impl Service {
    /// The passkeys to be reviewed, for administrators and auditors; for those of one organisation
    /// only its own officials'.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn passkeys_to_review(&self, by: &Official) -> Result<Vec<PasskeyReview>, Error> {
        let reach = by.reach(&[Role::Sysadmin, Role::Auditor])?;
        let db = self.context.db.read();
        let marked = store::passkeys_to_review(db, REVIEWS_MAX).await?;
        let mut reviews = Vec::new();
        for (passkey, since) in marked {
            let owner = match store::kind(db, passkey.person).await? {
                AccountKind::Bidder => PasskeyOwner::Bidder(passkey.person),
                AccountKind::Official => {
                    let name = store::name(db, passkey.person).await?;
                    PasskeyOwner::Official(passkey.person, name)
                }
            };
            if let Some(own) = &reach
                && !self.is_of(passkey.person, own).await?
            {
                continue;
            }
            reviews.push(PasskeyReview { id: passkey.id, owner, since });
        }
        Ok(reviews)
    }

    /// Records that an administrator has looked into a passkey: it is no task any more, until it
    /// counts backwards again. To end it is another act.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if the passkey is not to be reviewed.
    pub async fn end_passkey_review(&self, by: &Official, id: &str) -> Result<(), Error> {
        let actor = Principal::official(by, &[Role::Sysadmin])?;
        let txn = self.context.db.begin().await?;
        if let Some(own) = by.reach(&[Role::Sysadmin])? {
            self.check_within(&txn, &Revocation::Passkey(id.to_owned()), &own).await?;
        }
        if !store::end_review(&txn, id).await? {
            return Err(StoreError::NotFound.into());
        }
        let object = format!("passkey:{id}");
        let action = Action::PasskeyReviewed;
        self.audit.record(&txn, Entry { actor, action, object, detail: json!({}) }).await?;
        self.context.db.commit(txn).await?;
        Ok(())
    }

    /// Returns `true` if all roles of a person are in these organisations.
    async fn is_of(
        &self,
        person: PersonId,
        own: &BTreeSet<OrganisationId>,
    ) -> Result<bool, StoreError> {
        let db = self.context.db.read();
        let roles = store::roles(db, person).await?;
        let bound = store::bound_roles(db, person).await?;
        let is_ours = |role: &Role| bound.get(role).is_some_and(|at| own.contains(at));
        Ok(!roles.is_empty() && roles.iter().all(is_ours))
    }
}
