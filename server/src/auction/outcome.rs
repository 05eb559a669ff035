//! The applications of a decided auction, for the officials who conclude it: numbers and states,
//! and no names. The winner's name is in `winner`.
//!
//! # Why only after the decision
//! Before it, a list of those who take part would help those who want to talk to them.

use super::service::{Error, Service};
use super::store;
use super::winner::KNOW_WINNERS;
use crate::application::masked;
use crate::identity::Official;
use std::collections::BTreeMap;
use toruk_sync::domain::application::Application;
use toruk_sync::domain::auction::{Auction, Rejection, Status};
use toruk_sync::domain::deposit;
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::receipt::ApplicationReceipt;
use uuid::Uuid;

/// What became of an application.
#[derive(Debug, Clone)]
pub struct ApplicationOutcome {
    /// The application in its last state.
    pub application: Application,
    /// The last characters of its id.
    pub number: String,
    /// The number under which it took part.
    pub bidder: Option<BidderNo>,
    /// The last price that this participant offered.
    pub offered: Option<Tyiyn>,
    /// The state of its deposit.
    pub deposit: Option<deposit::Status>,
    /// What was done with it, in order, each with the signed receipt.
    pub acts: Vec<(Uuid, ApplicationReceipt)>,
}

impl Service {
    /// The applications of a decided auction, participants by their numbers first.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also in another organisation; [`Rejection::WrongState`] before there
    /// is a result.
    pub async fn applications_of(
        &self,
        by: &Official,
        id: AuctionId,
    ) -> Result<Vec<ApplicationOutcome>, Error> {
        let auction = self.decided(by, id).await?;
        let db = self.context.db.read();
        let all = self.applications.with_history(db, id).await?;
        let participants = store::participants(db, id).await?.into_iter();
        let numbers: BTreeMap<ApplicationId, BidderNo> =
            participants.map(|who| (who.application, who.bidder_no)).collect();
        let ids: Vec<ApplicationId> = all.iter().map(|(application, _)| application.id).collect();
        let deposits = self.deposits.within(db, &ids).await?;
        let outcome = |(application, acts): (Application, _)| {
            let bidder = numbers.get(&application.id).copied();
            ApplicationOutcome {
                number: masked(application.id),
                bidder,
                offered: bidder.and_then(|bidder| auction.best.get(&bidder).copied()),
                deposit: deposits.get(&application.id).map(|(deposit, _)| deposit.status),
                application,
                acts,
            }
        };
        let mut outcomes: Vec<_> = all.into_iter().map(outcome).collect();
        outcomes.sort_by_key(|outcome| outcome.bidder.map_or(u16::MAX, |bidder| bidder.0));
        Ok(outcomes)
    }

    /// The signed receipt of an act on an application of a decided auction.
    ///
    /// # Errors
    /// As [`Self::applications_of`]; [`crate::db::StoreError::NotFound`].
    pub async fn act_receipt(
        &self,
        by: &Official,
        id: AuctionId,
        receipt: Uuid,
    ) -> Result<ApplicationReceipt, Error> {
        self.decided(by, id).await?;
        Ok(self.applications.receipt_in(self.context.db.read(), id, receipt).await?)
    }

    async fn decided(&self, by: &Official, id: AuctionId) -> Result<Auction, Error> {
        by.any(&KNOW_WINNERS)?;
        let auction = self.catalogue.auction(self.context.db.read(), id).await?;
        by.any_in(&KNOW_WINNERS, Some(auction.birth.procuring_entity))?;
        match is_decided(&auction) {
            true => Ok(auction),
            false => Err(Rejection::WrongState.into()),
        }
    }
}

/// Returns `true` once a published auction has a result.
pub fn is_decided(auction: &Auction) -> bool {
    use Status::{Awarded, Cancelled, Complete, Qualification, Unsuccessful};
    let is_after =
        matches!(auction.status, Qualification | Awarded | Complete | Unsuccessful | Cancelled);
    auction.is_public() && is_after
}
