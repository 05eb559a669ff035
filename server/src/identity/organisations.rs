//! Organisations, and who may act for them.
//!
//! # Why powers are named by a personal number
//! Names are shared and account ids are known to nobody outside. The administrator has the paper in
//! hand, and the paper has the number; the person must have proven it here before.

use super::caller::Official;
use super::ceremony::AccountKind;
use super::firm::{FirmName, Membership, MembershipId, Organisation, Power, TAX_REGISTER};
use super::proven::IdentityFault;
use super::role::Role;
use super::service::{Error, Service};
use super::store;
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{OrganisationId, PersonId};
use toruk_sync::domain::pin::Pin;
use toruk_sync::domain::text;
use toruk_sync::domain::time::Timestamp;

/// The roles that see organisations; the first of them changes them.
const READERS: [Role; 2] = [Role::Sysadmin, Role::Auditor];
/// Most organisations of a list.
const ORGANISATIONS_MAX: u64 = 1_000;
/// Most powers of one organisation in a list.
const MEMBERSHIPS_MAX: u64 = 500;
/// Longest name of an organisation or of a paper, in characters.
const NAME_CHARS_MAX: usize = 300;
/// Longest scheme and identifier, in characters.
const IDENTIFIER_CHARS_MAX: usize = 64;

/// An organisation with its people.
#[derive(Debug, Clone)]
pub struct OrganisationDetail {
    pub organisation: Organisation,
    /// The newest first.
    pub memberships: Vec<Membership>,
    /// Names of their people.
    pub names: BTreeMap<PersonId, String>,
    /// The moment at which the powers are judged.
    pub now: Timestamp,
}

/// Powers that an official records.
#[derive(Debug, Clone)]
pub struct NewMembership {
    /// The personal number of the person who gets them.
    pub pin: Pin,
    pub power: Power,
    /// The paper on which they rest.
    pub document: String,
    pub valid_from: Timestamp,
    /// The first moment without them.
    pub valid_until: Option<Timestamp>,
}

impl Service {
    /// The organisations that an administrator or auditor may see.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn organisations(&self, by: &Official) -> Result<Vec<Organisation>, Error> {
        let reach = by.reach(&READERS)?;
        let db = self.context.db.read();
        Ok(store::organisations(db, reach.as_ref(), ORGANISATIONS_MAX).await?)
    }

    /// One organisation with its people.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn organisation(
        &self,
        by: &Official,
        id: OrganisationId,
    ) -> Result<OrganisationDetail, Error> {
        by.any_in(&READERS, Some(id))?;
        let db = self.context.db.read();
        let organisation = store::find_organisation(db, id).await?;
        let memberships = store::memberships(db, id, MEMBERSHIPS_MAX).await?;
        let people: Vec<PersonId> = memberships.iter().map(|one| one.person).collect();
        let names = self.names(&people).await?;
        Ok(OrganisationDetail { organisation, memberships, names, now: self.now() })
    }

    /// Creates an organisation. Only an administrator of all of them may.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Malformed`]; [`StoreError::Conflict`] if another one has the
    /// identifier.
    pub async fn create_organisation(
        &self,
        by: &Official,
        name: Text,
        firm: Option<FirmName>,
    ) -> Result<OrganisationId, Error> {
        let id = OrganisationId(self.context.ports.ids.uuid());
        // Bound to an organisation, nobody makes another one: this one is not theirs.
        let actor = Principal::official_in(by, &[Role::Sysadmin], Some(id))?;
        let organisation = Organisation { id, name: checked_text(&name)?, firm: checked(firm)? };
        let txn = self.context.db.begin().await?;
        store::insert_organisation(&txn, &organisation, self.now()).await?;
        let detail = json!({ CHANGES: audit::changes(&Value::Null, &facts(&organisation)) });
        self.note(&txn, actor, Action::OrganisationCreate, id, detail).await?;
        self.context.db.commit(txn).await?;
        Ok(id)
    }

    /// Changes an organisation's name and identifier.
    ///
    /// # Errors
    /// As [`Self::create_organisation`].
    pub async fn edit_organisation(
        &self,
        by: &Official,
        id: OrganisationId,
        name: Text,
        firm: Option<FirmName>,
    ) -> Result<(), Error> {
        let actor = Principal::official_in(by, &[Role::Sysadmin], Some(id))?;
        let after = Organisation { id, name: checked_text(&name)?, firm: checked(firm)? };
        let txn = self.context.db.begin().await?;
        let before = store::find_organisation(&txn, id).await?;
        store::update_organisation(&txn, &after).await?;
        let detail = json!({ CHANGES: audit::changes(&facts(&before), &facts(&after)) });
        self.note(&txn, actor, Action::OrganisationEdit, id, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Gives a bidder powers in an organisation.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Identity`] if nobody has proven the number;
    /// [`Error::Malformed`] for the paper, or powers that end before they begin.
    pub async fn give_powers(
        &self,
        by: &Official,
        organisation: OrganisationId,
        new: NewMembership,
    ) -> Result<MembershipId, Error> {
        let actor = Principal::official_in(by, &[Role::Sysadmin], Some(organisation))?;
        let NewMembership { pin, power, document, valid_from, valid_until } = new;
        let document = text::line(&document, NAME_CHARS_MAX);
        let document = document.map_err(|_| Error::Malformed("document"))?;
        if valid_until.is_some_and(|until| until <= valid_from) {
            return Err(Error::Malformed("valid_until"));
        }
        let txn = self.context.db.begin().await?;
        store::find_organisation(&txn, organisation).await?;
        let hash = self.hashed_pin(&pin);
        let person = store::person_with_pin(&txn, AccountKind::Bidder, &hash).await?;
        let person = person.ok_or(Error::Identity(IdentityFault::NoAccount))?;
        let id = MembershipId(self.context.ports.ids.uuid());
        let membership = Membership {
            id,
            person,
            organisation,
            power,
            document,
            valid_from,
            valid_until,
            ended_at: None,
        };
        store::insert_membership(&txn, &membership).await?;
        let detail = json!({
            "membership": id.0,
            "person": person,
            "power": power.key(),
            "valid_from": valid_from,
            "valid_until": valid_until,
        });
        self.note(&txn, actor, Action::OrganisationPower, organisation, detail).await?;
        self.context.db.commit(txn).await?;
        Ok(id)
    }

    /// Ends powers now.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if there are none to end.
    pub async fn end_powers(
        &self,
        by: &Official,
        organisation: OrganisationId,
        id: MembershipId,
    ) -> Result<(), Error> {
        let actor = Principal::official_in(by, &[Role::Sysadmin], Some(organisation))?;
        let txn = self.context.db.begin().await?;
        if !store::end_membership(&txn, organisation, id, self.now()).await? {
            return Err(StoreError::NotFound.into());
        }
        let detail = json!({ "membership": id.0 });
        self.note(&txn, actor, Action::OrganisationEndPower, organisation, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// An organisation's name; `None` for an unknown one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn organisation_name(&self, id: OrganisationId) -> Result<Option<Text>, StoreError> {
        let one = BTreeSet::from([id]);
        let mut names = store::organisation_names(self.context.db.read(), &one).await?;
        Ok(names.remove(&id))
    }

    /// The firm with this tax number, if the person may act for it at `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn firm_of(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        tax_number: &str,
        at: Timestamp,
    ) -> Result<Option<OrganisationId>, StoreError> {
        let name = FirmName { scheme: TAX_REGISTER.to_owned(), identifier: tax_number.to_owned() };
        let Some(firm) = store::organisation_named(db, &name).await? else { return Ok(None) };
        let powers = store::valid_powers(db, &[person], at).await?;
        Ok(powers.iter().any(|(_, of)| *of == firm).then_some(firm))
    }

    /// The people who may act for an organisation at `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn representatives(
        &self,
        db: &impl ConnectionTrait,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<PersonId>, StoreError> {
        store::representatives(db, organisation, at).await
    }

    async fn note(
        &self,
        txn: &Txn,
        actor: Principal,
        action: Action,
        id: OrganisationId,
        detail: Value,
    ) -> Result<(), StoreError> {
        let object = format!("organisation:{id}");
        self.audit.record(txn, Entry { actor, action, object, detail }).await
    }
}

fn facts(organisation: &Organisation) -> Value {
    let firm = organisation.firm.as_ref();
    json!({
        "name": organisation.name,
        "scheme": firm.map(|firm| &firm.scheme),
        "identifier": firm.map(|firm| &firm.identifier),
    })
}

fn checked_text(name: &Text) -> Result<Text, Error> {
    let name = name.as_lines(NAME_CHARS_MAX).map_err(|_| Error::Malformed("organisation"))?;
    if name.is_complete() { Ok(name) } else { Err(Error::Malformed("organisation")) }
}

fn checked(firm: Option<FirmName>) -> Result<Option<FirmName>, Error> {
    let line = |text: &str| {
        text::line(text, IDENTIFIER_CHARS_MAX).map_err(|_| Error::Malformed("identifier"))
    };
    let Some(FirmName { scheme, identifier }) = firm else { return Ok(None) };
    let firm = FirmName { scheme: line(&scheme)?, identifier: line(&identifier)? };
    let is_tax_number =
        firm.identifier.len() == 14 && firm.identifier.bytes().all(|byte| byte.is_ascii_digit());
    if firm.scheme == TAX_REGISTER && !is_tax_number {
        return Err(Error::Malformed("identifier"));
    }
    Ok(Some(firm))
}
