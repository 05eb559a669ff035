//! What a push carries: a hint. The phone asks the server before it shows anything.

use crate::domain::id::{AuctionId, PersonId};
use crate::domain::notice::NoticeKind;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A hint that something concerns the person. Carries no name, no price that could be stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushHint {
    /// What about.
    pub kind: NoticeKind,
    /// Whose phone it is meant for.
    pub person: PersonId,
    /// Which auction.
    pub auction: AuctionId,
    /// The log's length when it was sent.
    pub seq: u64,
    /// Of no use at this moment or later.
    pub expires_at: Timestamp,
    /// The server's time when it was sent.
    pub server_time: Timestamp,
}
