//! The content of a push: a hint. The phone asks the server before it shows anything.

use crate::domain::id::{AuctionId, PersonId};
use crate::domain::notice::NoticeKind;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A hint that something concerns the person. It has no name, and no price that could be out of
/// date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushHint {
    /// The subject of the notice.
    pub kind: NoticeKind,
    /// The person for whose phone it is meant.
    pub person: PersonId,
    /// The auction's id.
    pub auction: AuctionId,
    /// The number of records of the log when it was sent.
    pub seq: u64,
    /// The moment from which it is of no use.
    pub expires_at: Timestamp,
    /// The server's time when it was sent.
    pub server_time: Timestamp,
}
