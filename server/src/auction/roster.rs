//! The participants, in an order that reveals nothing: numbers come from a shuffle, never from the
//! order of arrival, and the public log has commitments instead of names.

use super::store::Participant;
use crate::ports::Ids;
use sha2::{Digest as _, Sha256};
use toruk_sync::domain::auction::Commitment;
use toruk_sync::domain::id::{ApplicationId, BidderNo, PersonId};
use toruk_sync::receipt::commitment;

/// Most participants of one auction: numbers are 16 bits wide.
const PARTICIPANTS_MAX: usize = u16::MAX as usize;

/// The eligible applicants, in the order of their future numbers.
#[derive(Default)]
pub struct Roster(Vec<(ApplicationId, PersonId, [u8; 32])>);

impl Roster {
    /// Shuffles by a seed nobody knows: sorted by `SHA-256(seed ‖ application)`.
    pub fn shuffle(eligible: Vec<(ApplicationId, PersonId)>, ids: &dyn Ids) -> Self {
        let seed = ids.secret();
        let key = |application: &ApplicationId| hash(&seed, *application);
        let mut eligible = eligible;
        eligible.truncate(PARTICIPANTS_MAX);
        eligible.sort_by_key(|(application, _)| key(application));
        let salted =
            eligible.into_iter().map(|(application, person)| (application, person, ids.secret()));
        Self(salted.collect())
    }

    /// The log's commitment to each: `SHA-256(salt ‖ application)`.
    pub fn commitments(&self) -> Vec<Commitment> {
        let committed = |(application, _, salt): &(ApplicationId, PersonId, [u8; 32])| {
            commitment(salt, *application)
        };
        self.0.iter().map(committed).collect()
    }

    /// The participants with their numbers, each with the salt that opens their commitment.
    pub fn participants(&self) -> Vec<(Participant, [u8; 32])> {
        let numbers = (1..=u16::MAX).map(BidderNo);
        let numbered = self.0.iter().zip(numbers);
        numbered
            .map(|((application, person, salt), bidder_no)| {
                let (application, person) = (*application, *person);
                (Participant { bidder_no, person, application }, *salt)
            })
            .collect()
    }
}

fn hash(salt: &[u8; 32], application: ApplicationId) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(application.0.as_bytes());
    hasher.finalize().into()
}
