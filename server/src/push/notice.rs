//! Notices before they become pushes to phones: for one person, and for an auction's participants.

use serde::{Deserialize, Serialize};
use toruk_sync::domain::id::{AuctionId, BidderNo, PersonId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::time::Timestamp;

/// A notice to one person.
#[derive(Debug, Clone, Copy)]
pub struct PersonNotice {
    pub person: PersonId,
    pub kind: NoticeKind,
    pub auction: AuctionId,
    /// Length of the auction's log at this time.
    pub seq: u64,
    /// The notice is useless at this moment or later.
    pub expires_at: Timestamp,
}

/// A notice to all participants of an auction but one, before it is one for each.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GroupNotice {
    pub kind: NoticeKind,
    pub auction: AuctionId,
    /// As [`PersonNotice::seq`].
    pub seq: u64,
    /// As [`PersonNotice::expires_at`].
    pub expires_at: Timestamp,
    /// The participant who gets none.
    pub except: Option<BidderNo>,
}
