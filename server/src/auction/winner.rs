//! Who has won, with name and contacts: for the officials who make the contract, from the
//! confirmation on. Until then everybody, officials too, knows participants by their numbers.

use super::service::{Error, Service};
use super::store;
use crate::application::Contact;
use crate::audit::Principal;
use crate::db::StoreError;
use crate::identity::{Official, Role};
use toruk_sync::domain::auction::{Rejection, Status};
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::domain::money::Tyiyn;

/// The roles that may know a winner: who makes the contract, who has decided on the application, who
/// looks after both. Money is moved by orders and payments, without names.
pub const KNOW_WINNERS: [Role; 3] = [Role::Organiser, Role::Moderator, Role::Auditor];

/// The winner of an auction.
#[derive(Debug, Clone)]
pub struct Winner {
    /// The number under which they took part.
    pub bidder: BidderNo,
    /// The final price.
    pub price: Tyiyn,
    /// Their name and contacts, as they applied.
    pub contact: Contact,
}

impl Service {
    /// The winner who has confirmed; that somebody asked is recorded.
    ///
    /// # Errors
    /// [`Error::Forbidden`], also in another organisation; [`Rejection::WrongState`] before the
    /// confirmation.
    pub async fn winner(&self, by: &Official, id: AuctionId) -> Result<Winner, Error> {
        by.any(&KNOW_WINNERS)?;
        let txn = self.context.db.begin().await?;
        let auction = self.catalogue.auction(&txn, id).await?;
        let organisation = auction.birth.procuring_entity;
        let actor = Principal::official_in(by, &KNOW_WINNERS, Some(organisation))?;
        let award = match auction.status {
            Status::Awarded | Status::Complete => auction.awards.last(),
            _ => None,
        };
        let award = award.ok_or(Rejection::WrongState)?;
        let participants = store::participants(&txn, id).await?;
        let winner = participants.into_iter().find(|who| who.bidder_no == award.bidder);
        let winner = winner.ok_or(StoreError::NotFound)?;
        let contact = self.applications.contact(&txn, actor, winner.application).await?;
        self.context.db.commit(txn).await?;
        Ok(Winner { bidder: award.bidder, price: award.price, contact })
    }
}
