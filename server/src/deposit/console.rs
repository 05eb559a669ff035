//! Officials' view of money.

use super::service::{Error, Service};
use super::store::{self, Received};
use crate::audit::{Action, Principal};
use crate::catalogue::rows::AuctionName;
use crate::db::StoreError;
use crate::identity::{Official, Role};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::deposit::{Deposit, Intent, Mismatch};
use toruk_sync::domain::id::{AuctionId, DepositId, IntentId};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::limits::PAGE_MAX;

/// The roles that may see money.
pub(super) const READERS: [Role; 3] = [Role::Finance, Role::Auditor, Role::Moderator];

/// A payment or an attempt at one, in the console.
#[derive(Debug, Clone)]
pub struct PaymentRow {
    pub intent: Intent,
    pub auction: AuctionId,
    /// Number and title of the auction.
    pub auction_name: AuctionName,
    pub deposit: Deposit,
    /// The start of the attempt.
    pub created_at: Timestamp,
    /// The money that arrived for it, credited or not.
    pub received: Tyiyn,
    /// The reason why a part of it could not be credited.
    pub mismatch: Option<Mismatch>,
    /// The error of the payment system's clock, if it is at fault; ahead if positive. The payment
    /// was decided for its payer.
    pub clock_fault: Option<TimeSpan>,
    /// `true` if nobody has looked into that clock yet.
    pub is_clock_open: bool,
    /// The payment system's references of the payments.
    pub references: Vec<String>,
}

/// One balance of the ledger.
#[derive(Debug, Clone)]
pub struct Balance {
    /// `gateway`, `bank`, `deposits` (all together), `refunds_due`, `unmatched`, `seller`, `forfeited`.
    pub account: String,
    /// Credits minus debits, in tyiyn. Money that the payment system or the bank holds for the
    /// operator is therefore negative.
    pub amount_tyiyn: i64,
}

impl Service {
    /// The newest attempts to pay, one page, and before them those whose payments a wrong clock has
    /// dated and nobody has looked into, however old they are.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn payments(&self, by: &Official) -> Result<Vec<PaymentRow>, Error> {
        let reach = by.reach(&READERS)?;
        let db = self.context.db.read();
        let mut intents = store::intents_with_open_clock(db, reach.as_ref(), PAGE_MAX).await?;
        let open: BTreeSet<IntentId> = intents.iter().map(|row| row.intent.id).collect();
        let newest = store::newest_intents(db, reach.as_ref(), None, PAGE_MAX).await?;
        intents.extend(newest.into_iter().filter(|row| !open.contains(&row.intent.id)));
        Ok(self.rows(intents).await?)
    }

    /// The moment since which the payment system has not answered, if orders are refused for it.
    pub fn gateway_silent_since(&self) -> Option<Timestamp> {
        self.context.ports.gateway.silent_since()
    }

    /// Records that an official has looked into the clock that dated an attempt's payments. They
    /// stay decided as they are.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`StoreError::NotFound`] if no payment of the attempt waits for it.
    pub async fn end_clock_review(&self, by: &Official, id: IntentId) -> Result<(), Error> {
        by.any(&[Role::Finance])?;
        let txn = self.context.db.begin().await?;
        let row = store::intent(&txn, id).await?.ok_or(StoreError::NotFound)?;
        let row = store::deposit(&txn, row.intent.deposit).await?;
        let auction = self.catalogue.auction(&txn, row.auction).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &[Role::Finance], Some(organisation))?;
        if store::end_clock_review(&txn, id, self.context.ports.clock.now()).await? == 0 {
            return Err(StoreError::NotFound.into());
        }
        let detail = json!({ "intent": id });
        self.record(&txn, &row, actor, Action::PaymentClockReviewed, detail).await?;
        self.context.db.commit(txn).await?;
        Ok(())
    }

    pub(super) async fn rows(
        &self,
        intents: Vec<store::IntentRow>,
    ) -> Result<Vec<PaymentRow>, StoreError> {
        let db = self.context.db.read();
        let ids: Vec<IntentId> = intents.iter().map(|row| row.intent.id).collect();
        let of: BTreeSet<DepositId> = intents.iter().map(|row| row.intent.deposit).collect();
        let of: Vec<DepositId> = of.into_iter().collect();
        let deposits: BTreeMap<DepositId, _> =
            store::deposits(db, &of).await?.into_iter().map(|row| (row.deposit.id, row)).collect();
        let auctions: BTreeSet<AuctionId> = deposits.values().map(|row| row.auction).collect();
        let names = self.catalogue.names(&auctions).await?;
        let received = store::received(db, &ids).await?;
        let row = |row: store::IntentRow| {
            let deposit = deposits.get(&row.intent.deposit).ok_or(StoreError::NotFound)?;
            let Received { amount, mismatch, clock_fault, is_clock_open, references } =
                received.get(&row.intent.id).cloned().unwrap_or_default();
            Ok(PaymentRow {
                auction: deposit.auction,
                auction_name: names.get(&deposit.auction).cloned().unwrap_or_default(),
                deposit: deposit.deposit.clone(),
                created_at: row.created_at,
                intent: row.intent,
                received: amount,
                mismatch,
                clock_fault,
                is_clock_open,
                references,
            })
        };
        intents.into_iter().map(row).collect()
    }

    /// All balances of the ledger; they sum to zero. None for officials of one organisation: the
    /// ledger is of all of them together.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Store`].
    pub async fn balances(&self, by: &Official) -> Result<Vec<Balance>, Error> {
        if by.reach(&READERS)?.is_some() {
            return Ok(Vec::new());
        }
        let mut known = store::balances(self.context.db.read()).await?;
        let accounts =
            ["gateway", "bank", "deposits", "refunds_due", "unmatched", "seller", "forfeited"];
        let balance = |account: &str| Balance {
            account: account.to_owned(),
            amount_tyiyn: known.remove(account).unwrap_or_default(),
        };
        Ok(accounts.map(balance).into())
    }
}
