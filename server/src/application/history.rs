//! The applications of an auction that is decided, each with what was done with it.

use super::service::Service;
use super::store::{self, GivenReceipt};
use crate::db::StoreError;
use sea_orm::ConnectionTrait;
use toruk_sync::domain::application::Application;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::receipt::ApplicationReceipt;
use uuid::Uuid;

/// Most applications of one auction that are listed; the first ones.
pub const LISTED_MAX: u64 = 500;
/// Most acts on them that are listed, the first ones.
const ACTS_MAX: u64 = 5_000;

impl Service {
    /// The applications of an auction in the order of their arrival, each with the receipts of the
    /// acts on it in their order. Names nobody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_history(
        &self,
        db: &impl ConnectionTrait,
        auction: AuctionId,
    ) -> Result<Vec<(Application, Vec<(Uuid, ApplicationReceipt)>)>, StoreError> {
        let stored = store::queue(db, Some(auction), None, LISTED_MAX).await?;
        let given = store::receipts_of_auction(db, auction, ACTS_MAX).await?;
        let of = |application: &Application| {
            let about = |given: &&GivenReceipt| given.application == Some(application.id);
            let own = given.iter().filter(about);
            own.map(|given| (given.id, given.receipt.clone())).collect()
        };
        let all = stored.into_iter().map(|stored| (of(&stored.application), stored.application));
        Ok(all.map(|(acts, application)| (application, acts)).collect())
    }

    /// A receipt of an act on an application of this auction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn receipt_in(
        &self,
        db: &impl ConnectionTrait,
        auction: AuctionId,
        receipt: Uuid,
    ) -> Result<ApplicationReceipt, StoreError> {
        let given = store::receipt_by_id(db, receipt).await?;
        let given = given.filter(|given| given.receipt.body.auction == auction);
        Ok(given.ok_or(StoreError::NotFound)?.receipt)
    }
}
