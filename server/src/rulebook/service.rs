//! Changes of the rules for new auctions, by two officials whose roles count everywhere.

use super::fields::{PROFILE_FIELDS, ProfileFieldFault, with_fields};
use super::profiles::{PendingProfile, ProfileProposal, StoredProfile};
use super::store;
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::identity::{self, Conflict, Official, Role};
use sea_orm::ConnectionTrait;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Semaphore;
use toruk_sync::domain::auction::REASON_CHARS_MAX;
use toruk_sync::domain::proposal::LIFE;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::text::paragraph;
use toruk_sync::domain::time::TimeSpan;
use uuid::Uuid;

/// Those who change rules.
const EDITORS: [Role; 1] = [Role::Moderator];
/// Those who see them with their history.
const READERS: [Role; 4] = [Role::Moderator, Role::Auditor, Role::Organiser, Role::Sysadmin];
/// Versions that the page shows.
const VERSIONS_SHOWN: u64 = 50;
/// Longest legal basis of a field, in characters.
const BASIS_CHARS_MAX: usize = 300;

/// The reasons of a rejection.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// None of the official's roles allows this, or it counts in one organisation alone.
    #[error("forbidden")]
    Forbidden,
    /// A field has no such value.
    #[error(transparent)]
    Field(#[from] ProfileFieldFault),
    /// Nothing would be another.
    #[error("nothing is changed")]
    NothingChanged,
    /// A reason of reasonable length is needed.
    #[error("a reason is needed")]
    ReasonNeeded,
    /// The proposal is one's own.
    #[error("a second person is needed")]
    SecondPersonNeeded,
    /// The proposal has lapsed, or the rules have changed since.
    #[error("the proposal does not stand any more")]
    Lapsed,
    /// Both accounts may be one human's; it was recorded.
    #[error("conflict of interest: {}", .0.key())]
    Conflict(Conflict),
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<identity::Forbidden> for Error {
    fn from(_: identity::Forbidden) -> Self {
        Self::Forbidden
    }
}

/// The rules for new auctions.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    identity: identity::Service,
    audit: audit::Service,
    /// Held while a profile is tried on past auctions.
    pub(super) simulating: Arc<Semaphore>,
}

impl Service {
    /// Builds on these services.
    pub fn new(context: &Arc<Context>, identity: identity::Service, audit: audit::Service) -> Self {
        let simulating = Arc::new(Semaphore::new(1));
        Self { context: context.clone(), identity, audit, simulating }
    }

    /// The rules under which a new auction is created.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn current(&self, db: &impl ConnectionTrait) -> Result<RuleProfile, StoreError> {
        let configured = &self.context.config.rules;
        Ok(match store::current(db).await? {
            // The speed of the clock is the deployment's.
            Some(known) => RuleProfile { clock_speed: configured.clock_speed, ..known.rules },
            None => configured.clone(),
        })
    }

    /// The version in force; `None` as long as the configuration's profile is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn in_force(
        &self,
        db: &impl ConnectionTrait,
    ) -> Result<Option<StoredProfile>, StoreError> {
        store::current(db).await
    }

    /// The version whose calendar has still to reach the auctions that run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsent_calendar(&self) -> Result<Option<StoredProfile>, StoreError> {
        store::unsent(self.context.db.read()).await
    }

    /// Notes that it has reached them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn calendar_sent(&self, version: u32) -> Result<(), StoreError> {
        let txn = self.context.db.begin().await?;
        store::sent(&txn, version).await?;
        self.context.db.commit(txn).await
    }

    /// The versions, the newest first; none as long as the configuration's profile is in force.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn versions(&self, by: &Official) -> Result<Vec<StoredProfile>, Error> {
        by.any(&READERS)?;
        Ok(store::versions(self.context.db.read(), VERSIONS_SHOWN).await?)
    }

    /// Returns `true` if this official may propose and approve.
    pub fn may_edit(&self, by: &Official) -> bool {
        editor(by).is_ok()
    }

    /// The proposal that waits.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn pending(&self, by: &Official) -> Result<Option<PendingProfile>, Error> {
        by.any(&READERS)?;
        let db = self.context.db.read();
        let Some((id, proposal)) = store::open(db).await? else { return Ok(None) };
        if !self.stands(db, &proposal).await? {
            return Ok(None);
        }
        let is_own = proposal.by == by.person;
        let may_decide = !is_own && self.may_edit(by);
        Ok(Some(PendingProfile { id, proposal, may_decide, is_own }))
    }

    /// Proposes a profile, by the texts of fields; replaces one's own proposal.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Field`]; [`Error::NothingChanged`]; [`Error::ReasonNeeded`];
    /// [`StoreError::Conflict`] if another official's proposal waits.
    pub async fn propose(
        &self,
        by: &Official,
        (texts, basis): (&BTreeMap<String, String>, &BTreeMap<String, String>),
        reason: &str,
    ) -> Result<(), Error> {
        let actor = editor(by)?;
        let reason = paragraph(reason, REASON_CHARS_MAX).map_err(|_| Error::ReasonNeeded)?;
        if reason.trim().is_empty() {
            return Err(Error::ReasonNeeded);
        }
        let txn = self.context.db.begin().await?;
        let current = self.current(&txn).await?;
        let known = store::current(&txn).await?;
        let now = self.context.ports.clock.now();
        if let Some((id, other)) = store::open(&txn).await? {
            if other.by != by.person && self.stands(&txn, &other).await? {
                return Err(StoreError::Conflict.into());
            }
            store::close(&txn, id, "withdrawn", Some(by.person)).await?;
        }
        let changed = with_fields(&current, texts)?;
        let basis = checked_basis(basis)?;
        let known_basis = known.map(|known| known.basis).unwrap_or_default();
        if changed == current && basis == known_basis {
            return Err(Error::NothingChanged);
        }
        let over = current.version;
        let rules = RuleProfile { version: over.saturating_add(1), ..changed };
        let speed = i64::from(current.clock_speed.max(1));
        let expires_at = now + TimeSpan(LIFE.0.saturating_mul(speed));
        let detail = json!({ CHANGES: audit::changes(&current, &rules), "reason": reason });
        let proposal =
            ProfileProposal { rules, basis, reason, by: by.person, at: now, expires_at, over };
        store::propose(&txn, self.context.ports.ids.uuid(), &proposal).await?;
        self.record(&txn, actor, Action::RulesPropose, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Approves another official's proposal: it is in force for auctions that are created from now
    /// on.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::SecondPersonNeeded`]; [`Error::Lapsed`]; [`Error::Conflict`];
    /// [`StoreError::NotFound`] if it is not the one that waits, also because its author's role has
    /// ended.
    pub async fn approve(&self, by: &Official, read: Uuid) -> Result<(), Error> {
        let actor = editor(by)?;
        let txn = self.context.db.begin().await?;
        let (id, proposal) = store::open(&txn).await?.ok_or(StoreError::NotFound)?;
        if id != read {
            return Err(StoreError::NotFound.into());
        }
        if proposal.by == by.person {
            return Err(Error::SecondPersonNeeded);
        }
        if !self.identity.still_has(&txn, proposal.by, &EDITORS, None).await? {
            store::close(&txn, id, "withdrawn", None).await?;
            self.context.db.commit(txn).await?;
            return Err(StoreError::NotFound.into());
        }
        if !self.stands(&txn, &proposal).await? {
            return Err(Error::Lapsed);
        }
        let partner = [proposal.by];
        let conflict = self.identity.conflict_of_officials(&txn, by.person, &partner).await?;
        if let Some(conflict) = conflict {
            self.identity.record_conflict(&txn, actor, conflict, "rules".to_owned()).await?;
            self.context.db.commit(txn).await?;
            return Err(Error::Conflict(conflict));
        }
        let before = self.current(&txn).await?;
        let ProfileProposal { rules, basis, reason, by: author, .. } = proposal;
        let detail = json!({
            CHANGES: audit::changes(&before, &rules),
            "reason": reason,
            "proposed_by": author,
            "version": rules.version,
        });
        let approved_at = self.context.ports.clock.now();
        let profile = StoredProfile {
            rules,
            basis,
            reason,
            proposed_by: author,
            approved_by: by.person,
            approved_at,
        };
        store::insert(&txn, &profile).await?;
        store::close(&txn, id, "approved", Some(by.person)).await?;
        self.record(&txn, actor, Action::RulesApprove, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Declines another official's proposal, or withdraws one's own.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if it is not the one that waits.
    pub async fn decline(&self, by: &Official, read: Uuid) -> Result<(), Error> {
        let actor = editor(by)?;
        let txn = self.context.db.begin().await?;
        let (id, proposal) = store::open(&txn).await?.ok_or(StoreError::NotFound)?;
        if id != read {
            return Err(StoreError::NotFound.into());
        }
        let fate = if proposal.by == by.person { "withdrawn" } else { "declined" };
        store::close(&txn, id, fate, Some(by.person)).await?;
        let detail = json!({ "fate": fate, "proposed_by": proposal.by });
        self.record(&txn, actor, Action::RulesDecline, detail).await?;
        Ok(self.context.db.commit(txn).await?)
    }

    /// Returns `true` if a proposal could still be approved.
    async fn stands(
        &self,
        db: &impl ConnectionTrait,
        proposal: &ProfileProposal,
    ) -> Result<bool, StoreError> {
        let is_alive = self.context.ports.clock.now() < proposal.expires_at;
        Ok(is_alive && self.current(db).await?.version == proposal.over)
    }

    async fn record(
        &self,
        txn: &Txn,
        actor: Principal,
        action: Action,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let object = "rules".to_owned();
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }
}

/// An official who may change the rules of all organisations.
pub(super) fn editor(by: &Official) -> Result<Principal, Error> {
    if by.reach(&EDITORS)?.is_some() {
        return Err(Error::Forbidden);
    }
    Ok(Principal::official(by, &EDITORS)?)
}

fn checked_basis(basis: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let mut checked = BTreeMap::new();
    for field in PROFILE_FIELDS {
        let Some(text) = basis.get(field.name).map(|text| text.trim()) else { continue };
        if text.is_empty() {
            continue;
        }
        let line = toruk_sync::domain::text::line(text, BASIS_CHARS_MAX)
            .map_err(|_| ProfileFieldFault(field.name))?;
        checked.insert(field.name.to_owned(), line);
    }
    Ok(checked)
}
