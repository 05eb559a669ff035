//! Wakes everybody who follows logs: on this node through the hub, on other nodes through the
//! notifier.

use super::hub::Hub;
use super::node_notifier::NodeNotifier;
use crate::auction::LogGrowth;
use toruk_sync::domain::id::AuctionId;
use uuid::Uuid;

/// Called by the bid path after each commit. Waking costs no I/O: tails and the notifier's task do
/// the reading and sending.
pub struct Followers {
    pub(super) hub: Hub,
    pub(super) notifier: NodeNotifier,
}

impl Followers {
    /// For the node of this name, by which it recognises its own messages.
    pub fn new(node: Uuid) -> Self {
        Self { hub: Hub::default(), notifier: NodeNotifier::new(node) }
    }
}

impl LogGrowth for Followers {
    fn grown(&self, auction: AuctionId, seq: u64) {
        self.hub.publish(auction, seq);
        self.notifier.notify(auction, seq);
    }
}
