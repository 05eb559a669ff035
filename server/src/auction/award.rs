//! The winner's answer: the text that they are asked to sign, and the consequences.

use super::evidence::SignedAct;
use super::result;
use super::service::{Error, Service};
use super::store::{self, LockedAuction};
use super::trail;
use crate::audit::{Action, Entry, Principal};
use crate::db::StoreError;
use crate::identity::{self, Bidder, Confirmed, NotConfirmed};
use serde_json::json;
use toruk_sync::domain::auction::{Command, Rejection, Status};
use toruk_sync::domain::id::{AuctionId, BidderNo};
use toruk_sync::protocol::bid::{AnswerAward, ProtocolView};
use toruk_sync::protocol::operations::Confirmation;
use toruk_sync::protocol::signature::SignatureFault;
use toruk_sync::receipt::Opening;
use toruk_sync::signing::SignedPayload as _;

impl Service {
    /// The text that the proposed winner is asked to sign.
    ///
    /// # Errors
    /// [`Error::NotParticipant`]; [`Rejection::NotTheWinner`] for anyone else.
    pub async fn protocol(&self, by: &Bidder, id: AuctionId) -> Result<ProtocolView, Error> {
        // What is signed names the files, so they are made before anybody is asked. A disk that takes
        // no files must cost nobody a guarantee: then it names none.
        if self.asks(by, id).await?
            && let Err(error) = self.keep_protocol(id).await
        {
            tracing::error!(auction = %id, %error, "a winner is asked without the protocol's files");
        }
        let txn = self.context.db.begin().await?;
        let locked = store::lock_public(&txn, id).await?;
        let bidder = self.number(&txn, id, by).await?;
        let view = self.protocol_of(&txn, &locked, bidder).await;
        txn.rollback().await.map_err(StoreError::from)?;
        view
    }

    /// The opening of the winner's commitment, once they have confirmed; of nobody else's
    /// ([`toruk_sync::receipt::Opening`] says why).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if the public may not see the auction.
    pub async fn openings(&self, id: AuctionId) -> Result<Vec<Opening>, Error> {
        let db = self.context.db.read();
        let auction = self.catalogue.auction(db, id).await?;
        if !auction.is_public() {
            return Err(StoreError::NotFound.into());
        }
        let is_won = matches!(auction.status, Status::Awarded | Status::Complete);
        let Some(award) = auction.awards.last().filter(|_| is_won) else { return Ok(Vec::new()) };
        Ok(store::opening_of(db, id, award.bidder).await?.into_iter().collect())
    }

    /// Records the winner's answer: a confirmation by signature, or a refusal.
    ///
    /// # Errors
    /// [`Error::NotParticipant`], [`Error::Rejected`], [`Error::MethodNotAccepted`],
    /// [`Error::BadSignature`], [`Error::ConfirmationExpired`].
    pub async fn answer_award(
        &self,
        by: &Bidder,
        id: AuctionId,
        answer: &AnswerAward,
    ) -> Result<(), Error> {
        // Verified before the transaction: the passkey's record is in the same database.
        let view = self.protocol(by, id).await?;
        let confirmed = match answer {
            AnswerAward::Confirm { confirmation } => {
                Some(self.confirmed(by, id, &view, confirmation).await?)
            }
            AnswerAward::Refuse {} => None,
        };
        let txn = self.context.db.begin().await?;
        let locked = store::lock_public(&txn, id).await?;
        let bidder = self.number(&txn, id, by).await?;
        let command = match answer {
            AnswerAward::Confirm { .. } => {
                let protocol = hex::encode(view.protocol.digest());
                Command::ConfirmAward { bidder, protocol }
            }
            AnswerAward::Refuse {} => Command::RefuseAward { bidder },
        };
        let now = self.context.ports.clock.now();
        let before = locked.auction.clone();
        let locked = self.execute(&txn, locked, &command, now).await?;
        let mut detail = trail::changed(&before, &locked);
        detail["bidder"] = json!(bidder);
        if let Some(confirmed) = &confirmed {
            if !self.identity.spend_confirmation(&txn, confirmed).await? {
                return Err(Error::ConfirmationExpired);
            }
            let (object, signed) = (SignedAct::Award.object(&before), view.protocol.canonical());
            self.identity.keep_evidence(&txn, &object, by.person, (&signed, confirmed)).await?;
        }
        self.record(&txn, Principal::System, Action::AuctionAward, id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await
    }

    /// Verifies the winner's signature over the protocol, and that the auction accepts its kind.
    async fn confirmed(
        &self,
        by: &Bidder,
        id: AuctionId,
        view: &ProtocolView,
        confirmation: &Confirmation,
    ) -> Result<Confirmed, Error> {
        let rules = self.catalogue.auction(self.context.db.read(), id).await?.birth.rules;
        if !rules.award_confirmation.contains(&confirmation.method()) {
            return Err(Error::MethodNotAccepted);
        }
        let now = self.context.ports.clock.now();
        let signed = self.identity.confirm(by.person, &view.protocol, confirmation, now).await;
        self.signed(Principal::Bidder(by.person), id, signed).await
    }

    /// The confirmation if it holds; a certificate that was refused is recorded, and one that is
    /// another official's.
    pub(super) async fn signed(
        &self,
        by: Principal,
        id: AuctionId,
        confirmed: Result<Confirmed, NotConfirmed>,
    ) -> Result<Confirmed, Error> {
        if let Err(NotConfirmed::Identity(identity::Error::Identity(fault))) = &confirmed {
            let detail = json!({ "fault": fault.key() });
            let txn = self.context.db.begin().await?;
            let object = format!("auction:{id}");
            let entry = Entry { actor: by, action: Action::IdentityRefuse, object, detail };
            self.audit.record(&txn, entry).await?;
            self.context.db.commit(txn).await?;
        }
        if let Err(NotConfirmed::Certificate(refusal)) = &confirmed {
            let detail = json!({ "fault": refusal.fault, "oid": refusal.oid });
            let txn = self.context.db.begin().await?;
            let object = format!("auction:{id}");
            let entry = Entry { actor: by, action: Action::SignatureRefuse, object, detail };
            match refusal.fault {
                SignatureFault::RevocationUnknown => {
                    self.audit.record_once(&txn, entry).await?;
                }
                _ => self.audit.record(&txn, entry).await?,
            }
            self.context.db.commit(txn).await?;
        }
        Ok(confirmed?)
    }

    async fn number(
        &self,
        txn: &crate::db::Txn,
        id: AuctionId,
        by: &Bidder,
    ) -> Result<BidderNo, Error> {
        store::number_of(txn, id, by.person).await?.ok_or(Error::NotParticipant)
    }

    /// Returns `true` if this person is the proposed winner, and the protocol that they would sign
    /// is not made yet.
    async fn asks(&self, by: &Bidder, id: AuctionId) -> Result<bool, Error> {
        let db = self.context.db.read();
        let auction = self.catalogue.auction(db, id).await?;
        let (Some(award), Some(_)) = (auction.pending_award(), auction.protocol_due()) else {
            return Ok(false);
        };
        let number = store::number_of(db, id, by.person).await?;
        Ok(auction.suspension.is_none() && number == Some(award.bidder))
    }

    async fn protocol_of(
        &self,
        txn: &crate::db::Txn,
        locked: &LockedAuction,
        bidder: BidderNo,
    ) -> Result<ProtocolView, Error> {
        let auction = &locked.auction;
        let award = auction.pending_award().ok_or(Rejection::WrongState)?;
        if award.bidder != bidder {
            return Err(Rejection::NotTheWinner.into());
        }
        let protocol = result::payload(txn, auction, &locked.number, award).await?;
        Ok(ProtocolView {
            protocol: protocol.ok_or(Rejection::WrongState)?,
            confirm_by: award.confirm_by,
            instalments: auction.instalments(),
        })
    }
}
