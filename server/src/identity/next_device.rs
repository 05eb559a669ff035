//! The next device of a person who is signed in: a code, shown on the one and typed or scanned on
//! the other, adds one passkey.
//!
//! # Why a passkey answers before there is a code
//! A session alone may be in the wrong hands, and must not make a key for the one who has it. After
//! that, the first who comes with the code has a key of the account: so a code lives for minutes,
//! counts once, ends with the next one, and what was added stands in the list of passkeys.
//!
//! # Why the new key need not wait
//! The key that confirmed the code could bid itself, so a wait would keep nobody from anything. If
//! that key waits after a recovery, what it adds waits with it (see [`super::recovery`]).
//!
//! # Why a code is good at one door only
//! A bidder's code opens no console and an official's no phone: accounts never change their kind.
//! A code at the wrong door is one that does not exist.

use super::ceremony::{AccountKind, Ceremony, NewPerson};
use super::devices::OfferedDevice;
use super::service::{ConsoleSession, Error, Returned, Service, person_object, token_hash};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::Txn;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::link_code::LinkCode;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::identity::{Challenge, FinishCeremony, Session};
use toruk_sync::protocol::limits::{LINK_MINUTES, PASSKEYS_MAX};
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

/// A code that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeCode {
    pub code: LinkCode,
    /// The end of its validity, exclusive.
    pub expires_at: Timestamp,
}

/// One more passkey of a person.
pub(super) struct NewKey<'a> {
    pub passkey: &'a Passkey,
    /// The phone on which it was made.
    pub device: Option<DeviceId>,
    /// The moment when the account was recovered by it, or by the key that added it.
    pub recovered_at: Option<Timestamp>,
}

impl Service {
    /// Starts a code for the person's next device: a passkey of theirs must answer.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] if WebAuthn's library refuses.
    pub async fn start_code(&self, person: PersonId) -> Result<Challenge, Error> {
        let ceremony = Ceremony::NextDevice { person };
        self.open(ceremony, |challenge| self.passkeys.start_sign_in(None, challenge))
    }

    /// Makes the code, in place of an earlier one. `by` is the person who asked for it.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] unless a passkey of this person has answered, once and in time;
    /// [`Error::TooManyPasskeys`].
    pub async fn finish_code(
        &self,
        by: Principal,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<MadeCode, Error> {
        let Returned { ceremony: Ceremony::NextDevice { person }, challenge, single } =
            self.returned(ceremony, &credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        if by.person() != Some(person) {
            return Err(Error::CeremonyFailed);
        }
        let verified = self.verify_owner(&challenge, person, credential).await;
        let (txn, answered) = self.finish(single, verified).await?;
        self.use_passkey(&txn, by, &answered).await?;
        let outcome = self.make_code(&txn, by, person, &answered.credential_id).await;
        self.conclude(single, txn, outcome).await
    }

    /// Starts the registration of a bidder's passkey on another phone.
    ///
    /// # Errors
    /// [`Error::CodeInvalid`].
    pub async fn start_by_code(&self, code: &str) -> Result<Challenge, Error> {
        self.start_addition(code, AccountKind::Bidder).await
    }

    /// Adds the passkey to the account, and signs the phone in.
    ///
    /// # Errors
    /// As [`Self::finish_registration`] and [`Self::finish_sign_in`]; [`Error::CodeInvalid`] when
    /// the code was used or has expired meanwhile; [`Error::TooManyPasskeys`].
    pub async fn finish_by_code(&self, request: FinishCeremony) -> Result<Session, Error> {
        let device = OfferedDevice::of(&request)?;
        let Returned { ceremony: Ceremony::AddPasskey { link, person }, challenge, single } =
            self.returned(request.ceremony, &request.credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        let verified = self.passkeys.finish_registration(request.credential, &person, &challenge);
        let (txn, passkey) = self.finish(single, verified).await?;
        let made_on = Some(device.id);
        let outcome = match self.add_passkey(&txn, &link, &person, &passkey, made_on).await {
            Ok(id) => self.sign_in(&txn, person.id, id, &device).await,
            Err(error) => Err(error),
        };
        let concluded = self.conclude(single, txn, outcome).await;
        self.lately.forget();
        concluded
    }

    /// Starts the registration of an official's passkey in another browser.
    ///
    /// # Errors
    /// [`Error::CodeInvalid`].
    pub async fn start_console_by_code(&self, code: &str) -> Result<Challenge, Error> {
        self.start_addition(code, AccountKind::Official).await
    }

    /// Adds the passkey to the official's account, and signs the browser in.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`], [`Error::CodeInvalid`], [`Error::TooManyPasskeys`];
    /// [`Error::Forbidden`] when the official has no role any more.
    pub async fn finish_console_by_code(
        &self,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<ConsoleSession, Error> {
        let Returned { ceremony: Ceremony::AddPasskey { link, person }, challenge, single } =
            self.returned(ceremony, &credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        let verified = self.passkeys.finish_registration(credential, &person, &challenge);
        let (txn, passkey) = self.finish(single, verified).await?;
        let outcome = match self.add_passkey(&txn, &link, &person, &passkey, None).await {
            Ok(_) => self.enter_added(&txn, person.id).await,
            Err(error) => Err(error),
        };
        self.conclude(single, txn, outcome).await
    }

    async fn make_code(
        &self,
        txn: &Txn,
        by: Principal,
        person: PersonId,
        confirmed_by: &str,
    ) -> Result<MadeCode, Error> {
        store::lock_person(txn, person).await?;
        self.require_room(txn, person).await?;
        let code = LinkCode::of(&self.context.ports.ids.secret());
        let now = self.now();
        let expires_at = now + TimeSpan::minutes(LINK_MINUTES);
        let lasts = (expires_at, store::recovered_at(txn, confirmed_by).await?);
        store::insert_link(txn, &token_hash(code.letters()), person, lasts, now).await?;
        let object = person_object(person);
        let detail = json!({ "expires_at": expires_at });
        let entry = Entry { actor: by, action: Action::PasskeyCode, object, detail };
        self.audit.record(txn, entry).await?;
        Ok(MadeCode { code, expires_at })
    }

    async fn start_addition(&self, code: &str, kind: AccountKind) -> Result<Challenge, Error> {
        let code = LinkCode::parse(code).ok_or(Error::CodeInvalid)?;
        let link = token_hash(code.letters());
        let db = self.context.db.read();
        let person = store::link(db, &link, self.now()).await?.ok_or(Error::CodeInvalid)?;
        if store::kind(db, person).await? != kind {
            return Err(Error::CodeInvalid);
        }
        let known = store::passkeys(db, person).await?;
        let person = store::known_person(db, person).await?;
        let ceremony = Ceremony::AddPasskey { link, person: person.clone() };
        self.open(ceremony, |challenge| self.passkeys.start_addition(&person, &known, challenge))
    }

    /// Stores the passkey and uses the code up; returns the passkey's id.
    async fn add_passkey(
        &self,
        txn: &Txn,
        link: &str,
        person: &NewPerson,
        passkey: &Passkey,
        device: Option<DeviceId>,
    ) -> Result<String, Error> {
        store::lock_person(txn, person.id).await?;
        let is_official = store::kind(txn, person.id).await? == AccountKind::Official;
        // The door of phones names a phone, the console's none.
        if is_official == device.is_some() {
            return Err(Error::CodeInvalid);
        }
        let used = store::use_link(txn, link, self.now()).await?.ok_or(Error::CodeInvalid)?;
        let of = NewKey { passkey, device, recovered_at: used.recovered_at };
        self.store_passkey(txn, person.id, &of, Action::PasskeyAdd).await
    }

    /// Stores one more passkey of a person, who is locked; returns its id, which must be new.
    pub(super) async fn store_passkey(
        &self,
        txn: &Txn,
        person: PersonId,
        new: &NewKey<'_>,
        action: Action,
    ) -> Result<String, Error> {
        self.require_room(txn, person).await?;
        let NewKey { passkey, device, recovered_at } = *new;
        let id = URL_SAFE_NO_PAD.encode(passkey.cred_id());
        if store::has_passkey(txn, &id).await? {
            return Err(Error::CeremonyFailed);
        }
        let made = store::MadePasskey { id: &id, passkey, person, device, recovered_at };
        store::insert_passkey(txn, &made, self.now()).await?;
        let actor = self.owner(txn, person).await?;
        let object = format!("passkey:{id}");
        self.audit.record(txn, Entry { actor, action, object, detail: json!({}) }).await?;
        Ok(id)
    }

    async fn enter_added(&self, txn: &Txn, person: PersonId) -> Result<ConsoleSession, Error> {
        if store::roles(txn, person).await?.is_empty() {
            return Err(Error::Forbidden);
        }
        self.console_session(txn, person).await
    }

    /// The person as who acts for themselves: an official in one of their roles.
    async fn owner(&self, txn: &Txn, person: PersonId) -> Result<Principal, Error> {
        if store::kind(txn, person).await? == AccountKind::Bidder {
            return Ok(Principal::Bidder(person));
        }
        let role = store::roles(txn, person).await?.first().copied().ok_or(Error::Forbidden)?;
        Ok(Principal::Official(person, role))
    }

    async fn require_room(&self, txn: &Txn, person: PersonId) -> Result<(), Error> {
        let usable = store::passkeys(txn, person).await?.len();
        if usable >= PASSKEYS_MAX { Err(Error::TooManyPasskeys) } else { Ok(()) }
    }
}
