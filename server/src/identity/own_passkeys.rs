//! A person's own passkeys: listed, named and ended.
//!
//! # Why the last one does not end here
//! Without a passkey only phones that are signed in open the account, and nothing opens an
//! official's. A bidder who wants that revokes the phone on which it was made, and says so.

use super::ceremony::OwnAccess;
use super::service::{Error, Service};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use serde_json::{Value, json};
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::text;
use toruk_sync::protocol::limits::PASSKEY_NAME_CHARS_MAX;
use toruk_sync::protocol::passkeys::PasskeyView;
use uuid::Uuid;

impl Service {
    /// The passkeys with which a person signs in, in the order in which they were added.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn own_passkeys(&self, person: PersonId) -> Result<Vec<PasskeyView>, Error> {
        let known = store::passkeys_of(self.context.db.read(), &[person]).await?;
        let usable = known.into_iter().filter(|passkey| passkey.revoked_at.is_none());
        let view = |passkey: store::KnownPasskey| PasskeyView {
            id: passkey.id,
            name: passkey.name,
            created_at: passkey.created_at,
            used_at: passkey.used_at,
            device: passkey.device,
        };
        Ok(usable.map(view).collect())
    }

    /// Names one of a person's passkeys; the name is for the person only.
    ///
    /// # Errors
    /// [`Error::Malformed`] for the name; [`StoreError::NotFound`] if the passkey is not theirs.
    pub async fn name_passkey(&self, by: Principal, id: &str, name: &str) -> Result<(), Error> {
        let name = text::line(name, PASSKEY_NAME_CHARS_MAX);
        let name = name.map_err(|_| Error::Malformed("name"))?;
        let txn = self.context.db.begin().await?;
        let person = by.person().ok_or(Error::Forbidden)?;
        self.require_own(&txn, person, id).await?;
        store::name_passkey(&txn, id, &name).await?;
        let object = format!("passkey:{id}");
        let entry = Entry { actor: by, action: Action::PasskeyName, object, detail: json!({}) };
        self.audit.record(&txn, entry).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Ends the passkey that the ceremony names; `id` is the one that the caller meant.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] unless a passkey of this person has answered, once and in time,
    /// for this passkey; [`StoreError::NotFound`] if it is not theirs; [`Error::LastPasskey`].
    pub async fn finish_end_of_passkey(
        &self,
        by: Principal,
        id: &str,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<(), Error> {
        let person = by.person().ok_or(Error::Forbidden)?;
        let (single, txn, part) = self.answered(by, person, ceremony, credential).await?;
        let outcome = match part {
            OwnAccess::Passkey { id: named } if named == id => self.end_own(&txn, by, id).await,
            _ => Err(Error::CeremonyFailed),
        };
        self.conclude(single, txn, outcome).await
    }

    pub(super) async fn end_own(&self, txn: &Txn, by: Principal, id: &str) -> Result<(), Error> {
        let person = by.person().ok_or(Error::Forbidden)?;
        store::lock_person(txn, person).await?;
        self.require_own(txn, person, id).await?;
        if store::passkeys(txn, person).await?.len() < 2 {
            return Err(Error::LastPasskey);
        }
        store::revoke_passkey(txn, id, self.now()).await?;
        let object = format!("passkey:{id}");
        let entry = Entry { actor: by, action: Action::PasskeyRevoke, object, detail: json!({}) };
        Ok(self.audit.record(txn, entry).await?)
    }

    async fn require_own(&self, txn: &Txn, person: PersonId, id: &str) -> Result<(), Error> {
        match store::passkey(txn, id).await? {
            Some((owner, _)) if owner == person => Ok(()),
            _ => Err(StoreError::NotFound.into()),
        }
    }
}
