//! The slip for a payment code, to be taken to a bank's branch.

use super::service::{Error, Service};
use super::store;
use crate::catalogue;
use crate::db::StoreError;
use crate::identity::Bidder;
use crate::pdf::PaymentSlip;
use toruk_sync::domain::deposit::{Channel, IntentStatus, Rejection};
use toruk_sync::domain::id::{ApplicationId, IntentId};

impl Service {
    /// The slip for a bidder's own code that can still be paid at a branch.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for another person's; [`Rejection::WrongState`] for another channel,
    /// without a code or once it is paid; [`Rejection::TooLate`] once it has expired.
    pub async fn payment_slip(
        &self,
        by: &Bidder,
        application: ApplicationId,
        intent: IntentId,
    ) -> Result<PaymentSlip, Error> {
        let now = self.context.ports.clock.now();
        let db = self.context.db.read();
        let found = store::intent(db, intent).await?;
        let row = found.filter(|row| row.person == by.person).ok_or(StoreError::NotFound)?;
        let deposit = store::deposits(db, &[row.intent.deposit]).await?.pop();
        let deposit = deposit.filter(|row| row.deposit.application == application);
        let auction = deposit.ok_or(StoreError::NotFound)?.auction;
        let expired = row.intent.status == IntentStatus::Expired;
        let waits = row.intent.status == IntentStatus::CodeIssued;
        let has_slip = matches!(row.intent.channel, Channel::BranchCode | Channel::BankTransfer);
        if !has_slip || !(waits || expired) {
            return Err(Rejection::WrongState.into());
        }
        if !row.intent.is_live(now) {
            return Err(Rejection::TooLate.into());
        }
        let view = self.catalogue.view(auction).await.map_err(|error| match error {
            catalogue::Error::Store(error) => error,
            _ => StoreError::NotFound,
        })?;
        let account = match row.intent.channel {
            Channel::BankTransfer => self.context.config.bank_account.clone(),
            _ => None,
        };
        Ok(PaymentSlip {
            number: view.number,
            lot: view.lot.title,
            code: row.intent.code.ok_or(Rejection::WrongState)?,
            amount: row.intent.amount,
            begun_at: row.created_at,
            valid_until: row.intent.expires_at,
            account,
        })
    }
}
