//! The refusals of the auction's service, without HTTP.

use crate::catalogue;
use crate::db::StoreError;
use crate::identity::{self, NotConfirmed};
use crate::pdf::PaperError;
use crate::signature::cms::SignatureRefusal;
use toruk_sync::domain::auction::Rejection;
use toruk_sync::domain::time::Timestamp;

/// The reasons of a rejection by the auction service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// None of the caller's roles allows this.
    #[error("forbidden")]
    Forbidden,
    /// The person takes no part in this auction.
    #[error("not a participant")]
    NotParticipant,
    /// The account was recovered, and its new key places no bid before this moment.
    #[error("a recovered key places no bid yet")]
    KeyCooldown(Timestamp),
    /// A rule was violated.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The lot is in another auction that is not over.
    #[error("the lot is in another auction")]
    LotInUse,
    /// The lot's holder is not recorded yet.
    #[error("the lot's holder is not known")]
    HolderUnknown,
    /// The lot has another holder than when the draft was made.
    #[error("the lot's holder has changed")]
    HolderChanged,
    /// A correction that changes nothing.
    #[error("nothing is corrected")]
    NothingToCorrect,
    /// The lot or a document can't be published.
    #[error(transparent)]
    Catalogue(#[from] catalogue::Error),
    /// The signature is invalid.
    #[error("the signature does not hold")]
    BadSignature,
    /// The signature by certificate is refused.
    #[error(transparent)]
    Signature(#[from] SignatureRefusal),
    /// The confirmation by eID was used, or its time has passed.
    #[error("the confirmation has expired")]
    ConfirmationExpired,
    /// The auction's rules do not accept this way of confirming.
    #[error("this way of confirming is not accepted")]
    MethodNotAccepted,
    /// The id belongs to another bid.
    #[error("this id stands for another bid")]
    IdReused,
    /// A bid's id is not a time-ordered one.
    #[error("a bid's id must be a UUID of version 7")]
    OddId,
    /// Too many bids wait; nothing was decided.
    #[error("busy")]
    Busy,
    /// The node has paused, and the pause is not accounted for yet; nothing was decided.
    #[error("paused")]
    Paused,
    /// The outcome is unknown; ask again with the same id.
    #[error("the outcome is not known")]
    Unknown,
    /// The official must not decide here; the conflict is recorded.
    #[error("conflict of interest: {}", .0.key())]
    Conflict(identity::Conflict),
    /// The signer's keys could not be read.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// An official protocol could not be made.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// A statement or commit failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<identity::Forbidden> for Error {
    fn from(_: identity::Forbidden) -> Self {
        Self::Forbidden
    }
}

impl From<NotConfirmed> for Error {
    fn from(fault: NotConfirmed) -> Self {
        match fault {
            NotConfirmed::Passkey(_) => Self::BadSignature,
            NotConfirmed::Certificate(refusal) => Self::Signature(refusal),
            NotConfirmed::Expired => Self::ConfirmationExpired,
            NotConfirmed::Identity(error) => Self::Identity(error),
        }
    }
}

impl Error {
    /// Returns `true` if the rules rejected the request and nothing failed.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Rejected(_))
    }
}
