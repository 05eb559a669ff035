//! Who is told that an auction's log has grown.

use toruk_sync::domain::id::AuctionId;

/// Told after each commit; must not wait or fail. A call that is lost, or comes twice, changes
/// nothing but when a follower reads the log.
pub trait LogGrowth: Send + Sync + 'static {
    /// The log of `auction` has `seq` records now.
    fn grown(&self, auction: AuctionId, seq: u64);
}
