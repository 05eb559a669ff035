//! Wakes the tails of auctions whose log has grown.
//!
//! Carries a position, no data: a tail reads the log. A wake-up that is lost, or comes twice,
//! changes nothing but when it reads.

use super::tail::Tail;
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use toruk_sync::domain::id::AuctionId;

/// Knows which auctions are followed on this node. A tail lives as long as somebody follows it.
#[derive(Default)]
pub struct Hub {
    tails: Mutex<HashMap<AuctionId, Weak<Tail>>>,
}

impl Hub {
    /// Tells followers that the log is `seq` long now. May be called from any thread.
    pub fn publish(&self, auction: AuctionId, seq: u64) {
        if let Some(tail) = self.tail(auction) {
            tail.grown(seq);
        }
    }

    /// The tail of an auction that somebody follows.
    pub(super) fn tail(&self, auction: AuctionId) -> Option<Arc<Tail>> {
        lock(&self.tails).get(&auction).and_then(Weak::upgrade)
    }

    /// Keeps a new tail, unless somebody was faster: then his is answered.
    pub(super) fn keep(&self, new: Arc<Tail>) -> Arc<Tail> {
        let mut tails = lock(&self.tails);
        if let Some(known) = tails.get(&new.auction).and_then(Weak::upgrade) {
            return known;
        }
        tails.retain(|_, tail| tail.strong_count() > 0);
        tails.insert(new.auction, Arc::downgrade(&new));
        new
    }

    /// Every tail that somebody follows.
    pub(super) fn tails(&self) -> Vec<Arc<Tail>> {
        lock(&self.tails).values().filter_map(Weak::upgrade).collect()
    }
}
