//! Who may use the console, and how that ends: officials, roles, sessions, passkeys, invitations.
//!
//! # Why rows of sessions and roles are removed
//! Every request of the console reads its session and roles, and every node asks twice a second
//! whether the sessions of its open streams are still there (`feed::node_tasks`). So a removed row
//! has ended everything within a second, on all nodes. The audit trail keeps what was removed.
//! Passkeys are only marked: they verify what was signed with them.

use super::caller::Official;
use super::proven::Provider;
use super::role::Role;
use super::service::{Error, Service, person_object};
use super::store;
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::time::Timestamp;

/// Most officials that a list returns.
const STAFF_MAX: u64 = 2_000;
/// Most sessions or passkeys of officials that a list returns.
const ACCESS_MAX: u64 = 10_000;
/// Most open invitations that a list returns; each lives for minutes.
const INVITATIONS_MAX: u64 = 500;

/// An organisation's name, in the languages that it has.
pub type OrganisationName = Text;

/// An official with everything that lets them in.
#[derive(Debug, Clone)]
pub struct StaffRow {
    /// Unique; the same in the audit trail.
    pub person: PersonId,
    /// The official's display name, which another official may share.
    pub name: String,
    /// Empty when the last role was ended.
    pub roles: Vec<Role>,
    /// The organisations to which the roles are bound.
    pub organisations: Vec<OrganisationName>,
    /// The moment of the enrolment.
    pub since: Timestamp,
    /// The inviting official's id and name; `None` is the machine's operator.
    pub invited_by: Option<(PersonId, String)>,
    /// Console sessions that have not ended.
    pub sessions: Vec<SessionRow>,
    /// Passkeys that sign in.
    pub passkeys: Vec<PasskeyRow>,
}

/// A console session in a list.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The hash of its token; opens nothing.
    pub id: String,
    pub since: Timestamp,
    pub expires_at: Timestamp,
}

/// A passkey in a list.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// WebAuthn's credential id, base64url.
    pub id: String,
    /// The name that its owner gave it.
    pub name: Option<String>,
    pub since: Timestamp,
    /// The last sign-in with it.
    pub used_at: Option<Timestamp>,
}

/// An invitation that can still be used.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    /// The hash of its token; opens nothing.
    pub id: String,
    pub role: Role,
    /// The inviting official's id and name; `None` is the machine's operator.
    pub invited_by: Option<(PersonId, String)>,
    pub expires_at: Timestamp,
}

/// All officials, and the invitations that would make more.
#[derive(Debug, Clone, Default)]
pub struct StaffAccess {
    /// In the order of their enrolment.
    pub staff: Vec<StaffRow>,
    pub invitations: Vec<InvitationRow>,
}

/// A part of an official's access that is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// All of an official's roles, sessions, passkeys and open invitations, and the link to eID.
    Official(PersonId),
    /// One role; with the last one, the sessions.
    Role(PersonId, Role),
    /// One console session, by its id in the list.
    Session(String),
    /// One passkey, and the sessions of its official: it is not known which it has opened.
    Passkey(String),
    /// One invitation that was not used, by its id in the list.
    Invitation(String),
}

impl Service {
    /// All officials with their access, for administrators and auditors; for those of one
    /// organisation only its own. `by` is `None` for the machine's operator.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn access(&self, by: Option<&Official>) -> Result<StaffAccess, Error> {
        let reach = match by {
            Some(by) => by.reach(&[Role::Sysadmin, Role::Auditor])?,
            None => None,
        };
        let (db, now) = (self.context.db.read(), self.now());
        let people = store::officials(db, STAFF_MAX).await?;
        let invitations = store::open_invitations(db, now, INVITATIONS_MAX).await?;
        let inviters = people.iter().filter_map(|row| row.invited_by);
        let inviters = inviters.chain(invitations.iter().filter_map(|row| row.1.created_by));
        let inviters: Vec<PersonId> = inviters.collect::<BTreeSet<_>>().into_iter().collect();
        let names = self.names(&inviters).await?;
        let by_whom = |who: Option<PersonId>| {
            who.map(|who| (who, names.get(&who).cloned().unwrap_or_default()))
        };
        let mut staff: BTreeMap<PersonId, StaffRow> = BTreeMap::new();
        for row in people {
            let (person, invited_by) = (row.person, by_whom(row.invited_by));
            let (name, since) = (row.name, row.since);
            let (roles, organisations, sessions, passkeys) = Default::default();
            let row = StaffRow {
                person,
                name,
                roles,
                organisations,
                since,
                invited_by,
                sessions,
                passkeys,
            };
            staff.insert(person, row);
        }
        let grants = self.add_access(&mut staff, now).await?;
        if let Some(own) = &reach {
            let ours = grants.iter().filter(|grant| is_within(grant.organisation, own));
            let ours: BTreeSet<PersonId> = ours.map(|grant| grant.person).collect();
            staff.retain(|person, _| ours.contains(person));
        }
        let is_shown = |invited: &store::Invited| {
            reach.as_ref().is_none_or(|own| is_within(invited.organisation, own))
        };
        let mut staff: Vec<StaffRow> = staff.into_values().collect();
        staff.sort_by_key(|row| (row.since, row.person));
        let invitation = |(id, row): (String, store::Invited)| InvitationRow {
            id,
            role: row.role,
            invited_by: by_whom(row.created_by),
            expires_at: row.expires_at,
        };
        let shown = invitations.into_iter().filter(|(_, invited)| is_shown(invited));
        let invitations = shown.map(invitation).collect();
        Ok(StaffAccess { staff, invitations })
    }

    /// Adds roles, sessions and passkeys; returns the roles with their organisations.
    async fn add_access(
        &self,
        staff: &mut BTreeMap<PersonId, StaffRow>,
        now: Timestamp,
    ) -> Result<Vec<store::Grant>, StoreError> {
        let db = self.context.db.read();
        let grants = store::grants(db, ACCESS_MAX).await?;
        let bound: BTreeSet<OrganisationId> =
            grants.iter().filter_map(|grant| grant.organisation).collect();
        let organisations = store::organisation_names(db, &bound).await?;
        for grant in &grants {
            let Some(row) = staff.get_mut(&grant.person) else { continue };
            row.roles.push(grant.role);
            let organisation = grant.organisation.and_then(|id| organisations.get(&id));
            row.organisations.extend(organisation.cloned());
        }
        for (person, session) in store::console_sessions(db, now, ACCESS_MAX).await? {
            if let Some(row) = staff.get_mut(&person) {
                let (id, since, expires_at) = session;
                row.sessions.push(SessionRow { id, since, expires_at });
            }
        }
        for passkey in store::passkeys_of_officials(db, ACCESS_MAX).await? {
            if let Some(row) = staff.get_mut(&passkey.person) {
                let store::KnownPasskey { id, name, created_at, used_at, .. } = passkey;
                row.passkeys.push(PasskeyRow { id, name, since: created_at, used_at });
            }
        }
        Ok(grants)
    }

    /// Ends a part of an official's access. Within a second no node accepts it any more, and open
    /// streams have ended. `by` is `None` for the machine's operator, who can always invite a new
    /// administrator; otherwise it must be one, and an administrator of one organisation reaches
    /// only those whose roles are all in it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if there is no such access;
    /// [`Error::LastAdministrator`] if nobody could administer the server from the console then.
    pub async fn end_access(&self, by: Option<&Official>, what: &Revocation) -> Result<(), Error> {
        let actor = match by {
            Some(by) => Principal::official(by, &[Role::Sysadmin])?,
            None => Principal::System,
        };
        let txn = self.context.db.begin().await?;
        if let Some(own) = by.map(|by| by.reach(&[Role::Sysadmin])).transpose()?.flatten() {
            self.check_within(&txn, what, &own).await?;
        }
        let (object, detail) = self.end(&txn, what).await?;
        if by.is_some() && !store::has_administrator(&txn).await? {
            return Err(Error::LastAdministrator);
        }
        let action = Action::StaffRevoke;
        self.audit.record(&txn, Entry { actor, action, object, detail }).await?;
        self.context.db.commit(txn).await?;
        self.lately.forget();
        Ok(())
    }

    /// Passes if all that `what` touches is in these organisations.
    pub(super) async fn check_within(
        &self,
        txn: &Txn,
        what: &Revocation,
        own: &BTreeSet<OrganisationId>,
    ) -> Result<(), Error> {
        let now = self.now();
        let person = match what {
            Revocation::Official(person) | Revocation::Role(person, _) => *person,
            Revocation::Session(id) => {
                store::session(txn, id, now).await?.ok_or(StoreError::NotFound)?.person
            }
            Revocation::Passkey(id) => {
                store::passkey(txn, id).await?.ok_or(StoreError::NotFound)?.0
            }
            Revocation::Invitation(id) => {
                let invited = store::invitation(txn, id, now).await?.ok_or(StoreError::NotFound)?;
                let is_ours = is_within(invited.organisation, own);
                return if is_ours { Ok(()) } else { Err(Error::Forbidden) };
            }
        };
        let roles = store::roles(txn, person).await?;
        let bound = store::bound_roles(txn, person).await?;
        let is_ours = |role: &Role| is_within(bound.get(role).copied(), own);
        let all = !roles.is_empty() && roles.iter().all(is_ours);
        if all { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Ends the access; returns the object and the details for the audit trail.
    async fn end(&self, txn: &Txn, what: &Revocation) -> Result<(String, Value), StoreError> {
        let now = self.now();
        match what {
            Revocation::Official(person) => {
                store::lock_official(txn, *person).await?;
                let roles = store::roles(txn, *person).await?;
                store::delete_roles(txn, *person, None).await?;
                let sessions = store::delete_console_sessions(txn, *person).await?;
                for passkey in store::passkeys_of(txn, &[*person]).await? {
                    store::revoke_passkey(txn, &passkey.id, now).await?;
                }
                store::unlink(txn, *person, Provider::Eid).await?;
                store::end_invitations_by(txn, *person, now).await?;
                let detail = json!({ "ended": "official", "roles": roles, "sessions": sessions });
                Ok((person_object(*person), detail))
            }
            Revocation::Role(person, role) => {
                store::lock_official(txn, *person).await?;
                found(store::delete_roles(txn, *person, Some(*role)).await?)?;
                if *role == Role::Sysadmin {
                    store::end_invitations_by(txn, *person, now).await?;
                }
                if store::roles(txn, *person).await?.is_empty() {
                    store::delete_console_sessions(txn, *person).await?;
                }
                Ok((person_object(*person), json!({ "ended": "role", "role": role })))
            }
            Revocation::Session(id) => {
                let session = store::session(txn, id, now).await?.ok_or(StoreError::NotFound)?;
                if session.device.is_some() {
                    return Err(StoreError::NotFound);
                }
                store::delete_session(txn, id).await?;
                Ok((person_object(session.person), json!({ "ended": "session" })))
            }
            Revocation::Passkey(id) => {
                let (person, _) = store::passkey(txn, id).await?.ok_or(StoreError::NotFound)?;
                store::lock_official(txn, person).await?;
                store::revoke_passkey(txn, id, now).await?;
                store::delete_console_sessions(txn, person).await?;
                Ok((person_object(person), json!({ "ended": "passkey", "passkey": id })))
            }
            Revocation::Invitation(id) => {
                let invited = store::invitation(txn, id, now).await?;
                let invited = invited.ok_or(StoreError::NotFound)?;
                store::end_invitation(txn, id, now).await?;
                Ok((format!("role:{}", invited.role), json!({ "ended": "invitation" })))
            }
        }
    }

    /// Returns `true` if the official still has one of `roles` in the organisation of what they
    /// proposed, within a transaction or not. As with [`Official::counts_in`], a role that is bound
    /// to no organisation counts in all of them; what belongs to none is for a role in any.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn still_has(
        &self,
        db: &impl ConnectionTrait,
        official: PersonId,
        roles: &[Role],
        organisation: Option<OrganisationId>,
    ) -> Result<bool, StoreError> {
        let left = store::roles(db, official).await?;
        let bound = store::bound_roles(db, official).await?;
        let counts = |role: &Role| {
            let elsewhere = |own: &OrganisationId| organisation.is_some_and(|there| *own != there);
            left.contains(role) && !bound.get(role).is_some_and(elsewhere)
        };
        Ok(roles.iter().any(counts))
    }
}

/// Returns `true` for one of these organisations; a role that is bound to none is in all of them.
fn is_within(organisation: Option<OrganisationId>, own: &BTreeSet<OrganisationId>) -> bool {
    organisation.is_some_and(|organisation| own.contains(&organisation))
}

fn found(rows: u64) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}
