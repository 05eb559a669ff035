//! Accepts bids, and repeats the answer to a bid. The decision is in [`super::decide`].

use super::super::service::{Error, Service};
use super::super::store;
use super::answer::BidAnswer;
use super::places::QueueSlot;
use super::queue::QueuedBid;
use super::stamps::Stamp;
use crate::arrivals::ArrivedBytes;
use crate::db::StoreError;
use crate::identity::Bidder;
use crate::signature;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::sleep;
use toruk_sync::domain::id::{AuctionId, BidId};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::signing::SignedPayload as _;

/// How long a hasty bid waits for its refusal.
const HASTY_WAIT: Duration = Duration::from_millis(500);

impl Service {
    /// Stamps a bid with the moment of its arrival, while this node may: its clock was trusted then
    /// and is now, and no bid has waited too long.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub fn stamp(&self, auction: AuctionId, arrived: ArrivedBytes) -> Result<Stamp, Error> {
        if !arrived.is_trusted || !self.context.ports.clock.is_trusted() {
            return Err(Error::Busy);
        }
        self.bid_queue.keeps_up(auction)?;
        self.stamps.stamp(auction, arrived).ok_or(Error::Busy)
    }

    /// Takes a place in the queue for a bid with this stamp, and counts it as an attempt of its
    /// participant. Nobody else gets a place.
    ///
    /// # Why a hasty bid waits
    /// A participant who never pauses would keep the disk busy with the receipts of their own
    /// refused attempts, and every other bid would wait for one more commit. A hasty bid holds its
    /// place for `HASTY_WAIT` before anything else is done with it; with the two places of a
    /// participant that is four refusals a second.
    ///
    /// # Errors
    /// [`Error::NotParticipant`], [`Error::KeyCooldown`], [`StoreError::NotFound`]; [`Error::Busy`]
    /// if there is no place, also for a participant who has two bids waiting. Nothing was decided
    /// then.
    pub async fn place_in_queue(
        &self,
        by: &Bidder,
        auction: AuctionId,
        stamp: &Stamp,
    ) -> Result<QueueSlot, Error> {
        let db = self.context.db.read_for_bids();
        let (participants, bidder) = self.admission.participants(db, auction, by.person).await?;
        let bids_from = by.recovered_at.map(|at| participants.bids_from(at));
        if let Some(from) = bids_from.filter(|from| stamp.at < *from) {
            return Err(Error::KeyCooldown(from));
        }
        let mut slot = self.bid_queue.slot(auction, by.person, bidder)?;
        slot.hasty = participants.is_hasty(by.person, stamp.at);
        if slot.hasty {
            stamp.is_checked();
            sleep(HASTY_WAIT).await;
        }
        Ok(slot)
    }

    /// Decides a stamped bid. A repeated request with the same id and content gets the same receipt.
    ///
    /// # Errors
    /// [`Error::OddId`], [`Error::BadSignature`], [`Error::NotParticipant`], [`Error::IdReused`];
    /// [`Error::Unknown`] when the outcome can't be known. A rejection by the rules is no error: it
    /// is in the receipt.
    pub async fn place_bid(
        &self,
        by: Bidder,
        auction: AuctionId,
        request: PlaceBid,
        stamp: Stamp,
        slot: QueueSlot,
    ) -> Result<BidAnswer, Error> {
        if request.bid.0.get_version_num() != BID_ID_VERSION {
            return Err(Error::OddId);
        }
        let package = signed_package(&by, auction, &request).ok_or(Error::BadSignature)?;
        let request_hash = hex::encode(Sha256::digest(&package));
        let (answer, decided) = oneshot::channel();
        self.bid_queue.submit(QueuedBid {
            by,
            auction,
            request,
            request_hash,
            stamp,
            slot,
            answer,
        });
        // The lane ends only when nobody waits; if it stopped early, its progress is unknown.
        let decided = decided.await.unwrap_or(Err(Error::Unknown));
        let outcome = match &decided {
            Ok(answer) if answer.is_accepted => "accepted",
            Ok(_) => "refused",
            Err(_) => "error",
        };
        metrics::counter!("toruk_bids_total", "outcome" => outcome).increment(1);
        decided
    }

    /// The answer to a bid of this person, if there is one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if they sent no such bid, or it never arrived.
    pub async fn receipt(&self, by: &Bidder, bid: BidId) -> Result<BidAnswer, Error> {
        let stored = store::receipt(self.context.db.read(), bid).await?;
        let own = stored.filter(|stored| stored.person == by.person);
        Ok(own.ok_or(StoreError::NotFound)?.answer())
    }
}

/// Bids have time-ordered ids (UUID version 7): random ones would scatter the index of receipts
/// over the disk, and slow every commit down.
const BID_ID_VERSION: usize = 7;

/// The bytes that the bidder's phone signed: they name this bidder and this phone, so a bid signed
/// for anybody else is no bid of theirs.
fn signed_package(by: &Bidder, auction: AuctionId, request: &PlaceBid) -> Option<Vec<u8>> {
    let is_signed =
        |package: &Vec<u8>| signature::is_by_device(&by.public_key, package, &request.signature);
    let package = request.package(auction, by.person, by.device).canonical();
    if is_signed(&package) {
        return Some(package);
    }
    by.signs_v1.then(|| request.package_v1(auction).canonical()).filter(is_signed)
}
