//! Applications, as other features use them. Delivery from phones is in `delivery` and
//! `submission`, officials' work in `console`.

use super::error::Error;
use super::merge_queue::MergeQueue;
use super::store::{self, Applicant, Stored};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::identity::Bidder;
use crate::push;
use crate::{audit, blob, catalogue, draft, identity};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use toruk_sync::domain::application::{self, Application, Command, Status};
use toruk_sync::domain::auction::{self, Auction, Event};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, PersonId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::draft_id;
use toruk_sync::protocol::limits::PAGE_MAX;
use toruk_sync::protocol::pull::OutcomeView;
use toruk_sync::receipt::ApplicationReceipt;

/// Applications and the operation log.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) identity: identity::Service,
    pub(super) catalogue: catalogue::Service,
    pub(super) drafts: draft::Service,
    pub(super) blobs: blob::Service,
    pub(super) push: push::Service,
    pub(super) audit: audit::Service,
    pub(super) merges: Arc<MergeQueue>,
}

impl Service {
    /// Builds on these features.
    #[allow(clippy::too_many_arguments)] // Each is a feature it stands on.
    pub fn new(
        context: &Arc<Context>,
        identity: identity::Service,
        catalogue: catalogue::Service,
        drafts: draft::Service,
        blobs: blob::Service,
        push: push::Service,
        audit: audit::Service,
    ) -> Self {
        let (context, merges) = (context.clone(), Arc::default());
        Self { context, identity, catalogue, drafts, blobs, push, audit, merges }
    }

    /// A person's applications, the newest first, at most one page.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn of(&self, person: PersonId) -> Result<Vec<Application>, Error> {
        let stored = store::of_person(self.context.db.read(), person, PAGE_MAX).await?;
        Ok(stored.into_iter().map(|stored| stored.application).collect())
    }

    /// A person's applications to these auctions, within a transaction or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn in_auctions(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        auctions: &[AuctionId],
    ) -> Result<Vec<Application>, StoreError> {
        store::of_person_in(db, person, auctions).await
    }

    /// Outcomes of a person's operations, by their ids as pulled rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outcomes(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        ids: &[String],
    ) -> Result<BTreeMap<String, OutcomeView>, StoreError> {
        store::outcomes(db, person, ids).await
    }

    /// A person's receipts, by their ids as pulled rows.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipts(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        ids: &[String],
    ) -> Result<BTreeMap<String, ApplicationReceipt>, StoreError> {
        store::receipts(db, person, ids).await
    }

    /// Records that a person has seen outcomes of the calling phone. Outcomes that were seen before
    /// cost no write.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ack(&self, by: &Bidder, op_nos: &[u64]) -> Result<(), StoreError> {
        if op_nos.is_empty() {
            return Ok(());
        }
        let new = store::unacked(self.context.db.read(), by.device, op_nos).await?;
        if new.is_empty() {
            return Ok(());
        }
        let txn = self.context.db.begin().await?;
        // Locks the phone: of two requests with the same content, one finds nothing to do.
        store::next_op_no(&txn, by.person, by.device).await?;
        let new = store::unacked(&txn, by.device, &new).await?;
        store::ack(&txn, by.person, by.device, &new, self.context.ports.clock.now()).await?;
        self.context.db.commit(txn).await
    }

    /// Makes a participant's phones pull their application again: it has a number now.
    pub fn numbered(&self, txn: &Txn, person: PersonId, auction: AuctionId) {
        store::touch(txn, person, auction);
    }

    /// An application and its person; locked until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn get(
        &self,
        txn: &Txn,
        id: ApplicationId,
    ) -> Result<(Application, PersonId), StoreError> {
        let stored = store::find(txn, id).await?.ok_or(StoreError::NotFound)?;
        Ok((stored.application, stored.person))
    }

    /// The eligible applications of an auction, one for each human and firm: of several, the one
    /// that was received first. In arbitrary order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn eligible(
        &self,
        txn: &Txn,
        auction: AuctionId,
    ) -> Result<Vec<(ApplicationId, PersonId)>, StoreError> {
        let mut stored = store::of_auction(txn, auction, Some(Status::Eligible)).await?;
        stored.sort_by_key(|stored| (stored.application.received_at, stored.application.id));
        let people: Vec<PersonId> = stored.iter().map(|stored| stored.person).collect();
        // An application may be older than its person's proof.
        let proven = self.identity.pin_hashes_of(txn, &people).await?;
        let (mut humans, mut firms) = (BTreeSet::new(), BTreeSet::new());
        stored.retain(|stored| {
            let Applicant { pin_hash, organisation } = &stored.applicant;
            let human = pin_hash.as_ref().or(proven.get(&stored.person));
            let human = human.cloned().unwrap_or_else(|| stored.person.to_string());
            let is_new =
                !humans.contains(&human) && organisation.is_none_or(|firm| !firms.contains(&firm));
            if is_new {
                humans.insert(human);
                firms.extend(*organisation);
            }
            is_new
        });
        Ok(stored.into_iter().map(|stored| (stored.application.id, stored.person)).collect())
    }

    /// The people with an application in an auction that was not withdrawn, for notices.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn applicants(
        &self,
        txn: &Txn,
        auction: AuctionId,
    ) -> Result<Vec<PersonId>, StoreError> {
        store::applicants(txn, auction).await
    }

    /// Marks a deposit paid at `paid_at`, inside the deposit's transaction.
    ///
    /// # Errors
    /// [`Error::Rejected`] if the application does not wait for a deposit any more.
    pub async fn deposit_paid(
        &self,
        txn: &Txn,
        id: ApplicationId,
        paid_at: Timestamp,
    ) -> Result<(), Error> {
        let stored = store::find(txn, id).await?.ok_or(StoreError::NotFound)?;
        let auction = self.catalogue.auction(txn, stored.application.auction).await?;
        let next =
            application::apply(&auction, &stored.application, &Command::DepositPaid, paid_at)?;
        store::update(txn, stored.person, &next, self.context.ports.clock.now()).await?;
        Ok(())
    }

    /// Applies an auction's events to its applications inside the auction's transaction.
    /// `numbers` holds the participants, also those whose numbers these events give.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn follow(
        &self,
        txn: &Txn,
        before: &Auction,
        events: &[Event],
        numbers: &BTreeMap<ApplicationId, BidderNo>,
    ) -> Result<(), StoreError> {
        if !events.iter().any(concerns_applications) {
            return Ok(());
        }
        let now = self.context.ports.clock.now();
        let mut reopened = Vec::new();
        for Stored { application: stored, person, .. } in
            store::of_auction(txn, before.birth.id, None).await?
        {
            let next = followed(before, events, &stored, numbers.get(&stored.id).copied(), now);
            if next == stored {
                continue;
            }
            if next.status == Status::NeedsReconfirm {
                reopened.push(draft_id(person, next.auction));
            }
            store::update(txn, person, &next, now).await?;
        }
        self.drafts.reopen(txn, &reopened).await
    }

    /// The length of an auction's log, for notices.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn log_length(&self, txn: &Txn, auction: AuctionId) -> Result<u64, StoreError> {
        store::log_length(txn, auction).await
    }
}

fn concerns_applications(event: &Event) -> bool {
    matches!(
        event,
        Event::Amended { .. }
            | Event::TenderingClosed { .. }
            | Event::AwardProposed { .. }
            | Event::AwardConfirmed { .. }
            | Event::AwardLapsed { .. }
            | Event::Failed { .. }
            | Event::Cancelled { .. }
    )
}

/// The application after the events; events that its state machine does not allow leave it
/// unchanged.
fn followed(
    before: &Auction,
    events: &[Event],
    application: &Application,
    number: Option<BidderNo>,
    now: Timestamp,
) -> Application {
    use application::Conclusion::Lost;
    /// A number that no participant has: numbers begin at 1.
    const NOBODY: BidderNo = BidderNo(0);
    let mut auction = before.clone();
    let mut application = application.clone();
    for event in events {
        auction = auction::evolve(auction, event);
        let command = match (event, number) {
            (Event::Amended { .. }, _) => Some(Command::TermsChanged),
            (Event::TenderingClosed { .. }, None) => Some(Command::Conclude(Lost)),
            (Event::Failed { .. } | Event::Cancelled { .. }, None) => {
                application::consequence(&auction, event, NOBODY).map(Command::Conclude)
            }
            (_, Some(number)) => {
                application::consequence(&auction, event, number).map(Command::Conclude)
            }
            _ => None,
        };
        let next = command
            .and_then(|command| application::apply(&auction, &application, &command, now).ok());
        application = next.unwrap_or(application);
    }
    application
}
