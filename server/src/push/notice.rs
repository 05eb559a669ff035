//! A notice for one person, before it becomes pushes to their phones.

use toruk_sync::domain::id::{AuctionId, PersonId};
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
