//! Begins payments, and serves other features' questions about deposits. Arriving money is settled
//! in `settlement`, background work is in `work`, officials' views are in `console`, their decisions in
//! `forfeits`.

use super::reconciled_day::MissingStatement;
use super::refund_of::RefundOf;
use super::store::{self, DepositRow, IntentRow};
use crate::context::Context;
use crate::db::{StoreError, Txn};
use crate::identity::{self, Bidder, Conflict};
use crate::ports::{GatewayError, Order};
use crate::push;
use crate::push::PersonNotice;
use crate::{application, audit, catalogue, rulebook};
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use toruk_sync::domain::application::{Application, Status as ApplicationStatus};
use toruk_sync::domain::auction::{self, Auction, Event};
use toruk_sync::domain::business_day::BusinessDay;
use toruk_sync::domain::deposit::{
    self, Channel, Deposit, Intent, IntentStatus, Rejection, Status,
};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, DepositId, PersonId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::deposit::{BeginPayment, PaymentProvider};

/// Most attempts to pay one deposit.
pub const INTENTS_MAX: usize = 50;
/// Interval between two questions about an ended attempt, or about a refund that was rejected.
pub(super) const ENDED_INTERVAL: TimeSpan = TimeSpan::minutes(10);
/// Time before a code's expiry at which the owner of an unused one is reminded.
const EXPIRY_REMINDER: TimeSpan = TimeSpan::minutes(5);

/// The reasons of a rejection by deposits.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// None of the official's roles allows this.
    #[error("forbidden")]
    Forbidden,
    /// A rule was violated.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The outcome is unknown; the same id may be asked again.
    #[error("the payment system does not answer")]
    GatewayUnavailable,
    /// The official has a part in what they would decide; it was recorded.
    #[error("conflict of interest: {}", .0.key())]
    Conflict(Conflict),
    /// The id belongs to another payment.
    #[error("this id stands for another payment")]
    IdReused,
    /// No such bank or wallet is offered for this way to pay.
    #[error("no such bank or wallet")]
    UnknownProvider,
    /// The deposit has [`INTENTS_MAX`] attempts already.
    #[error("too many attempts to pay")]
    TooManyAttempts,
    /// The callback is not signed by the payment system, or not fresh.
    #[error("the callback is not by the payment system")]
    Forged,
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<identity::Forbidden> for Error {
    fn from(_: identity::Forbidden) -> Self {
        Self::Forbidden
    }
}

/// The last list of banks and wallets, with the moment until which it is kept.
type KnownProviders = Option<(Timestamp, Vec<PaymentProvider>)>;

/// Deposits and payments; refunds and the ledger are parts of both.
#[derive(Clone)]
pub struct Service {
    pub(super) context: Arc<Context>,
    pub(super) catalogue: catalogue::Service,
    pub(super) applications: application::Service,
    pub(super) push: push::Service,
    pub(super) audit: audit::Service,
    pub(super) identity: identity::Service,
    pub(super) rulebook: rulebook::Service,
    /// The last deposit that the worker looked at in order to release it; `None`: it begins with the
    /// first.
    pub(super) released_to: Arc<Mutex<Option<DepositId>>>,
    /// The last day up to which all statements were compared; `None`: not known yet.
    pub(super) reconciled_to: Arc<Mutex<Option<BusinessDay>>>,
    /// The banks and wallets as they were told last.
    pub(super) known_providers: Arc<Mutex<KnownProviders>>,
    /// The statement that could not be had.
    pub(super) missing_statement: Arc<Mutex<Option<MissingStatement>>>,
}

impl Service {
    /// Builds on these features.
    pub fn new(
        context: &Arc<Context>,
        catalogue: catalogue::Service,
        applications: application::Service,
        push: push::Service,
        audit: audit::Service,
        identity: identity::Service,
        rulebook: rulebook::Service,
    ) -> Self {
        Self {
            context: context.clone(),
            catalogue,
            applications,
            push,
            audit,
            identity,
            rulebook,
            released_to: Arc::default(),
            reconciled_to: Arc::default(),
            known_providers: Arc::default(),
            missing_statement: Arc::default(),
        }
    }

    /// Begins an attempt to pay; the first one makes the deposit due. One channel has one live
    /// attempt: a request for a second gets the first.
    ///
    /// # Errors
    /// [`Error`]. After [`Error::GatewayUnavailable`] the attempt exists without a code, and a
    /// request with the same id asks for its code again.
    pub async fn begin(
        &self,
        by: &Bidder,
        application: ApplicationId,
        request: BeginPayment,
    ) -> Result<Intent, Error> {
        // A repetition gets its attempt, whatever the list says now.
        if store::intent(self.context.db.read(), request.id).await?.is_none() {
            self.check_provider(request.channel, request.provider.as_deref()).await?;
        }
        let now = self.context.ports.clock.now();
        let txn = self.context.db.begin().await?;
        let (application, person) = self.applications.get(&txn, application).await?;
        if person != by.person {
            return Err(StoreError::NotFound.into());
        }
        let auction = self.catalogue.auction(&txn, application.auction).await?;
        let intent = match store::intent(&txn, request.id).await? {
            Some(known) => {
                let deposit = store::deposit(&txn, known.intent.deposit).await?;
                let same = deposit.deposit.application == application.id
                    && known.intent.channel == request.channel;
                if !same {
                    return Err(Error::IdReused);
                }
                known.intent
            }
            None => {
                let begun =
                    self.attempt(&txn, &auction, &application, person, request, now).await?;
                self.remind_of_expiry(&txn, person, application.auction, &begun).await?;
                begun
            }
        };
        let number = store::auction_number(&txn, application.auction).await?;
        self.context.db.commit(txn).await?;
        if intent.status != IntentStatus::Created || !intent.is_live(now) {
            return Ok(intent);
        }
        match intent.channel {
            Channel::BankTransfer => self.issue_reference(intent).await,
            _ => self.order(intent, number).await,
        }
    }

    /// Schedules a reminder of an unused code before it expires.
    async fn remind_of_expiry(
        &self,
        txn: &Txn,
        person: PersonId,
        auction: AuctionId,
        intent: &Intent,
    ) -> Result<(), StoreError> {
        let at = intent.expires_at - EXPIRY_REMINDER;
        if at <= self.context.ports.clock.now() {
            return Ok(());
        }
        let notice = PersonNotice {
            person,
            kind: NoticeKind::PaymentCodeExpiring,
            auction,
            seq: self.applications.log_length(txn, auction).await?,
            expires_at: intent.expires_at,
        };
        self.push.enqueue(txn, &[notice], Some(at)).await
    }

    /// Deposits and attempts of applications, the newest attempt first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn of(
        &self,
        applications: &[ApplicationId],
    ) -> Result<BTreeMap<ApplicationId, (Deposit, Vec<Intent>)>, Error> {
        Ok(self.within(self.context.db.read(), applications).await?)
    }

    /// As [`Self::of`], within a transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn within(
        &self,
        db: &impl ConnectionTrait,
        applications: &[ApplicationId],
    ) -> Result<BTreeMap<ApplicationId, (Deposit, Vec<Intent>)>, StoreError> {
        let deposits = store::deposits_of(db, applications).await?;
        let ids: Vec<DepositId> = deposits.iter().map(|row| row.deposit.id).collect();
        let mut intents: BTreeMap<DepositId, Vec<Intent>> = BTreeMap::new();
        for row in store::intents_of(db, &ids).await? {
            intents.entry(row.intent.deposit).or_default().push(row.intent);
        }
        let entry = |row: DepositRow| {
            let intents = intents.remove(&row.deposit.id).unwrap_or_default();
            (row.deposit.application, (row.deposit, intents))
        };
        Ok(deposits.into_iter().map(entry).collect())
    }

    /// Applies an auction's events to its participants' deposits inside the auction's transaction.
    /// Deposits of other applicants follow their applications.
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
        if !events.iter().any(concerns_deposits) {
            return Ok(());
        }
        let mut deposits = store::deposits_in(txn, before.birth.id).await?;
        deposits.retain(|row| numbers.contains_key(&row.deposit.application));
        let ids: Vec<DepositId> = deposits.iter().map(|row| row.deposit.id).collect();
        let references = store::credited_references(txn, &ids).await?;
        let mut auction = before.clone();
        for event in events {
            auction = auction::evolve(auction, event);
            for row in &mut deposits {
                let number = numbers.get(&row.deposit.application).copied();
                let command =
                    number.and_then(|number| deposit::consequence(&auction, event, number));
                if let Some(command) = command {
                    let rules = &auction.birth.rules;
                    let of = RefundOf::new(references.get(&row.deposit.id), rules);
                    // Events that the deposit's state machine does not allow leave it unchanged.
                    let _ = self.step(txn, row, command, of).await?;
                }
            }
        }
        Ok(())
    }

    /// Stores a new attempt, or finds the live one of its channel.
    async fn attempt(
        &self,
        txn: &Txn,
        auction: &Auction,
        application: &Application,
        person: PersonId,
        request: BeginPayment,
        now: Timestamp,
    ) -> Result<Intent, Error> {
        use ApplicationStatus::{Admitted, Signed};
        if !matches!(application.status, Signed | Admitted) {
            return Err(Rejection::WrongState.into());
        }
        let terms = auction.terms.as_ref().ok_or(Rejection::WrongState)?;
        let due = DepositRow {
            deposit: Deposit {
                id: DepositId(self.context.ports.ids.uuid()),
                application: application.id,
                amount: terms.guarantee,
                status: Status::Due,
                forfeit_proposed_by: None,
            },
            auction: application.auction,
            person,
        };
        let known = store::deposits_of(txn, &[application.id]).await?.pop();
        let deposit = match known {
            None => {
                store::insert_deposit(txn, &due, now).await?;
                due.deposit
            }
            // The terms were corrected before it was paid.
            Some(mut row)
                if row.deposit.status == Status::Due && row.deposit.amount != terms.guarantee =>
            {
                row.deposit.amount = terms.guarantee;
                store::update_deposit(txn, &row, now).await?;
                row.deposit
            }
            Some(row) => row.deposit,
        };
        let intents = store::intents_of(txn, &[deposit.id]).await?;
        let usable = |intent: &Intent| {
            intent.channel == request.channel
                && intent.amount == deposit.amount
                && intent.is_live(now)
        };
        if let Some(live) = intents.iter().find(|row| usable(&row.intent)) {
            return Ok(live.intent.clone());
        }
        if intents.len() >= INTENTS_MAX {
            return Err(Error::TooManyAttempts);
        }
        let rules = &auction.birth.rules;
        let (id, channel) = (request.id, request.channel);
        let begun = deposit::begin(&deposit, id, channel, rules, terms.tender_end, now)?;
        let intent = Intent { provider: request.provider, ..begun };
        let row = IntentRow { intent, person, created_at: now, ask_at: None };
        store::insert_intent(txn, &row).await?;
        Ok(row.intent)
    }

    /// Asks the payment system for a code or page, and stores it.
    async fn order(&self, intent: Intent, number: String) -> Result<Intent, Error> {
        let order = Order {
            intent: intent.id,
            channel: intent.channel,
            provider: intent.provider.clone(),
            amount: intent.amount,
            expires_at: intent.expires_at,
            description: format!("Кепилдик төлөм · Гарантийный взнос · {number}"),
        };
        let issued = match self.context.ports.gateway.create(&order).await {
            Ok(issued) => Some(issued),
            Err(GatewayError::Refused(reason)) => {
                tracing::warn!(intent = %intent.id, reason, "an order was rejected");
                None
            }
            Err(error @ (GatewayError::Unavailable(_) | GatewayError::Undecided)) => {
                tracing::warn!(intent = %intent.id, %error, "no answer to an order");
                return Err(Error::GatewayUnavailable);
            }
        };
        let txn = self.context.db.begin().await?;
        let known = store::intent(&txn, intent.id).await?.ok_or(StoreError::NotFound)?;
        let mut intent = known.intent;
        let waiting = intent.status == IntentStatus::Created;
        match issued {
            Some(issued) => {
                if waiting {
                    let coded = issued.code.is_some();
                    intent.status =
                        if coded { IntentStatus::CodeIssued } else { IntentStatus::Redirected };
                }
                intent.code = issued.code;
                intent.redirect_url = issued.redirect_url;
            }
            None if waiting => intent.status = IntentStatus::Failed,
            None => {}
        }
        store::update_intent(&txn, &intent).await?;
        if intent.code.is_some() || intent.redirect_url.is_some() {
            let now = self.context.ports.clock.now();
            store::ask_next(&txn, &[intent.id], Some(now)).await?;
        }
        self.context.db.commit(txn).await?;
        Ok(intent)
    }
}

fn concerns_deposits(event: &Event) -> bool {
    matches!(
        event,
        Event::TenderingClosed { .. }
            | Event::AwardProposed { .. }
            | Event::AwardConfirmed { .. }
            | Event::AwardLapsed { .. }
            | Event::ContractSigned { .. }
            | Event::ContractFailed { .. }
            | Event::Failed { .. }
            | Event::Cancelled { .. }
    )
}
