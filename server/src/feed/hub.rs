//! Wakes followers of an auction when its log has grown.
//!
//! Carries a position, no data: a follower reads the log. A wake-up that is lost, or comes twice,
//! changes nothing but when he reads.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;
use toruk_sync::domain::id::AuctionId;

/// Wakes followers.
#[derive(Default)]
pub struct Hub {
    auctions: Mutex<HashMap<AuctionId, watch::Sender<u64>>>,
}

impl Hub {
    /// A receiver of the log's length. Subscribe first, then read: nothing falls between.
    pub fn follow(&self, auction: AuctionId) -> watch::Receiver<u64> {
        let mut auctions = self.auctions.lock().unwrap_or_else(PoisonError::into_inner);
        auctions.retain(|_, sender| sender.receiver_count() > 0);
        auctions.entry(auction).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// Tells followers that the log is `seq` long now.
    pub fn publish(&self, auction: AuctionId, seq: u64) {
        let auctions = self.auctions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = auctions.get(&auction) {
            sender.send_if_modified(|known| {
                let grown = seq > *known;
                *known = seq.max(*known);
                grown
            });
        }
    }
}
