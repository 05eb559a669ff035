//! A human behind the keys: proven identities, and the personal number (ПИН) that makes two of them
//! one person.
//!
//! # Why an official's account is not made here
//! An official is somebody whom another official invited. A proven identity signs in the one who
//! has linked it from their own account, makes nobody an official, and is linked to none because of
//! its personal number alone.
//!
//! # Why an account that has ended gives its number up
//! An official who has lost their passkey is invited again, and proves the same number for another
//! account. The ended one keeps the hash: what was done by both was done by one human.

use super::ceremony::AccountKind;
use super::conflict::Conflict;
use super::proven::{IdentityFault, ProvenIdentity};
use super::service::{Error, Service, person_object};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::collections::BTreeMap;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::text;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::limits::NAME_CHARS_MAX;

/// The place of the personal number, bound into its seal.
const PIN_PLACE: &str = "person.pin";
/// Language of an account that a proven identity makes; its person may choose another.
const LANGUAGE: &str = "ky";

impl Service {
    /// The person that a proven identity belongs to: the one it is linked to; else, for bidders
    /// only, the one with the same personal number, to whom it is linked now, or a new one.
    ///
    /// # Errors
    /// [`Error::Identity`]: it was revoked, or contradicts what is known; or there is no such
    /// official. [`Error::Malformed`] for its name.
    pub async fn person_of(
        &self,
        txn: &Txn,
        kind: AccountKind,
        proven: &ProvenIdentity,
        now: Timestamp,
    ) -> Result<PersonId, Error> {
        if let Some(link) = self.linked(txn, kind, proven).await? {
            if link.is_revoked {
                return Err(Error::Identity(IdentityFault::Revoked));
            }
            store::lock_person(txn, link.person).await?;
            self.take_pin(txn, link.person, proven).await?;
            // It may have been unlinked while this waited for the person.
            if !store::use_identity(txn, kind, &self.identity_name(proven), now).await? {
                return Err(Error::Identity(IdentityFault::NoAccount));
            }
            return Ok(link.person);
        }
        if kind == AccountKind::Official {
            return Err(Error::Identity(IdentityFault::NoAccount));
        }
        let known = match &proven.pin {
            Some(pin) => self.person_with_pin(txn, kind, pin).await?,
            None => None,
        };
        let person = match known {
            Some(person) => person,
            None => self.new_bidder(txn, proven, now).await?,
        };
        self.link(txn, person, proven).await?;
        Ok(person)
    }

    /// Links a proven identity to a person, who takes its personal number, and a bidder its name, if
    /// they have no number yet. May be repeated.
    ///
    /// # Errors
    /// [`Error::Identity`]: the identity, or its personal number, is another person's of this kind;
    /// or the person has another number; or the identity was revoked.
    pub async fn link(
        &self,
        txn: &Txn,
        person: PersonId,
        proven: &ProvenIdentity,
    ) -> Result<(), Error> {
        let now = self.now();
        store::lock_person(txn, person).await?;
        let kind = store::kind(txn, person).await?;
        let known = self.linked(txn, kind, proven).await?;
        match &known {
            Some(link) if link.person != person => {
                return Err(Error::Identity(IdentityFault::Taken));
            }
            Some(link) if link.is_revoked => return Err(Error::Identity(IdentityFault::Revoked)),
            _ => {}
        }
        self.take_pin(txn, person, proven).await?;
        if known.is_some() {
            return Ok(());
        }
        store::insert_identity(txn, kind, person, &self.identity_name(proven), now)
            .await
            .map_err(taken(IdentityFault::Taken))?;
        let actor = match kind {
            AccountKind::Bidder => Principal::Bidder(person),
            AccountKind::Official => self.as_official(txn, person).await?,
        };
        let detail = json!({
            "provider": proven.provider.key(),
            "issuer": proven.issuer,
            "pin": proven.pin.is_some(),
        });
        let (action, object) = (Action::PersonLink, person_object(person));
        Ok(self.audit.record(txn, Entry { actor, action, object, detail }).await?)
    }

    /// The person's number, opened. `None` if it was never proven, or was forgotten.
    ///
    /// # Errors
    /// [`Error::Store`], also if the seal is damaged.
    pub async fn pin_of(&self, person: PersonId) -> Result<Option<Pin>, Error> {
        self.pin_in(self.context.db.read(), person).await
    }

    /// As [`Self::pin_of`], within a transaction or not.
    ///
    /// # Errors
    /// As [`Self::pin_of`].
    pub async fn pin_in(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
    ) -> Result<Option<Pin>, Error> {
        let Some(sealed) = store::sealed_pin(db, person).await? else { return Ok(None) };
        let key = store::kept_key(db, person).await?.and_then(|key| key.wrapped);
        let Some(wrapped) = key else { return Ok(None) };
        let key = self.context.person_secrets.unwrap(person, &wrapped)?;
        let digits = key.open(PIN_PLACE, &sealed)?;
        Ok(Some(Pin::parse(&digits).map_err(StoreError::damaged("person"))?))
    }

    /// Forgets a bidder inside the transaction of `application::Service::forget`: their key is
    /// destroyed, so that nothing sealed under it is read again, also not in an older backup of the
    /// database beside a later one of its keys; name, number, identities and access are gone.
    ///
    /// # Errors
    /// [`Error::Conflict`] for an official, whose acts stay theirs.
    pub async fn forget_in(&self, txn: &Txn, person: PersonId) -> Result<(), Error> {
        store::lock_person(txn, person).await?;
        if store::kind(txn, person).await? == AccountKind::Official {
            return Err(Error::Conflict { conflict: Conflict::OfficialAccount, person });
        }
        let now = self.now();
        store::destroy_key(txn, person, now).await?;
        store::forget_person(txn, person, now).await?;
        store::forget_evidence(txn, person).await?;
        store::end_all_access(txn, person, now).await?;
        Ok(())
    }

    /// Forgets what this node knows of sessions, once they were ended in the database.
    pub fn forget_sessions(&self) {
        self.lately.forget();
    }

    /// The keyed hash of a person's number, which tells humans apart; `None` if none was proven.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pin_hash_of(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
    ) -> Result<Option<String>, StoreError> {
        store::pin_hash(db, person).await
    }

    /// The keyed hashes of people's numbers; who has none is absent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn pin_hashes_of(
        &self,
        db: &impl ConnectionTrait,
        people: &[PersonId],
    ) -> Result<BTreeMap<PersonId, String>, StoreError> {
        store::pin_hashes(db, people).await
    }

    /// The keyed hash of a personal number, as [`Self::pin_hash_of`] gives it.
    pub fn hashed_pin(&self, pin: &Pin) -> String {
        self.context.person_secrets.pin_hash(pin)
    }

    async fn person_with_pin(
        &self,
        db: &impl ConnectionTrait,
        kind: AccountKind,
        pin: &Pin,
    ) -> Result<Option<PersonId>, StoreError> {
        store::person_with_pin(db, kind, &self.context.person_secrets.pin_hash(pin)).await
    }

    /// The bidder to whom a proven identity, or else its number, leads already.
    pub(super) async fn bidder_named(
        &self,
        txn: &Txn,
        proven: &ProvenIdentity,
    ) -> Result<Option<PersonId>, StoreError> {
        self.account_named(txn, AccountKind::Bidder, proven).await
    }

    /// As [`Self::bidder_named`], of any kind, within a transaction or not.
    pub(super) async fn account_named(
        &self,
        db: &impl ConnectionTrait,
        kind: AccountKind,
        proven: &ProvenIdentity,
    ) -> Result<Option<PersonId>, StoreError> {
        if let Some(link) = self.linked(db, kind, proven).await? {
            return Ok(Some(link.person));
        }
        match &proven.pin {
            Some(pin) => self.person_with_pin(db, kind, pin).await,
            None => Ok(None),
        }
    }

    async fn linked(
        &self,
        db: &impl ConnectionTrait,
        kind: AccountKind,
        proven: &ProvenIdentity,
    ) -> Result<Option<store::LinkedIdentity>, StoreError> {
        store::linked(db, kind, &self.identity_name(proven)).await
    }

    fn identity_name(&self, proven: &ProvenIdentity) -> store::IdentityName {
        let ProvenIdentity { provider, issuer, subject, .. } = proven;
        let hashed = self.context.person_secrets.subject_hash(provider.key(), issuer, subject);
        store::IdentityName { provider: *provider, issuer: issuer.clone(), subject: hashed }
    }

    /// Seals the proven number for a person who has none; one who has another keeps it.
    async fn take_pin(
        &self,
        txn: &Txn,
        person: PersonId,
        proven: &ProvenIdentity,
    ) -> Result<(), Error> {
        let Some(pin) = &proven.pin else { return Ok(()) };
        let hash = self.context.person_secrets.pin_hash(pin);
        match store::pin_hash(txn, person).await? {
            Some(known) if known == hash => return Ok(()),
            Some(_) => return Err(Error::Identity(IdentityFault::PinDiffers)),
            None => {}
        }
        let kind = store::kind(txn, person).await?;
        if store::person_with_pin(txn, kind, &hash).await?.is_some() {
            return Err(Error::Identity(IdentityFault::PinTaken));
        }
        let secrets = &self.context.person_secrets;
        let key = match store::kept_key(txn, person).await? {
            Some(store::KeptKey { wrapped: Some(wrapped) }) => secrets.unwrap(person, &wrapped)?,
            Some(store::KeptKey { wrapped: None }) => {
                return Err(Error::Identity(IdentityFault::Forgotten));
            }
            None => {
                let (key, wrapped) = secrets.new_key(person)?;
                store::insert_person_key(txn, person, wrapped).await?;
                key
            }
        };
        // An official is named by the administrator who invited them.
        let name = proven_name(&proven.name).filter(|_| kind == AccountKind::Bidder);
        let sealed = key.seal(PIN_PLACE, pin.digits())?;
        let taken_pin = store::set_pin(txn, person, &hash, sealed, name.as_deref()).await;
        taken_pin.map_err(taken(IdentityFault::PinTaken))
    }

    async fn new_bidder(
        &self,
        txn: &Txn,
        proven: &ProvenIdentity,
        now: Timestamp,
    ) -> Result<PersonId, Error> {
        let name = proven_name(&proven.name).ok_or(Error::Malformed("name"))?;
        let person = self.new_person(&name, LANGUAGE)?;
        store::insert_person(txn, &person, AccountKind::Bidder, now).await?;
        self.record(txn, person.id, Action::PersonRegister, person_object(person.id)).await?;
        Ok(person.id)
    }

    async fn as_official(&self, txn: &Txn, person: PersonId) -> Result<Principal, Error> {
        let role = store::roles(txn, person).await?.first().copied().ok_or(Error::Forbidden)?;
        Ok(Principal::Official(person, role))
    }
}

/// A proven name as names are kept here; `None` if nothing readable is left of it.
fn proven_name(name: &str) -> Option<String> {
    text::line(&text::clean(name), NAME_CHARS_MAX).ok()
}

/// A unique index speaks for the row of another transaction, which was committed meanwhile.
fn taken(fault: IdentityFault) -> impl FnOnce(StoreError) -> Error {
    move |error| match error {
        StoreError::Conflict => Error::Identity(fault),
        error => Error::Store(error),
    }
}
