//! The callback for auctions whose log has grown.

use toruk_sync::domain::id::AuctionId;

/// Called after each commit; must not wait or fail. A lost or repeated call changes only when a
/// follower reads the log.
pub trait LogGrowth: Send + Sync + 'static {
    /// The log of `auction` now has `seq` records.
    fn grown(&self, auction: AuctionId, seq: u64);
}
