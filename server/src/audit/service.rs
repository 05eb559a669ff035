//! Records acts and shows them to auditors.

use super::action::{Action, Principal};
use super::entry::{Entry, Row};
use super::store::{self, Objects};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::identity::{Forbidden, Official, Role};
use serde_json::json;
use std::sync::Arc;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::time::TimeSpan;

/// Time after which a refusal that anybody can repeat is recorded again.
const RECORDED_AGAIN: TimeSpan = TimeSpan::hours(1);
/// Rows of one page.
pub const PAGE: u64 = 50;
/// Newest lots, auctions and applications of an organisation whose acts its officials see, each.
const OBJECTS_MAX: u64 = 1_000;
/// The roles that see the acts on everything.
const EVERYTHING: [Role; 3] = [Role::Auditor, Role::Sysadmin, Role::Moderator];
/// The roles that may open the person behind an act; they open applications too.
const OPENERS: [Role; 2] = [Role::Moderator, Role::Auditor];
/// The role in the trail of a person on a phone.
const APPLICANT: &str = "bidder";

/// Writes and reads the audit trail.
#[derive(Clone)]
pub struct Service {
    context: Arc<Context>,
}

impl Service {
    /// Builds on this database.
    pub fn new(context: &Arc<Context>) -> Self {
        Self { context: context.clone() }
    }

    /// Records an act in the transaction of the act: both are committed or neither is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record(&self, txn: &Txn, entry: Entry) -> Result<(), StoreError> {
        store::append(txn, &entry, self.context.ports.clock.now()).await
    }

    /// As [`Self::record`], unless the same was recorded within `RECORDED_AGAIN`: what anybody can
    /// repeat at will must not fill a trail that is kept for ever.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_once(&self, txn: &Txn, entry: Entry) -> Result<(), StoreError> {
        let since = self.context.ports.clock.now() - RECORDED_AGAIN;
        if store::has_same_since(txn, &entry, since).await? {
            return Ok(());
        }
        self.record(txn, entry).await
    }

    /// A page of acts before `before`, the newest first. An organiser sees auctions' acts, auditors
    /// and administrators all; a role that is bound to an organisation sees that organisation's.
    /// Persons who are no officials are left out: [`Self::open`] opens them one by one.
    ///
    /// # Errors
    /// [`StoreError`]; an empty page for officials without one of these roles.
    pub async fn page(&self, by: &Official, before: Option<u64>) -> Result<Vec<Row>, StoreError> {
        let db = self.context.db.read();
        let objects = self.objects(by).await?;
        let mut rows = store::page(db, before, &objects, PAGE).await?;
        for row in rows.iter_mut().filter(|row| row.role == APPLICANT) {
            row.actor = None;
        }
        Ok(rows)
    }

    /// The person behind one act of somebody who is no official. This opening is recorded.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if no such act is on the official's pages.
    pub async fn open(
        &self,
        by: &Official,
        seq: u64,
    ) -> Result<Result<PersonId, Forbidden>, StoreError> {
        let Ok(actor) = Principal::official(by, &OPENERS) else { return Ok(Err(Forbidden)) };
        let objects = self.objects(by).await?;
        let txn = self.context.db.begin().await?;
        let act = store::act(&txn, seq, &objects).await?;
        let person = act.filter(|act| act.role == APPLICANT).and_then(|act| act.actor);
        let person = person.ok_or(StoreError::NotFound)?;
        let (action, object) = (Action::AuditOpen, format!("audit:{seq}"));
        self.record(&txn, Entry { actor, action, object, detail: json!({}) }).await?;
        self.context.db.commit(txn).await?;
        Ok(Ok(person))
    }

    async fn objects(&self, by: &Official) -> Result<Objects, StoreError> {
        // Another role that counts everywhere does not widen one of these that is bound.
        let (reach, all) = match by.reach(&EVERYTHING) {
            Ok(reach) => (reach, Objects::Beginning("")),
            Err(Forbidden) => (by.reach(&Role::ALL).ok().flatten(), Objects::Beginning("auction:")),
        };
        match reach {
            Some(own) => store::objects_of(self.context.db.read(), &own, OBJECTS_MAX).await,
            None => Ok(all),
        }
    }
}
