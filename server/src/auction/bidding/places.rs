//! The places of the bid queue: how many a node has, and how many of them one auction and one
//! participant may hold.
//!
//! # Why a participant has two
//! A phone sends a bid once and waits for its answer; two phones of one person may do so at the
//! same time. More would only keep the others' bids waiting.

use super::super::error::Error;
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use toruk_sync::domain::id::{AuctionId, BidderNo, PersonId};

/// Most bids that wait on this node; past that a bidder gets "busy" at once, and nothing is
/// decided.
const WAITING_MAX: usize = 1_024;
/// Most of them on one auction, so that the others' participants always find a place.
const AUCTION_WAITING_MAX: usize = 512;
/// Most of them of one participant of one auction.
const PARTICIPANT_WAITING_MAX: usize = 2;

/// The places of one node.
pub struct Places {
    all: Arc<Semaphore>,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    auctions: HashMap<AuctionId, usize>,
    participants: HashMap<(AuctionId, PersonId), usize>,
}

/// The right to queue one bid; released with the answer.
pub struct QueueSlot {
    // Held for its drop.
    _permit: OwnedSemaphorePermit,
    taken: Arc<Mutex<Taken>>,
    auction: AuctionId,
    person: PersonId,
    /// The participant's number in this auction.
    pub bidder: BidderNo,
    /// Set if the participant's attempts follow each other too fast.
    pub hasty: bool,
}

impl Default for Places {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(WAITING_MAX)), taken: Arc::default() }
    }
}

impl Places {
    /// Takes a place for a bid of a participant.
    ///
    /// # Errors
    /// [`Error::Busy`] if the node, the auction or the participant has no more.
    pub fn take(
        &self,
        auction: AuctionId,
        person: PersonId,
        bidder: BidderNo,
    ) -> Result<QueueSlot, Error> {
        let permit = self.all.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
        let mut taken = lock(&self.taken);
        let of_auction = taken.auctions.get(&auction).copied().unwrap_or_default();
        let of_person = taken.participants.get(&(auction, person)).copied().unwrap_or_default();
        if of_auction >= AUCTION_WAITING_MAX || of_person >= PARTICIPANT_WAITING_MAX {
            return Err(Error::Busy);
        }
        taken.auctions.insert(auction, of_auction + 1);
        taken.participants.insert((auction, person), of_person + 1);
        drop(taken);
        let taken = self.taken.clone();
        Ok(QueueSlot { _permit: permit, taken, auction, person, bidder, hasty: false })
    }

    /// Returns `true` if any place is taken.
    pub fn are_taken(&self) -> bool {
        self.all.available_permits() < WAITING_MAX
    }

    /// Completes when every place is free again; none is given out then.
    pub async fn drained(&self) {
        let all = u32::try_from(WAITING_MAX).unwrap_or(u32::MAX);
        let _all = self.all.acquire_many(all).await;
        self.all.close();
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        let Taken { auctions, participants } = &mut *taken;
        release(auctions, self.auction);
        release(participants, (self.auction, self.person));
    }
}

fn release<K: std::hash::Hash + Eq>(taken: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = taken.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            taken.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn neither_a_participant_nor_an_auction_holds_all_places() {
        let places = Places::default();
        let auction = |number: u128| AuctionId(Uuid::from_u128(number));
        let person = |number: usize| PersonId(Uuid::from_u128(number as u128));
        let take = |no, who| places.take(auction(no), person(who), BidderNo(1));
        let mut held = Vec::new();
        for number in 0..AUCTION_WAITING_MAX / PARTICIPANT_WAITING_MAX {
            for _ in 0..PARTICIPANT_WAITING_MAX {
                held.push(take(1, number).unwrap());
            }
            assert!(take(1, number).is_err());
        }
        assert!(take(1, 9_999).is_err(), "the auction has no more");
        assert!(take(2, 0).is_ok(), "another one has");
        held.pop();
        assert!(take(1, 9_999).is_ok());
        held.clear();
        let taken = lock(&places.taken);
        assert!(taken.auctions.is_empty() && taken.participants.is_empty());
    }
}
