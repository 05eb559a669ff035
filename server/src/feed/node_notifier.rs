//! Connects the nodes on one PostgreSQL database: a node notifies the others when an auction's log
//! has grown or a person's phones have something to pull, and they wake their followers.
//!
//! Sends positions, not data: a follower reads the log. A lost or repeated notification changes
//! only when it reads; a follower that misses one looks again within a heartbeat.
//!
//! # Why not in the bid's transaction
//! A transaction that notifies takes one lock of the whole cluster when it commits, so bids on all
//! auctions would wait for each other's disk. So one task notifies after the commits, of everything
//! that has grown meanwhile at once.

use crate::lock::lock;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use tokio::sync::Notify;
use toruk_sync::domain::id::{AuctionId, PersonId};
use uuid::Uuid;

/// The channel of PostgreSQL's `NOTIFY`.
pub(super) const CHANNEL: &str = "toruk_grown";
/// Positions in one message; PostgreSQL takes 8000 bytes, and one is at most 58.
pub(super) const POSITIONS_MAX: usize = 80;
/// People in one message, each 44 bytes.
pub(super) const PEOPLE_MAX: usize = 60;
/// Prefix of the sending node's name.
const NODE: &str = "node:";
/// Prefix of a person's id.
const PERSON: &str = "person:";

/// The notifications that wait to be sent to other nodes.
#[derive(Default)]
pub struct NodeNotifier {
    /// Distinguishes this node's messages from those of others.
    pub(super) node: Uuid,
    /// By auction, so its size is bounded by the number of auctions.
    grown: Mutex<BTreeMap<AuctionId, u64>>,
    /// The people whose phones have something to pull.
    changed: Mutex<BTreeSet<PersonId>>,
    pub(super) told: Notify,
}

impl NodeNotifier {
    /// Queues a notification that the log of `auction` has grown to `seq`. Called after the commit;
    /// never waits.
    pub fn notify(&self, auction: AuctionId, seq: u64) {
        let mut grown = lock(&self.grown);
        let known = grown.entry(auction).or_default();
        *known = seq.max(*known);
        drop(grown);
        self.told.notify_one();
    }

    /// Queues a notification that a person's phones have something to pull. Called after the
    /// commit; never waits.
    pub fn notify_changed(&self, person: PersonId) {
        lock(&self.changed).insert(person);
        self.told.notify_one();
    }

    /// For the node of this name.
    pub fn new(node: Uuid) -> Self {
        Self { node, ..Self::default() }
    }

    pub(super) fn take_changed(&self) -> Vec<PersonId> {
        let mut changed = lock(&self.changed);
        let mut taken = Vec::new();
        while taken.len() < PEOPLE_MAX
            && let Some(person) = changed.pop_first()
        {
            taken.push(person);
        }
        taken
    }

    pub(super) fn take(&self) -> Vec<(AuctionId, u64)> {
        let mut grown = lock(&self.grown);
        let mut taken = Vec::new();
        while taken.len() < POSITIONS_MAX
            && let Some(position) = grown.pop_first()
        {
            taken.push(position);
        }
        taken
    }

    pub(super) fn forget(&self) {
        lock(&self.grown).clear();
        lock(&self.changed).clear();
    }
}

/// The text of a message: people with changes, the sending node, and logs that have grown.
pub(super) fn message(node: Uuid, grown: &[(AuctionId, u64)], changed: &[PersonId]) -> String {
    let mut message = String::new();
    // Writing to a `String` can't fail.
    if !changed.is_empty() {
        let _ = write!(message, "{NODE}{node} ");
    }
    for person in changed {
        let _ = write!(message, "{PERSON}{person} ");
    }
    for (auction, seq) in grown {
        let _ = write!(message, "{auction}:{seq} ");
    }
    message
}

/// The people in a message of another node; this node's own messages are skipped.
pub(super) fn people(message: &str, own: Uuid) -> impl Iterator<Item = PersonId> {
    let node = message.split(' ').find_map(|word| word.strip_prefix(NODE)?.parse().ok());
    let said = if node == Some(own) { "" } else { message };
    said.split(' ').filter_map(|word| Some(PersonId(word.strip_prefix(PERSON)?.parse().ok()?)))
}

/// The positions in a message; anything else, perhaps from a newer node, is skipped.
pub(super) fn positions(message: &str) -> impl Iterator<Item = (AuctionId, u64)> {
    message.split(' ').filter_map(|position| {
        let (auction, seq) = position.split_once(':')?;
        Some((AuctionId(auction.parse().ok()?), seq.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auction(name: u128) -> AuctionId {
        AuctionId(Uuid::from_u128(name))
    }

    #[test]
    fn an_auction_that_grew_often_is_told_of_once_with_its_last_position() {
        let peers = NodeNotifier::default();
        for (name, seq) in [(1, 7), (2, 1), (1, 9), (1, 8)] {
            peers.notify(auction(name), seq);
        }
        assert_eq!(peers.take(), [(auction(1), 9), (auction(2), 1)]);
        assert_eq!(peers.take(), []);
    }

    #[test]
    fn a_message_holds_no_more_than_postgresql_takes() {
        let peers = NodeNotifier::default();
        for name in 0..250 {
            peers.notify(auction(name), u64::MAX);
        }
        let first = peers.take();
        for name in 0..70 {
            peers.notify_changed(PersonId(Uuid::from_u128(name)));
        }
        let changed = peers.take_changed();
        let said = message(Uuid::from_u128(9), &first, &changed);
        assert!(said.len() < 8_000, "{} bytes", said.len());
        assert_eq!(positions(&said).collect::<Vec<_>>(), first);
        assert_eq!(people(&said, Uuid::nil()).collect::<Vec<_>>(), changed);
        assert_eq!((changed.len(), peers.take_changed().len()), (60, 10));
        assert_eq!((first.len(), peers.take().len(), peers.take().len()), (80, 80, 80));
    }

    #[test]
    fn a_node_does_not_hear_itself() {
        let (own, person) = (Uuid::from_u128(9), PersonId(Uuid::from_u128(1)));
        let said = message(own, &[], &[person]);
        assert_eq!(people(&said, own).count(), 0);
        assert_eq!(people(&said, Uuid::from_u128(8)).collect::<Vec<_>>(), [person]);
    }

    #[test]
    fn what_is_no_position_is_passed_over() {
        let id = auction(3);
        let message = format!("x {id} {id}: :1 {id}:-1 {id}:4 session:abc ");
        assert_eq!(positions(&message).collect::<Vec<_>>(), [(id, 4)]);
    }
}
