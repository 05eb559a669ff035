//! A person on a phone: account, sign-in, device, session.

use super::caller::Bidder;
use super::ceremony::{AccountKind, Ceremony, NewPerson};
use super::conflict::Conflict;
use super::devices::{OfferedDevice, device_object};
use super::service::{Answered, Error, Returned, Service, person_object, token_hash};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use sea_orm::ConnectionTrait;
use serde_json::json;
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::draft::Actor;
use toruk_sync::protocol::identity::{
    Challenge, DeviceRevoked, FinishCeremony, RevokedPasskey, Session, StartRegistration,
    StartSignIn,
};
use toruk_sync::protocol::limits::{PHONE_SESSION_DAYS, PHONE_SESSION_DAYS_MAX};
use webauthn_rs::prelude::Passkey;

/// Lifetime of a phone's session after its last use.
pub(super) const LIFE: TimeSpan = TimeSpan::days(PHONE_SESSION_DAYS);
/// Longest lifetime of a phone's session, however much it is used.
pub(super) const LIFE_MAX: TimeSpan = TimeSpan::days(PHONE_SESSION_DAYS_MAX);

impl Service {
    /// Starts the registration of a new account. The person does not exist before it is finished.
    ///
    /// # Errors
    /// [`Error::Malformed`] for the name or language.
    pub async fn start_registration(&self, request: StartRegistration) -> Result<Challenge, Error> {
        self.context.disk.has_room().map_err(StoreError::from)?;
        let person = self.new_person(&request.name, &request.language)?;
        let ceremony = Ceremony::Registration { person: person.clone() };
        self.open(ceremony, |challenge| self.passkeys.start_registration(&person, challenge))
    }

    /// Creates the account with its passkey and first phone, signed in.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] when the answer is invalid, late or was given before;
    /// [`Error::DeviceTaken`], [`Error::DeviceKeyTaken`], [`Error::ProofMissing`],
    /// [`Error::ProofWrong`], [`Error::Malformed`].
    pub async fn finish_registration(&self, request: FinishCeremony) -> Result<Session, Error> {
        let device = OfferedDevice::of(&request)?;
        let Returned { ceremony: Ceremony::Registration { person }, challenge, single } =
            self.returned(request.ceremony, &request.credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        let verified = self.passkeys.finish_registration(request.credential, &person, &challenge);
        let (txn, passkey) = self.finish(single, verified).await?;
        let outcome = self.register(&txn, &person, &passkey, &device).await;
        self.conclude(single, txn, outcome).await
    }

    /// Starts a sign-in with the named passkey, or with any that the platform offers.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] when there is no such passkey.
    pub async fn start_sign_in(&self, request: StartSignIn) -> Result<Challenge, Error> {
        let named = match &request.credential_id {
            None => None,
            Some(id) => {
                let found = store::passkey(self.context.db.read(), id).await?;
                Some(found.ok_or(Error::CeremonyFailed)?.1)
            }
        };
        let ceremony = Ceremony::PhoneSignIn { named: request.credential_id };
        self.open(ceremony, |challenge| self.passkeys.start_sign_in(named.as_ref(), challenge))
    }

    /// Signs in a phone, known or new.
    ///
    /// # Errors
    /// As [`Self::finish_registration`]; [`Error::TooManyDevices`]; [`Error::DeviceRevoked`];
    /// [`Error::Conflict`] for an official's account, which is recorded.
    pub async fn finish_sign_in(&self, request: FinishCeremony) -> Result<Session, Error> {
        let device = OfferedDevice::of(&request)?;
        let Returned { ceremony: Ceremony::PhoneSignIn { named }, challenge, single } =
            self.returned(request.ceremony, &request.credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        let verified = self.verify(&challenge, named.as_deref(), request.credential).await;
        let (txn, answered) = self.finish(single, verified).await?;
        self.use_passkey(&txn, Principal::Bidder(answered.person), &answered).await?;
        let Answered { person, credential_id, .. } = answered;
        let outcome = self.sign_in(&txn, person, credential_id, &device).await;
        let concluded = self.conclude(single, txn, outcome).await;
        // The phone's earlier session has ended, and its key may have changed.
        self.lately.forget();
        concluded
    }

    /// The person and phone of a bearer token; each use prolongs the session, up to `LIFE_MAX`
    /// after the sign-in.
    ///
    /// # Errors
    /// [`Error::SignedOut`], [`Error::DeviceRevoked`].
    pub async fn bidder(&self, token: &str) -> Result<Bidder, Error> {
        self.bidder_read_from(self.context.db.read(), token).await
    }

    /// As [`Self::bidder`], for a bid: it does not wait for what others read.
    ///
    /// # Errors
    /// As [`Self::bidder`].
    pub async fn bidder_of_bid(&self, token: &str) -> Result<Bidder, Error> {
        let tagged = self.tokens.is_ours(token);
        let db = &self.context.db;
        let db = if tagged { db.read_for_bids() } else { db.read() };
        self.bidder_read_from(db, token).await
    }

    async fn bidder_read_from(
        &self,
        db: &impl ConnectionTrait,
        token: &str,
    ) -> Result<Bidder, Error> {
        let (hash, now) = (token_hash(token), self.now());
        if let Some(bidder) = self.lately.bidder(&hash, now) {
            return Ok(bidder);
        }
        let _lookup = self.tokens.lookup(token, &hash, now).await?;
        let since = self.lately.generation();
        let Some(session) = store::session(db, &hash, now).await? else {
            self.tokens.remember_ended(hash, now);
            return Err(Error::SignedOut);
        };
        let end = session.created_at + LIFE_MAX;
        if now >= end {
            return Err(Error::SignedOut);
        }
        let device = session.device.ok_or(Error::SignedOut)?;
        let device = store::device(db, device).await?.ok_or(Error::SignedOut)?;
        if device.is_revoked {
            return Err(Error::DeviceRevoked);
        }
        if !self.tokens.is_ours(token) {
            self.tokens.remember_older(hash.clone());
        }
        self.prolong(&hash, session.expires_at, (now + LIFE).min(end)).await;
        let bidder = Bidder {
            person: session.person,
            device: device.id,
            actor: device.actor,
            public_key: device.public_key,
            signs_v1: device.signs_v1,
            recovered_at: session.recovered_at,
        };
        self.lately.remember(&since, hash, &bidder, now);
        Ok(bidder)
    }

    /// Revokes one of the person's phones for good: a lost one, or the one in use. Its key, session
    /// and push address end (the session's row stays, to tell that phone that it is revoked: it
    /// then erases its data), and within a second no node accepts it any more. So does the passkey
    /// that was made on it, except the person's last one, unless they say so (`end_last_passkey`):
    /// without a passkey only phones that are signed in open the account. May be repeated.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the phone is not theirs.
    pub async fn revoke(
        &self,
        by: &Bidder,
        device: DeviceId,
        end_last_passkey: bool,
    ) -> Result<DeviceRevoked, Error> {
        let txn = self.context.db.begin().await?;
        let revoked = self.revoke_in(&txn, by.person, device, end_last_passkey).await?;
        self.context.db.commit(txn).await?;
        self.lately.forget();
        Ok(revoked)
    }

    pub(super) async fn revoke_in(
        &self,
        txn: &Txn,
        person: PersonId,
        device: DeviceId,
        end_last_passkey: bool,
    ) -> Result<DeviceRevoked, Error> {
        let mine = store::devices_for_change(txn, person).await?;
        let known = mine.iter().find(|known| known.id == device).ok_or(StoreError::NotFound)?;
        let passkey = self.end_passkey_of(txn, person, device, end_last_passkey).await?;
        if !known.is_revoked {
            store::revoke_device(txn, device, self.now()).await?;
            self.record(txn, person, Action::DeviceRevoke, device_object(device)).await?;
        }
        Ok(DeviceRevoked { passkey })
    }

    async fn end_passkey_of(
        &self,
        txn: &Txn,
        person: PersonId,
        device: DeviceId,
        end_last: bool,
    ) -> Result<RevokedPasskey, Error> {
        let passkeys = store::passkeys_of(txn, &[person]).await?;
        let usable = passkeys.iter().filter(|passkey| passkey.revoked_at.is_none());
        let (made_there, others): (Vec<_>, Vec<_>) =
            usable.partition(|passkey| passkey.device == Some(device));
        if made_there.is_empty() {
            let ended = passkeys.iter().any(|passkey| passkey.device == Some(device));
            return Ok(if ended { RevokedPasskey::Ended } else { RevokedPasskey::NoneKnown });
        }
        if others.is_empty() && !end_last {
            return Ok(RevokedPasskey::KeptAsLast);
        }
        for passkey in made_there {
            store::revoke_passkey(txn, &passkey.id, self.now()).await?;
            let object = format!("passkey:{}", passkey.id);
            self.record(txn, person, Action::PasskeyRevoke, object).await?;
        }
        Ok(RevokedPasskey::Ended)
    }

    async fn register(
        &self,
        txn: &Txn,
        person: &NewPerson,
        passkey: &Passkey,
        device: &OfferedDevice,
    ) -> Result<Session, Error> {
        let kind = AccountKind::Bidder;
        let credential_id = self.create(txn, person, passkey, kind, Some(device.id)).await?;
        let object = person_object(person.id);
        self.record(txn, person.id, Action::PersonRegister, object).await?;
        self.sign_in(txn, person.id, credential_id, device).await
    }

    pub(super) async fn sign_in(
        &self,
        txn: &Txn,
        person: PersonId,
        credential_id: String,
        device: &OfferedDevice,
    ) -> Result<Session, Error> {
        if store::kind(txn, person).await? == AccountKind::Official {
            return Err(Error::Conflict { conflict: Conflict::OfficialAccount, person });
        }
        let recovered_at = store::recovered_at(txn, &credential_id).await?;
        let actor = self.admit(txn, person, device, self.now()).await?;
        self.phone_session(txn, person, (device.id, actor), Some(credential_id), recovered_at).await
    }

    /// Opens the session of an admitted phone; `credential_id` is the passkey that signed in, if
    /// one did.
    pub(super) async fn phone_session(
        &self,
        txn: &Txn,
        person: PersonId,
        (device, actor): (DeviceId, Actor),
        credential_id: Option<String>,
        recovered_at: Option<Timestamp>,
    ) -> Result<Session, Error> {
        let now = self.now();
        let (token, hash) = self.new_token();
        let expires_at = now + LIFE;
        let device_id = Some(device);
        let session =
            store::Session { person, device: device_id, created_at: now, expires_at, recovered_at };
        store::insert_session(txn, &hash, &session, now).await?;
        Ok(Session {
            token,
            person,
            name: store::name(txn, person).await?,
            device,
            actor,
            expires_at,
            rp_id: self.passkeys.rp_id().to_owned(),
            origin: self.passkeys.origin().to_owned(),
            // The phone has no passkey of its own: it can't sign without a connection.
            credential_id: credential_id.unwrap_or_default(),
            receipt_key: self.context.signer.verifier().to_string(),
            former_receipt_keys: self.context.former_receipt_keys.clone(),
        })
    }

    pub(super) async fn record(
        &self,
        txn: &Txn,
        person: PersonId,
        action: Action,
        object: String,
    ) -> Result<(), Error> {
        let entry = Entry { actor: Principal::Bidder(person), action, object, detail: json!({}) };
        Ok(self.audit.record(txn, entry).await?)
    }
}
