//! Officials' view of applications and their actions on them. Names and files open only one by one,
//! and each opening is recorded.

use super::error::Error;
use super::receipts::Statement;
use super::risk::Risk;
use super::service::Service;
use super::store::{self, Stored};
use crate::audit::change::CHANGES;
use crate::audit::{self, Action, Principal};
use crate::catalogue::rows::AuctionName;
use crate::db::{StoreError, Txn};
use crate::identity::{Official, OrganisationName, Role};
use crate::push::PersonNotice;
use serde_json::json;
use std::collections::BTreeSet;
use toruk_sync::domain::application::{self, Application, Command};
use toruk_sync::domain::form::Form;
use toruk_sync::domain::id::{ApplicationId, AuctionId};
use toruk_sync::domain::notice::{NOTICE_LIFE, NoticeKind};
use toruk_sync::domain::pin;
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::limits::PAGE_MAX;
use toruk_sync::receipt::{ActDecision, ApplicationAct};
use toruk_sync::signing::ApplicationPayload;

/// The roles that may see applications; an official who is both acts as a moderator.
pub(super) const READERS: [Role; 2] = [Role::Moderator, Role::Auditor];
/// The number of characters of an application's id in a list.
const NUMBER_CHARS: usize = 6;
/// The form's field with the applicant's name.
const FULL_NAME: &str = "full_name";

/// An application in the moderator's queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    pub application: Application,
    /// Masked: the last characters of the id; names open only on the detail page.
    pub number: String,
    /// Number and title of the auction.
    pub auction: AuctionName,
    pub deposit_paid: bool,
    /// The number of its files.
    pub files: usize,
}

/// An application with its content.
#[derive(Debug, Clone)]
pub struct Detail {
    pub application: Application,
    /// The signed package.
    pub package: ApplicationPayload,
    /// The person's display name.
    pub person_name: String,
    /// Set if a door has proven who the person is.
    pub is_proven: bool,
    /// Name of the firm that applies.
    pub firm: Option<OrganisationName>,
    /// Set if the personal numbers in the answers are open; otherwise they are masked.
    pub has_open_numbers: bool,
    /// Signs that the applicant may not be independent; they decide nothing.
    pub risks: Vec<Risk>,
    /// Set if it takes part in an auction that has not started: it could still be excluded.
    pub is_excludable: bool,
    /// Set if a certificate has signed it, and what that rests on is kept.
    pub has_evidence: bool,
}

impl Service {
    /// Applications that wait for a moderator, the oldest first; with an auction, all of its
    /// applications. At most one page.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn queue(
        &self,
        by: &Official,
        auction: Option<AuctionId>,
    ) -> Result<Vec<QueueRow>, Error> {
        let reach = by.reach(&READERS)?;
        let db = self.context.db.read();
        let stored = store::queue(db, auction, reach.as_ref(), PAGE_MAX).await?;
        Ok(self.rows(stored).await?)
    }

    pub(super) async fn rows(&self, stored: Vec<Stored>) -> Result<Vec<QueueRow>, StoreError> {
        let auctions: BTreeSet<AuctionId> =
            stored.iter().map(|stored| stored.application.auction).collect();
        let names = self.catalogue.names(&auctions).await?;
        let packages = self.packages(self.context.db.read(), &stored).await?;
        let row = |(stored, package): (Stored, ApplicationPayload)| {
            let application = stored.application;
            QueueRow {
                number: masked(application.id),
                auction: names.get(&application.auction).cloned().unwrap_or_default(),
                deposit_paid: application.deposit_paid,
                files: package.files.len(),
                application,
            }
        };
        Ok(stored.into_iter().zip(packages).map(row).collect())
    }

    /// An application with its content and its person; the access is recorded. Personal numbers
    /// are masked.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn detail(&self, by: &Official, id: ApplicationId) -> Result<Detail, Error> {
        let mut detail = self.open(by, id, Action::ApplicationOpen).await?;
        for (field, answer) in &mut detail.package.answers {
            if Form::is_personal_number(field) {
                *answer = pin::masked(answer);
            }
        }
        Ok(detail)
    }

    /// As [`Self::detail`], with the personal numbers; that, too, is recorded.
    ///
    /// # Errors
    /// As [`Self::detail`].
    pub async fn with_numbers(&self, by: &Official, id: ApplicationId) -> Result<Detail, Error> {
        let detail = self.open(by, id, Action::ApplicationPin).await?;
        Ok(Detail { has_open_numbers: true, ..detail })
    }

    async fn open(
        &self,
        by: &Official,
        id: ApplicationId,
        action: Action,
    ) -> Result<Detail, Error> {
        by.any(&READERS)?;
        let txn = self.context.db.begin().await?;
        let stored = store::find(&txn, id).await?.ok_or(StoreError::NotFound)?;
        let auction = self.catalogue.auction(&txn, stored.application.auction).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &READERS, Some(organisation))?;
        self.record(&txn, actor, action, id, json!({})).await?;
        self.context.db.commit(txn).await?;
        let mut names = self.identity.names(&[stored.person]).await?;
        let person_name = names.remove(&stored.person).unwrap_or_default();
        let firm = match stored.applicant.organisation {
            Some(firm) => self.identity.organisation_name(firm).await?,
            None => None,
        };
        let command = Command::Disqualify { reason: "?".to_owned() };
        let now = self.context.ports.clock.now();
        let excluded = application::apply(&auction, &stored.application, &command, now);
        Ok(Detail {
            risks: self.risks(&stored).await?,
            package: self.package(self.context.db.read(), &stored).await?,
            is_proven: stored.applicant.pin_hash.is_some(),
            is_excludable: excluded.is_ok(),
            has_evidence: self.has_evidence(id).await?,
            application: stored.application,
            person_name,
            firm,
            has_open_numbers: false,
        })
    }

    /// Content of a file of an application; the access is recorded.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`], [`Error::Blob`].
    pub async fn file(
        &self,
        by: &Official,
        id: ApplicationId,
        sha256: &str,
    ) -> Result<(FileRef, Vec<u8>), Error> {
        by.any(&READERS)?;
        let txn = self.context.db.begin().await?;
        let stored = store::find(&txn, id).await?.ok_or(StoreError::NotFound)?;
        let auction = self.catalogue.auction(&txn, stored.application.auction).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &READERS, Some(organisation))?;
        let files = self.package(&txn, &stored).await?.files;
        let file = files.into_iter().find(|file| file.sha256 == sha256);
        let file = file.ok_or(StoreError::NotFound)?;
        let detail = json!({ "sha256": sha256 });
        self.record(&txn, actor, Action::ApplicationFile, id, detail).await?;
        self.context.db.commit(txn).await?;
        let content = self.blobs.content(stored.person, sha256).await?;
        Ok((file, content))
    }

    /// Admits an application.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed.
    pub async fn admit(&self, by: &Official, id: ApplicationId) -> Result<(), Error> {
        let kind = NoticeKind::ApplicationAdmitted;
        self.moderate(by, id, &Command::Admit, kind, Action::ApplicationAdmit).await
    }

    /// Refuses an application with a reason for its person.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed.
    pub async fn refuse(
        &self,
        by: &Official,
        id: ApplicationId,
        reason: &str,
    ) -> Result<(), Error> {
        let command = Command::Refuse { reason: reason.to_owned() };
        let kind = NoticeKind::ApplicationNotAdmitted;
        self.moderate(by, id, &command, kind, Action::ApplicationRefuse).await
    }

    /// Excludes an admitted application before the start, with a reason for its person (5.5.5).
    ///
    /// # Errors
    /// [`Error`]; nothing was changed.
    pub async fn disqualify(
        &self,
        by: &Official,
        id: ApplicationId,
        reason: &str,
    ) -> Result<(), Error> {
        let command = Command::Disqualify { reason: reason.to_owned() };
        // Phones of any age know this kind, and show it for an exclusion as well.
        let kind = NoticeKind::ApplicationNotAdmitted;
        self.moderate(by, id, &command, kind, Action::ApplicationDisqualify).await
    }

    async fn moderate(
        &self,
        by: &Official,
        id: ApplicationId,
        command: &Command,
        kind: NoticeKind,
        action: Action,
    ) -> Result<(), Error> {
        by.any(&[Role::Moderator])?;
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        let stored = store::find(&txn, id).await?.ok_or(StoreError::NotFound)?;
        let auction = self.catalogue.auction(&txn, stored.application.auction).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &[Role::Moderator], Some(organisation))?;
        let txn = self.without_conflict(txn, (by, actor), &stored).await?;
        let next = application::apply(&auction, &stored.application, command, now)?;
        store::update(&txn, stored.person, &next, now).await?;
        let notice = PersonNotice {
            person: stored.person,
            kind,
            auction: next.auction,
            seq: store::log_length(&txn, next.auction).await?,
            expires_at: now + NOTICE_LIFE,
        };
        self.push.enqueue(&txn, &[notice], None).await?;
        let statement = Statement {
            auction: next.auction,
            act: act_of(command),
            decision: ActDecision::Accepted,
            application: Some(&next),
            package: None,
            reason: next.reason.clone(),
            received_at: now,
            decided_at: now,
        };
        self.give_receipt(&txn, stored.person, None, statement).await?;
        let changes = audit::changes(&stored.application, &next);
        let detail = json!({ "auction": next.auction, "reason": next.reason, CHANGES: changes });
        self.record(&txn, actor, action, id, detail).await?;
        self.context.db.commit(txn).await?;
        Ok(())
    }

    /// Returns the transaction if the official has no conflict with the applicant; otherwise the
    /// conflict is recorded.
    async fn without_conflict(
        &self,
        txn: Txn,
        (by, actor): (&Official, Principal),
        stored: &Stored,
    ) -> Result<Txn, Error> {
        let answers = self.package(&txn, stored).await?.answers;
        let named = answers.get(FULL_NAME).map(String::as_str);
        let conflict =
            self.identity.conflict_with_applicant(&txn, by, stored.person, named).await?;
        let Some(conflict) = conflict else {
            return Ok(txn);
        };
        let object = format!("application:{}", stored.application.id);
        self.identity.record_conflict(&txn, actor, conflict, object).await?;
        self.context.db.commit(txn).await?;
        Err(Error::Conflict(conflict))
    }

    pub(super) async fn record(
        &self,
        txn: &Txn,
        actor: Principal,
        action: Action,
        id: ApplicationId,
        detail: serde_json::Value,
    ) -> Result<(), StoreError> {
        let object = format!("application:{id}");
        self.audit.record(txn, audit::Entry { actor, action, object, detail }).await
    }
}

/// The act as its receipt names it.
fn act_of(command: &Command) -> ApplicationAct {
    match command {
        Command::Refuse { .. } => ApplicationAct::NotAdmit,
        Command::Disqualify { .. } => ApplicationAct::Disqualify,
        _ => ApplicationAct::Admit,
    }
}

/// An application's number in a list: the last characters of its id.
pub fn masked(id: ApplicationId) -> String {
    let id = id.to_string();
    id.chars().skip(id.len().saturating_sub(NUMBER_CHARS)).collect()
}
