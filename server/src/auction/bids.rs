//! Bids and the winner's answer. A bid that has arrived is decided whether or not its sender
//! waits: see [`crate::arrival`].

use super::service::{Error, Service};
use super::store::{self, Locked, StoredReceipt};
use crate::identity::Bidder;
use crate::signature;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::auction::{Command, Rejection, apply};
use toruk_sync::domain::bidding::{self, Bid};
use toruk_sync::domain::id::{AuctionId, BidId, BidderNo};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::bid::{AnswerAward, PlaceBid, ProtocolView};
use toruk_sync::receipt::{Decision, Receipt, ReceiptBody};
use toruk_sync::snapshot::{Package as _, ProtocolPackage, canonical_json};

impl Service {
    /// Decides a bid that had wholly arrived at `arrived`. Asked again with the same id and
    /// content, gives the same receipt.
    ///
    /// # Errors
    /// [`Error::BadSignature`], [`Error::NotParticipant`], [`Error::IdReused`]; [`Error::Busy`],
    /// and then nothing was decided; [`Error::Unknown`], and then nobody knows. A refusal by the
    /// rules is no error: the receipt says it.
    pub async fn place_bid(
        &self,
        by: Bidder,
        auction: AuctionId,
        request: PlaceBid,
        arrived: Timestamp,
    ) -> Result<Receipt, Error> {
        if !request.is_signed_by(auction, &by.public_key) {
            return Err(Error::BadSignature);
        }
        let place = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
        let decided = self.decide_bid(&by, auction, &request, arrived).await;
        drop(place);
        let outcome = match &decided {
            Ok(receipt) if receipt.body.decision == Decision::Accepted => "accepted",
            Ok(_) => "refused",
            Err(_) => "error",
        };
        metrics::counter!("toruk_bids_total", "outcome" => outcome).increment(1);
        decided
    }

    /// The answer to a bid of this person, when there is one.
    ///
    /// # Errors
    /// [`crate::db::StoreError::NotFound`] when he sent no such bid, or it never arrived.
    pub async fn receipt(&self, by: &Bidder, bid: BidId) -> Result<Receipt, Error> {
        let stored = store::receipt(self.shared.db.read(), bid).await?;
        let own = stored.filter(|stored| stored.person == by.person);
        Ok(own.ok_or(crate::db::StoreError::NotFound)?.receipt)
    }

    /// What the proposed winner is asked to sign.
    ///
    /// # Errors
    /// [`Error::NotParticipant`]; [`Rejection::NotTheWinner`] for anyone else.
    pub async fn protocol(&self, by: &Bidder, id: AuctionId) -> Result<ProtocolView, Error> {
        let txn = self.shared.db.begin().await?;
        let locked = store::lock_public(&txn, id).await?;
        let bidder = self.number(&txn, id, by).await?;
        let view = self.protocol_of(&txn, &locked, bidder).await;
        txn.rollback().await.map_err(crate::db::StoreError::from)?;
        view
    }

    /// The winner confirms by signature, or refuses.
    ///
    /// # Errors
    /// [`Error::NotParticipant`], [`Error::Rejected`], [`Error::BadSignature`].
    pub async fn answer_award(
        &self,
        by: &Bidder,
        id: AuctionId,
        answer: &AnswerAward,
    ) -> Result<(), Error> {
        // Verified before the transaction: the passkey's record is in the same database.
        let view = self.protocol(by, id).await?;
        if let AnswerAward::Confirm { confirmation } = answer {
            let passkeys = self.identity.passkeys(by.person).await?;
            signature::verify(&self.shared.config, &passkeys, &view.protocol, confirmation)
                .map_err(|_| Error::BadSignature)?;
        }
        let txn = self.shared.db.begin().await?;
        let mut locked = store::lock_public(&txn, id).await?;
        let bidder = self.number(&txn, id, by).await?;
        let command = match answer {
            AnswerAward::Confirm { .. } => {
                let protocol = hex::encode(view.protocol.digest());
                Command::ConfirmAward { bidder, protocol }
            }
            AnswerAward::Refuse {} => Command::RefuseAward { bidder },
        };
        let now = self.shared.ports.clock.now();
        self.execute(&txn, &mut locked, &command, now).await?;
        let detail = json!({ "bidder": bidder, "seq": locked.seq });
        self.record(&txn, None, "auction.award", id, detail).await?;
        self.commit(txn, &[(id, locked.seq)]).await
    }

    async fn decide_bid(
        &self,
        by: &Bidder,
        id: AuctionId,
        request: &PlaceBid,
        arrived: Timestamp,
    ) -> Result<Receipt, Error> {
        // After an outage the clock is stopped first: no bid is late because of it.
        let txn = self.begin_awake().await?;
        let mut locked = store::lock_public(&txn, id).await?;
        let request_hash = request_hash(id, request);
        if let Some(known) = store::receipt(&txn, request.bid).await? {
            let same = known.person == by.person && known.request_hash == request_hash;
            return if same { Ok(known.receipt) } else { Err(Error::IdReused) };
        }
        let bidder = self.number(&txn, id, by).await?;
        let bid = Bid {
            id: request.bid,
            bidder: Some(bidder),
            epoch: request.epoch,
            basis: request.basis,
            amount: request.amount,
        };
        let received_at = locked.auction.receive(arrived);
        let decided = apply(&locked.auction, &Command::PlaceBid(bid), received_at);
        let (decision, events) = match decided {
            Ok((_, events)) => (Decision::Accepted, events),
            Err(Rejection::Bid(reason)) => {
                let logged = bidding::refused(&locked.auction, &bid, reason, received_at);
                (Decision::Refused(reason), logged.into_iter().collect())
            }
            Err(other) => return Err(other.into()),
        };
        let decided_at = self.shared.ports.clock.now().max(received_at);
        self.fold(&txn, &mut locked, events, decided_at).await?;
        let body = receipt_body(&locked, &bid, decision, received_at, decided_at);
        let receipt = Receipt::sign(body, &self.shared.receipt_key);
        let stored = StoredReceipt { person: by.person, request_hash, receipt };
        store::insert_receipt(&txn, &stored, by.device).await?;
        self.commit(txn, &[(id, locked.seq)]).await?;
        Ok(stored.receipt)
    }

    async fn number(
        &self,
        txn: &crate::db::Txn,
        id: AuctionId,
        by: &Bidder,
    ) -> Result<BidderNo, Error> {
        store::number_of(txn, id, by.person).await?.ok_or(Error::NotParticipant)
    }

    async fn protocol_of(
        &self,
        txn: &crate::db::Txn,
        locked: &Locked,
        bidder: BidderNo,
    ) -> Result<ProtocolView, Error> {
        let auction = &locked.auction;
        let award = auction.pending_award().ok_or(Rejection::WrongState)?;
        if award.bidder != bidder {
            return Err(Rejection::NotTheWinner.into());
        }
        let log_head = store::closing_head(txn, auction.birth.id).await?;
        Ok(ProtocolView {
            protocol: ProtocolPackage {
                auction: auction.birth.id,
                number: locked.number.clone(),
                winner: award.bidder,
                price: award.price,
                participants: u16::try_from(auction.participants.len()).unwrap_or(u16::MAX),
                rounds: auction.round.map_or(0, |round| round.number),
                log_head: log_head.ok_or(Rejection::WrongState)?,
            },
            confirm_by: award.confirm_by,
        })
    }
}

fn request_hash(auction: AuctionId, request: &PlaceBid) -> String {
    let mut hasher = Sha256::new();
    hasher.update(request.package(auction).canonical());
    hasher.update(canonical_json(request));
    hex::encode(hasher.finalize())
}

fn receipt_body(
    locked: &Locked,
    bid: &Bid,
    decision: Decision,
    received_at: Timestamp,
    decided_at: Timestamp,
) -> ReceiptBody {
    let auction = &locked.auction;
    ReceiptBody {
        auction: auction.birth.id,
        bid: bid.id,
        bidder: bid.bidder,
        amount: bid.amount,
        decision,
        received_at,
        decided_at,
        seq: locked.seq,
        head: hex::encode(locked.head),
        round: auction.round.map_or(0, |round| round.number),
        price: auction.round.map_or(auction.birth.offer.value, |round| round.price),
        deadline: auction.round.map(|round| round.deadline),
    }
}
