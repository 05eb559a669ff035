//! Wakes the tails of auctions whose log has grown.
//!
//! Passes on positions, not data: a tail reads the log. A lost or repeated wake-up changes only
//! when it reads.

use super::tail::Tail;
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use toruk_sync::domain::id::AuctionId;

/// The tails of all auctions that are followed on this node. A tail lives as long as it has a
/// follower.
#[derive(Default)]
pub struct Hub {
    tails: Mutex<HashMap<AuctionId, Weak<Tail>>>,
}

impl Hub {
    /// Tells followers that the log has grown to `seq` records. May be called from any thread.
    pub fn publish(&self, auction: AuctionId, seq: u64) {
        if let Some(tail) = self.tail(auction) {
            tail.grown(seq);
        }
    }

    /// The tail of an auction, if it has a follower.
    pub(super) fn tail(&self, auction: AuctionId) -> Option<Arc<Tail>> {
        lock(&self.tails).get(&auction).and_then(Weak::upgrade)
    }

    /// Stores a new tail and returns it, or returns the one that another request stored first.
    pub(super) fn keep(&self, new: Arc<Tail>) -> Arc<Tail> {
        let mut tails = lock(&self.tails);
        if let Some(known) = tails.get(&new.auction).and_then(Weak::upgrade) {
            return known;
        }
        tails.retain(|_, tail| tail.strong_count() > 0);
        tails.insert(new.auction, Arc::downgrade(&new));
        new
    }

    /// All tails that have a follower.
    pub(super) fn tails(&self) -> Vec<Arc<Tail>> {
        lock(&self.tails).values().filter_map(Weak::upgrade).collect()
    }
}
