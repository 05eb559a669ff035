//! The participants of an auction, who alone may use its bid path, and their pace: known before a
//! bid takes a place in the queue, without a read of the database for each.
//!
//! An auction's participants are fixed when applications close, and its rules when it is created,
//! so what was read once stays true.

use super::super::error::Error;
use super::super::store;
use crate::db::StoreError;
use crate::lock::lock;
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use toruk_sync::domain::auction::pace::Pace;
use toruk_sync::domain::id::{AuctionId, BidderNo, PersonId};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::Timestamp;

/// Auctions whose participants are kept in memory; past that the ones that nobody bids on are
/// forgotten.
const KNOWN_MAX: usize = 1_024;

/// The participants of the auctions on which this node has bids.
#[derive(Default)]
pub struct Admission(Mutex<BTreeMap<AuctionId, Arc<Participants>>>);

/// The participants of one auction, with the number and the pace of each.
pub struct Participants {
    rules: RuleProfile,
    numbers: HashMap<PersonId, BidderNo>,
    people: HashMap<BidderNo, PersonId>,
    paces: Mutex<HashMap<PersonId, Pace>>,
}

impl Admission {
    /// The participants of an auction of which `person` is one, and the person's number.
    ///
    /// # Errors
    /// [`Error::NotParticipant`]; [`StoreError::NotFound`] if the auction is not published.
    pub async fn participants(
        &self,
        db: &impl ConnectionTrait,
        auction: AuctionId,
        person: PersonId,
    ) -> Result<(Arc<Participants>, BidderNo), Error> {
        if let Some(known) = self.known(auction) {
            let number = known.number(person)?;
            return Ok((known, number));
        }
        let rules = store::public_rules(db, auction).await?.ok_or(StoreError::NotFound)?;
        let numbers = store::bidder_numbers(db, auction).await?;
        let people = numbers.iter().map(|(person, number)| (*number, *person)).collect();
        let read = Participants { rules, numbers, people, paces: Mutex::default() };
        // Only a participant's bid makes a node remember an auction.
        let number = read.number(person)?;
        let mut known = lock(&self.0);
        if known.len() >= KNOWN_MAX {
            known.retain(|_, participants| Arc::strong_count(participants) > 1);
        }
        Ok((known.entry(auction).or_insert_with(|| Arc::new(read)).clone(), number))
    }

    /// The participant with this number, of an auction that this node remembers.
    pub fn person(&self, auction: AuctionId, bidder: BidderNo) -> Option<PersonId> {
        self.known(auction)?.people.get(&bidder).copied()
    }

    fn known(&self, auction: AuctionId) -> Option<Arc<Participants>> {
        lock(&self.0).get(&auction).cloned()
    }
}

impl Participants {
    /// Counts an attempt that arrived at `at`; returns `true` if it is hasty.
    pub fn is_hasty(&self, person: PersonId, at: Timestamp) -> bool {
        // Only participants come here, so there are no more than they are.
        !lock(&self.paces).entry(person).or_default().take(&self.rules, at)
    }

    /// The moment from which a key bids by which the account was recovered at `recovered_at`.
    pub fn bids_from(&self, recovered_at: Timestamp) -> Timestamp {
        recovered_at + self.rules.key_cooldown()
    }

    fn number(&self, person: PersonId) -> Result<BidderNo, Error> {
        self.numbers.get(&person).copied().ok_or(Error::NotParticipant)
    }
}
