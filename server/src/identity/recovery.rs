//! A new passkey for a bidder who has lost the others and was proven by another door.
//!
//! # What this does not know
//! How the person was proven. A door that proves people (eID, a qualified certificate) finds the
//! account and calls [`Service::start_recovery`]; without such a door nothing leads here.
//!
//! # Why a recovered key places no bid for a while
//! A proof can be borrowed, bought or misread. For the time in the auction's rules
//! (`key_cooldown`) the owner's other phones still sign in, see the new passkey among theirs and
//! can end it; a bid can't be taken back. All else is possible at once: to apply, to pay, and to
//! revoke a lost phone, which must not wait. The first passkey of an account that only this phone
//! has used need not wait: there is nobody whom it could have been taken from.

use super::ceremony::{AccountKind, Ceremony};
use super::devices::OfferedDevice;
use super::next_device::NewKey;
use super::service::{Error, Returned, Service};
use super::store;
use crate::audit::Action;
use crate::db::Txn;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, Session};

impl Service {
    /// Starts the registration of a passkey of this bidder, who was proven by the caller. The
    /// account's phones are told.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an official: administrators invite them again.
    pub async fn start_recovery(&self, person: PersonId) -> Result<Challenge, Error> {
        let db = self.context.db.read();
        if store::kind(db, person).await? == AccountKind::Official {
            return Err(Error::Forbidden);
        }
        let known = store::passkeys(db, person).await?;
        let txn = self.context.db.begin().await?;
        self.tell_account(&txn, person, NoticeKind::RecoveryStarted).await?;
        self.context.db.commit(txn).await?;
        let person = store::known_person(db, person).await?;
        let ceremony = Ceremony::Recovery { person: person.clone() };
        self.open(ceremony, |challenge| self.passkeys.start_addition(&person, &known, challenge))
    }

    /// Adds the passkey, and signs the phone in. The person's other passkeys and phones stay, and
    /// are told.
    ///
    /// # Errors
    /// As [`Self::finish_registration`]; [`Error::TooManyPasskeys`], [`Error::TooManyDevices`].
    pub async fn finish_recovery(&self, request: FinishCeremony) -> Result<Session, Error> {
        let device = OfferedDevice::of(&request)?;
        let Returned { ceremony: Ceremony::Recovery { person }, challenge, single } =
            self.returned(request.ceremony, &request.credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        let verified = self.passkeys.finish_registration(request.credential, &person, &challenge);
        let (txn, passkey) = self.finish(single, verified).await?;
        store::lock_person(&txn, person.id).await?;
        let is_new = !self.is_used_beside(&txn, person.id, &device).await?;
        let recovered_at = (!is_new).then(|| self.now());
        let new = NewKey { passkey: &passkey, device: Some(device.id), recovered_at };
        let stored = self.store_passkey(&txn, person.id, &new, Action::PasskeyRecover).await;
        if let Some(at) = recovered_at.filter(|_| stored.is_ok()) {
            self.tell_account(&txn, person.id, NoticeKind::KeyAdded).await?;
            self.tell_when_ready(&txn, person.id, at).await?;
        }
        let outcome = match stored {
            Ok(id) => self.sign_in(&txn, person.id, id, &device).await,
            Err(error) => Err(error),
        };
        let concluded = self.conclude(single, txn, outcome).await;
        self.lately.forget();
        concluded
    }

    /// Returns `true` if an account has had a passkey, or a phone other than this one with its key.
    async fn is_used_beside(
        &self,
        txn: &Txn,
        person: PersonId,
        device: &OfferedDevice,
    ) -> Result<bool, Error> {
        let is_other = |known: &store::Device| known.id != device.id || !device.has_key_of(known);
        let has_other = store::devices(txn, person).await?.iter().any(is_other);
        Ok(has_other || !store::passkeys_of(txn, &[person]).await?.is_empty())
    }
}
