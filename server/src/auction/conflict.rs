//! Officials who decide must have no part in what they decide, and two officials must be two.

use super::service::{Error, Service};
use super::store::proposals::{self, Fate};
use crate::audit::Principal;
use crate::db::{StoreError, Txn};
use crate::identity::{Official, Role};
use sea_orm::ConnectionTrait;
use toruk_sync::domain::auction::Auction;
use toruk_sync::domain::id::PersonId;
use toruk_sync::domain::proposal::Proposal;
use toruk_sync::domain::time::Timestamp;
use uuid::Uuid;

impl Service {
    /// Returns the transaction if the official has no conflict with an applicant of the auction,
    /// and may not be the same human as one of `partners`, the other officials of the act.
    /// Otherwise the conflict is recorded, and nothing else that the transaction would change may
    /// depend on the act: what it holds is committed.
    ///
    /// # Errors
    /// [`Error::Conflict`].
    pub(super) async fn without_conflict(
        &self,
        txn: Txn,
        (by, actor): (&Official, Principal),
        auction: &Auction,
        partners: &[PersonId],
    ) -> Result<Txn, Error> {
        let id = auction.birth.id;
        let applicants = match auction.is_public() {
            true => self.applications.applicants(&txn, id).await?,
            false => Vec::new(),
        };
        let conflict = self.identity.conflict_with_bidders(&txn, by, &applicants).await?;
        let conflict = match (conflict, partners) {
            (None, [_, ..]) => {
                self.identity.conflict_of_officials(&txn, by.person, partners).await?
            }
            (conflict, _) => conflict,
        };
        let Some(conflict) = conflict else { return Ok(txn) };
        let object = format!("auction:{id}");
        self.identity.record_conflict(&txn, actor, conflict, object).await?;
        self.commit(txn, &[]).await?;
        Err(Error::Conflict(conflict))
    }

    /// Returns `true` if a proposal still stands: it has not lapsed, and its author still has a
    /// role in the auction's organisation that may propose it. A proposal ends with its author's
    /// role.
    pub(super) async fn stands(
        &self,
        db: &impl ConnectionTrait,
        auction: &Auction,
        (proposal, proposers): (&Proposal, &[Role]),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_alive = proposal.is_alive(auction, now);
        let seller = auction.birth.procuring_entity;
        Ok(is_alive && self.identity.still_has(db, proposal.by, proposers, Some(seller)).await?)
    }

    /// Closes a proposal whose author's role has ended.
    pub(super) async fn drop_proposal(
        &self,
        txn: Txn,
        id: Uuid,
        now: Timestamp,
    ) -> Result<(), Error> {
        proposals::close(&txn, id, Fate::Lapsed, None, now).await?;
        self.commit(txn, &[]).await
    }
}
