//! The end of one's own access: other sessions of the console, other phones.
//!
//! # Why the passkey answers once more
//! A session may be in the wrong hands. Alone it must not end the owner's other sessions, nor the
//! passkeys by which they come back (ASVS 7.5.2). The challenge carries the part that ends, so an
//! answer ends nothing else.

use super::access::{PasskeyRow, SessionRow};
use super::caller::{Bidder, Official};
use super::ceremony::{Ceremony, OwnAccess, SingleUse};
use super::proven::Provider;
use super::service::{Error, Returned, Service, person_object, token_hash};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use serde_json::{Value, json};
use toruk_sync::domain::id::{DeviceId, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::identity::{Challenge, DeviceRevoked};
use uuid::Uuid;

/// Most console sessions of a person that a list returns, the newest first.
const SESSIONS_MAX: u64 = 100;

/// Everything that lets an official in.
#[derive(Debug, Clone)]
pub struct OfficialAccess {
    /// The newest first; at most a hundred.
    pub sessions: Vec<SessionRow>,
    /// The id of the session in use.
    pub this: String,
    /// Passkeys that sign in.
    pub passkeys: Vec<PasskeyRow>,
    /// This server has eID, by which an official can sign in, too.
    pub has_eid: bool,
    /// Set if this official can.
    pub eid: Option<LinkedEid>,
}

/// An official's own eID, which signs them in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkedEid {
    pub since: Timestamp,
    /// The last sign-in by it; the same as `since` before the first.
    pub used_at: Timestamp,
}

impl Service {
    /// An official's own sessions, passkeys and eID; `token` is that of the session in use.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn own_access(&self, by: &Official, token: &str) -> Result<OfficialAccess, Error> {
        let (db, now) = (self.context.db.read(), self.now());
        let sessions = store::console_sessions_of(db, by.person, now, SESSIONS_MAX).await?;
        let sessions = sessions.into_iter();
        let sessions =
            sessions.map(|(id, since, expires_at)| SessionRow { id, since, expires_at }).collect();
        let passkeys = store::passkeys_of(db, &[by.person]).await?.into_iter();
        let passkeys = passkeys
            .filter(|passkey| passkey.revoked_at.is_none())
            .map(|passkey| PasskeyRow {
                id: passkey.id,
                name: passkey.name,
                since: passkey.created_at,
                used_at: passkey.used_at,
            })
            .collect();
        let eid = store::link_of(db, by.person, Provider::Eid).await?;
        let eid = eid.map(|(since, used_at)| LinkedEid { since, used_at });
        let this = token_hash(token);
        Ok(OfficialAccess { sessions, this, passkeys, has_eid: self.has_eid(), eid })
    }

    /// Starts the end of a part of a person's own access: their passkey must answer.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] if WebAuthn's library refuses.
    pub async fn start_end_of_own(
        &self,
        person: PersonId,
        part: OwnAccess,
    ) -> Result<Challenge, Error> {
        let ceremony = Ceremony::EndAccess { person, part };
        self.open(ceremony, |challenge| self.passkeys.start_sign_in(None, challenge))
    }

    /// Ends the console sessions, the passkey or the eID that the ceremony names; `token` is that of the
    /// session in use.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] unless this official's passkey has answered, once and in time;
    /// [`StoreError::NotFound`] if it has ended or is another person's; [`Error::LastPasskey`].
    pub async fn finish_end_of_own(
        &self,
        by: &Official,
        token: &str,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<(), Error> {
        let (single, txn, part) = self.answered(own(by)?, by.person, ceremony, credential).await?;
        let outcome = match part {
            OwnAccess::Passkey { id } => self.end_own(&txn, own(by)?, &id).await,
            OwnAccess::Eid {} => self.unlink_eid(&txn, by, &token_hash(token)).await,
            part => self.end_sessions(&txn, by, &token_hash(token), part).await,
        };
        self.conclude(single, txn, outcome).await
    }

    /// Revokes the phone that the ceremony names, as [`Self::revoke`].
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] unless this bidder's passkey has answered, once and in time, for
    /// this phone; [`StoreError::NotFound`] when the phone is not theirs.
    pub async fn finish_revocation(
        &self,
        by: &Bidder,
        phone: DeviceId,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<DeviceRevoked, Error> {
        let actor = Principal::Bidder(by.person);
        let (single, txn, part) = self.answered(actor, by.person, ceremony, credential).await?;
        let outcome = match part {
            OwnAccess::Phone { device, end_last_passkey } if device == phone => {
                self.revoke_in(&txn, by.person, device, end_last_passkey).await
            }
            _ => Err(Error::CeremonyFailed),
        };
        let concluded = self.conclude(single, txn, outcome).await;
        self.lately.forget();
        concluded
    }

    /// The part that ends, once the person's own passkey has answered, and the transaction in which
    /// it does.
    pub(super) async fn answered(
        &self,
        actor: Principal,
        by: PersonId,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<(SingleUse, Txn, OwnAccess), Error> {
        let Returned { ceremony: Ceremony::EndAccess { person, part }, challenge, single } =
            self.returned(ceremony, &credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        if person != by {
            return Err(Error::CeremonyFailed);
        }
        let verified = self.verify_owner(&challenge, by, credential).await;
        let (txn, answered) = self.finish(single, verified).await?;
        self.use_passkey(&txn, actor, &answered).await?;
        Ok((single, txn, part))
    }

    async fn end_sessions(
        &self,
        txn: &Txn,
        by: &Official,
        this: &str,
        part: OwnAccess,
    ) -> Result<(), Error> {
        let ended = match part {
            OwnAccess::Session { id } => {
                let session = store::session(txn, &id, self.now()).await?;
                let own = session.filter(|session| session.person == by.person);
                own.ok_or(StoreError::NotFound)?;
                store::delete_session(txn, &id).await?;
                1
            }
            OwnAccess::OtherSessions {} => {
                store::delete_other_console_sessions(txn, by.person, this).await?
            }
            OwnAccess::Phone { .. } | OwnAccess::Passkey { .. } | OwnAccess::Eid {} => {
                return Err(Error::CeremonyFailed);
            }
        };
        let entry = Entry {
            actor: own(by)?,
            action: Action::StaffRevoke,
            object: person_object(by.person),
            detail: json!({ "ended": "own_sessions", "sessions": ended }),
        };
        Ok(self.audit.record(txn, entry).await?)
    }
}

/// The official, in one of their roles, as who does something for themselves.
pub(super) fn own(by: &Official) -> Result<Principal, Error> {
    let role = by.roles.first().ok_or(Error::Forbidden)?;
    Ok(Principal::Official(by.person, *role))
}
