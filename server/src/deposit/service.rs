//! Money, as the payment system reports it.

use crate::Shared;
use crate::db::{StoreError, Txn};
use crate::identity::{Bidder, Official};
use crate::{application, audit, catalogue, push};
use std::collections::BTreeMap;
use std::sync::Arc;
use toruk_sync::domain::auction::{Auction, Event};
use toruk_sync::domain::deposit::{Deposit, Intent, Mismatch, Rejection};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, IntentId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::deposit::BeginPayment;

/// Why deposits refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("forbidden")]
    Forbidden,
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("the payment system does not answer")]
    GatewayUnavailable,
    #[error("this id stands for another payment")]
    IdReused,
    #[error("the callback is not by the payment system")]
    Forged,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A payment or an attempt at one, in the console.
#[derive(Debug, Clone)]
pub struct PaymentRow {
    pub intent: Intent,
    pub auction: AuctionId,
    pub auction_number: String,
    pub deposit: Deposit,
    pub created_at: Timestamp,
    pub received: Tyiyn,
    pub mismatch: Option<Mismatch>,
}

/// A balance of the ledger.
#[derive(Debug, Clone)]
pub struct Balance {
    /// `gateway`, `deposits` (all together), `refunds_due`, `unmatched`, `seller`, `forfeited`.
    pub account: String,
    /// Credits less debits, tyiyn.
    pub amount_tyiyn: i64,
}

#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

#[allow(unused_variables, clippy::todo)]
impl Service {
    pub fn new(
        shared: &Arc<Shared>,
        catalogue: catalogue::Service,
        applications: application::Service,
        push: push::Service,
        audit: audit::Service,
    ) -> Self {
        Self { shared: shared.clone() }
    }
    /// Begins an attempt to pay (creates the deposit, Due, at the first one); calls the gateway outside of any transaction.
    pub async fn begin(
        &self,
        by: &Bidder,
        application: ApplicationId,
        request: BeginPayment,
    ) -> Result<Intent, Error> {
        todo!()
    }
    /// A callback: verified, then the gateway is asked what was really paid.
    pub async fn callback(
        &self,
        headers: &http::HeaderMap,
        path: &str,
        body: &[u8],
    ) -> Result<(), Error> {
        todo!()
    }
    /// Asks the gateway about one intent and settles what is new. Idempotent.
    pub async fn reconcile(&self, intent: IntentId) -> Result<(), Error> {
        todo!()
    }
    /// Deposits and intents of applications (used by feed).
    pub async fn of(
        &self,
        applications: &[ApplicationId],
    ) -> Result<BTreeMap<ApplicationId, (Deposit, Vec<Intent>)>, Error> {
        todo!()
    }
    /// Applies an auction's events to its deposits inside the auction's transaction.
    pub async fn follow(
        &self,
        txn: &Txn,
        before: &Auction,
        events: &[Event],
        numbers: &BTreeMap<ApplicationId, BidderNo>,
    ) -> Result<(), StoreError> {
        todo!()
    }
    /// One round of the payments worker: expire intents, poll live ones, release deposits of applications that ended, send refunds. Returns how many things it moved.
    pub async fn work(&self) -> Result<usize, Error> {
        todo!()
    }
    // --- console
    pub async fn payments(&self, by: &Official) -> Result<Vec<PaymentRow>, Error> {
        todo!()
    }
    pub async fn balances(&self, by: &Official) -> Result<Vec<Balance>, Error> {
        todo!()
    }
}
