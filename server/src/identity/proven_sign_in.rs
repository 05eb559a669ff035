//! What follows when a door outside of this server has proven a person.
//!
//! # Why a phone that is new to an account waits
//! A phone that comes by a proof to an account which others have used before may be a thief's, as
//! one that recovers it: it places no bid for the time of a recovered key. The first phone of an
//! account has nobody to wait for.

use super::ceremony::AccountKind;
use super::devices::OfferedDevice;
use super::proven::{IdentityFault, ProvenIdentity};
use super::service::{Error, Service, person_object};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::Txn;
use serde_json::json;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::protocol::identity::Session;

impl Service {
    /// Signs a phone in for a proven person; one who is new here gets an account.
    pub(super) async fn sign_in_proven(
        &self,
        txn: &Txn,
        proven: &ProvenIdentity,
        device: &OfferedDevice,
    ) -> Result<Session, Error> {
        let now = self.now();
        let person = self.person_of(txn, AccountKind::Bidder, proven, now).await?;
        let known = store::device(txn, device.id).await?;
        if known.as_ref().is_some_and(|known| known.person == person && !device.has_key_of(known)) {
            return Err(Error::DeviceTaken);
        }
        if known.is_none() {
            // Before it is one of them.
            self.tell_account(txn, person, NoticeKind::KeyAdded).await?;
        }
        let actor = self.admit(txn, person, device, now).await?;
        let recovered_at = store::joined_at(txn, person, device.id).await?;
        if let (None, Some(at)) = (&known, recovered_at) {
            self.tell_when_ready(txn, person, at).await?;
        }
        self.phone_session(txn, person, (device.id, actor), None, recovered_at).await
    }

    /// The bidder of a proven identity, who exists.
    pub(super) async fn known_bidder(
        &self,
        txn: &Txn,
        proven: &ProvenIdentity,
    ) -> Result<PersonId, Error> {
        if self.bidder_named(txn, proven).await?.is_none() {
            return Err(Error::Identity(IdentityFault::NoAccount));
        }
        self.person_of(txn, AccountKind::Bidder, proven, self.now()).await
    }

    /// Records that a proven identity was refused, if it concerns somebody who is known here.
    pub(super) async fn record_refusal<T>(
        &self,
        proven: &ProvenIdentity,
        outcome: Result<T, Error>,
    ) -> Result<T, Error> {
        let Err(Error::Identity(fault)) = &outcome else { return outcome };
        let txn = self.context.db.begin().await?;
        if let Some(person) = self.bidder_named(&txn, proven).await? {
            let detail = json!({ "provider": proven.provider.key(), "fault": fault.key() });
            let (action, object) = (Action::IdentityRefuse, person_object(person));
            let actor = Principal::Bidder(person);
            self.audit.record(&txn, Entry { actor, action, object, detail }).await?;
            self.context.db.commit(txn).await?;
        }
        outcome
    }
}
