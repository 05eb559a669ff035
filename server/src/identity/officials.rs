//! An official in the console: invitation, enrolment, sign-in, roles.

use super::caller::Official;
use super::ceremony::{AccountKind, Ceremony, NewPerson};
use super::conflict::Conflict;
use super::role::Role;
use super::service::{
    Answered, ConsoleSession, Error, Invitation, Returned, Service, person_object, token_hash,
};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::Txn;
use serde_json::{Value, json};
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::protocol::identity::Challenge;
use toruk_sync::protocol::limits::{
    CONSOLE_SESSION_HOURS, CONSOLE_SESSION_HOURS_MAX, INVITATION_MINUTES,
};
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

/// Lifetime of a console session after its last use.
const LIFE: TimeSpan = TimeSpan::hours(CONSOLE_SESSION_HOURS);
/// Longest lifetime of a console session, however much it is used.
const LIFE_MAX: TimeSpan = TimeSpan::hours(CONSOLE_SESSION_HOURS_MAX);

impl Service {
    /// Makes a one-time link that enrols a new official. `by` is `None` when the machine itself
    /// invites (`toruk admin invite`, the first start); otherwise it must be a sysadmin. A role may
    /// be bound to an organisation, which must exist.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Malformed`] when there is no such organisation.
    pub async fn invite(
        &self,
        by: Option<&Official>,
        role: Role,
        organisation: Option<OrganisationId>,
    ) -> Result<Invitation, Error> {
        // An administrator of one organisation invites into it, and never into all of them.
        let own = by.and_then(|by| by.bound.get(&Role::Sysadmin).copied());
        let organisation = organisation.or(own);
        let actor = match by {
            Some(by) => Principal::official_in(by, &[Role::Sysadmin], organisation)?,
            None => Principal::System,
        };
        let (token, hash) = self.new_token();
        let now = self.now();
        let expires_at = now + TimeSpan::minutes(INVITATION_MINUTES);
        let created_by = by.map(|official| official.person);
        let invited = store::Invited { role, organisation, created_by, expires_at };
        let txn = self.context.db.begin().await?;
        if let Some(organisation) = organisation
            && !store::has_organisation(&txn, organisation).await?
        {
            return Err(Error::Malformed("organisation"));
        }
        store::insert_invitation(&txn, &hash, &invited, now).await?;
        let object = format!("role:{role}");
        let entry = Entry {
            actor,
            action: Action::StaffInvite,
            object,
            detail: json!({ "expires_at": expires_at }),
        };
        self.audit.record(&txn, entry).await?;
        self.context.db.commit(txn).await?;
        let origin = self.context.config.public_origin.trim_end_matches('/');
        Ok(Invitation { link: format!("{origin}/console/enrol#{token}"), expires_at })
    }

    /// The role of an invitation that can still be used.
    ///
    /// # Errors
    /// [`Error::InvitationInvalid`].
    pub async fn invitation(&self, token: &str) -> Result<Role, Error> {
        Ok(self.invited(&token_hash(token)).await?.role)
    }

    /// Starts the passkey registration of a new official.
    ///
    /// # Errors
    /// [`Error::InvitationInvalid`], [`Error::Malformed`].
    pub async fn start_enrolment(
        &self,
        token: &str,
        name: &str,
        language: &str,
    ) -> Result<Challenge, Error> {
        let invitation = token_hash(token);
        self.invited(&invitation).await?;
        let person = self.new_person(name, language)?;
        let ceremony = Ceremony::Enrolment { invitation, person: person.clone() };
        self.open(ceremony, |challenge| self.passkeys.start_registration(&person, challenge))
    }

    /// Creates the official with passkey and role, signed in to the console. This uses the
    /// invitation up.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] when the answer is invalid, late or was given before;
    /// [`Error::InvitationInvalid`] when the invitation was used or expired meanwhile.
    pub async fn finish_enrolment(
        &self,
        token: &str,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<ConsoleSession, Error> {
        let hash = token_hash(token);
        let Returned { ceremony: Ceremony::Enrolment { invitation, person }, challenge, single } =
            self.returned(ceremony, &credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        if invitation != hash {
            return Err(Error::CeremonyFailed);
        }
        let verified = self.passkeys.finish_registration(credential, &person, &challenge);
        let (txn, passkey) = self.finish(single, verified).await?;
        let outcome = self.enrol(&txn, &hash, &person, &passkey).await;
        self.conclude(single, txn, outcome).await
    }

    /// Starts a sign-in with any passkey that the browser has for this console.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`] if WebAuthn's library refuses.
    pub async fn start_console_sign_in(&self) -> Result<Challenge, Error> {
        let ceremony = Ceremony::ConsoleSignIn;
        self.open(ceremony, |challenge| self.passkeys.start_sign_in(None, challenge))
    }

    /// Signs an official in to the console.
    ///
    /// # Errors
    /// [`Error::CeremonyFailed`]; [`Error::Conflict`] for a bidder's account, which is recorded;
    /// [`Error::Forbidden`] when the official has no role any more.
    pub async fn finish_console_sign_in(
        &self,
        ceremony: Uuid,
        credential: Value,
    ) -> Result<ConsoleSession, Error> {
        let Returned { ceremony: Ceremony::ConsoleSignIn, challenge, single } =
            self.returned(ceremony, &credential)?
        else {
            return Err(Error::CeremonyFailed);
        };
        let verified = self.verify(&challenge, None, credential).await;
        let (txn, answered) = self.finish(single, verified).await?;
        let outcome = self.enter(&txn, &answered).await;
        self.conclude(single, txn, outcome).await
    }

    /// The official of a console cookie; each use prolongs the session, up to `LIFE_MAX` after the
    /// sign-in. Session and roles are read each time: what was revoked has no effect any more.
    ///
    /// # Errors
    /// [`Error::SignedOut`]; [`Error::Forbidden`] when no role is left.
    pub async fn official(&self, token: &str) -> Result<Official, Error> {
        let (hash, db) = (token_hash(token), self.context.db.read());
        let now = self.now();
        let lookup = self.tokens.lookup(token, &hash, now).await?;
        let session = store::session(db, &hash, now).await?.ok_or(Error::SignedOut)?;
        drop(lookup);
        let end = session.created_at + LIFE_MAX;
        if session.device.is_some() || now >= end {
            return Err(Error::SignedOut);
        }
        let roles = store::roles(db, session.person).await?;
        if roles.is_empty() {
            return Err(Error::Forbidden);
        }
        let name = store::name(db, session.person).await?;
        self.prolong(&hash, session.expires_at, (now + LIFE).min(end)).await;
        let bound = store::bound_roles(db, session.person).await?;
        Ok(Official { person: session.person, name, roles, bound })
    }

    /// Returns `true` if no official was ever enrolled.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn is_unclaimed(&self) -> Result<bool, Error> {
        Ok(!store::has_officials(self.context.db.read()).await?)
    }

    async fn enrol(
        &self,
        txn: &Txn,
        invitation: &str,
        person: &NewPerson,
        passkey: &Passkey,
    ) -> Result<ConsoleSession, Error> {
        let now = self.now();
        let invited = store::invitation(txn, invitation, now).await?;
        let invited = invited.ok_or(Error::InvitationInvalid)?;
        if !store::use_invitation(txn, invitation, person.id).await? {
            return Err(Error::InvitationInvalid);
        }
        self.create(txn, person, passkey, AccountKind::Official, None).await?;
        store::grant(txn, person.id, &invited, now).await?;
        self.record_official(txn, person.id, invited.role, Action::StaffEnrol).await?;
        self.console_session(txn, person.id).await
    }

    async fn enter(&self, txn: &Txn, answered: &Answered) -> Result<ConsoleSession, Error> {
        let Answered { person, .. } = answered;
        if store::kind(txn, *person).await? == AccountKind::Bidder {
            let (conflict, person) = (Conflict::BidderAccount, *person);
            return Err(Error::Conflict { conflict, person });
        }
        let roles = store::roles(txn, *person).await?;
        let role = *roles.first().ok_or(Error::Forbidden)?;
        self.use_passkey(txn, Principal::Official(*person, role), answered).await?;
        self.record_official(txn, *person, role, Action::StaffSignIn).await?;
        self.console_session(txn, *person).await
    }

    async fn invited(&self, token_hash: &str) -> Result<store::Invited, Error> {
        let found = store::invitation(self.context.db.read(), token_hash, self.now()).await?;
        found.ok_or(Error::InvitationInvalid)
    }

    pub(super) async fn console_session(
        &self,
        txn: &Txn,
        person: PersonId,
    ) -> Result<ConsoleSession, Error> {
        let (token, hash) = self.new_token();
        let now = self.now();
        let expires_at = now + LIFE;
        let session = store::Session {
            person,
            device: None,
            created_at: now,
            expires_at,
            recovered_at: None,
        };
        store::insert_session(txn, &hash, &session, now).await?;
        Ok(ConsoleSession { token, expires_at })
    }

    async fn record_official(
        &self,
        txn: &Txn,
        person: PersonId,
        role: Role,
        action: Action,
    ) -> Result<(), Error> {
        let object = person_object(person);
        let actor = Principal::Official(person, role);
        let entry = Entry { actor, action, object, detail: json!({}) };
        Ok(self.audit.record(txn, entry).await?)
    }
}
