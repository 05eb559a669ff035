//! What may be asked of an auction, and why it may be refused.

use super::super::id::{AuctionId, BidderNo, PersonId};
use super::super::time::Timestamp;
use super::bidding::{Bid, BidRejection};
use super::offer::{Offer, OfferFault};
use super::suspension::{SuspendedBy, SuspensionCause};
use crate::domain::auction::{Commitment, ContractFault};
use serde::{Deserialize, Serialize};

/// Longest reason an official may give, in characters.
pub const REASON_CHARS_MAX: usize = 1_000;

/// One proposed, another approved: no single official can do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DualApproval {
    /// Who proposed it.
    pub proposed: PersonId,
    /// Who approved it.
    pub approved: PersonId,
}

impl DualApproval {
    pub(super) fn check(self) -> Result<Self, Rejection> {
        if self.proposed == self.approved {
            return Err(Rejection::SecondPersonNeeded);
        }
        Ok(self)
    }
}

/// What may be asked of an auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Change a draft's proposal.
    Edit {
        /// The official.
        by: PersonId,
        /// The new proposal.
        offer: Offer,
    },
    /// Hand a draft to the second person.
    Submit {
        /// The official.
        by: PersonId,
    },
    /// Give it back with a reason.
    Return {
        /// The second person.
        by: PersonId,
        /// Why.
        reason: String,
    },
    /// Publish it (A1).
    Publish {
        /// The second person.
        by: PersonId,
        /// How many documents the lot has; at least one is needed.
        documents: u32,
    },
    /// Mend published terms (A2).
    Amend {
        /// The official.
        by: PersonId,
        /// The new proposal.
        offer: Offer,
    },
    /// Let due time pass. May come late, twice or never on time.
    Tick {
        /// Commitments of those eligible, already shuffled; read only when applications close.
        roster: Vec<Commitment>,
    },
    /// A bid; `now` is its receive stamp.
    PlaceBid(Bid),
    /// Stop the clock (§5.8).
    Suspend {
        /// Who.
        by: SuspendedBy,
        /// Why.
        cause: SuspensionCause,
        /// From when on bids were impossible; not in the future.
        since: Timestamp,
    },
    /// Announce when it goes on.
    AnnounceResume {
        /// Two different operators.
        by: DualApproval,
        /// When.
        at: Timestamp,
    },
    /// The winner confirms the protocol (A12). The signature was verified by the caller.
    ConfirmAward {
        /// Who confirms.
        bidder: BidderNo,
        /// Hash of the protocol's canonical bytes, hex.
        protocol: String,
    },
    /// The winner refuses.
    RefuseAward {
        /// Who refuses.
        bidder: BidderNo,
    },
    /// The proposed winner is excluded (A13, A14).
    DisqualifyWinner {
        /// Two different officials.
        by: DualApproval,
        /// Why.
        reason: String,
        /// Hash of the document it rests on, hex.
        document: String,
    },
    /// The contract is signed (A15).
    SignContract {
        /// The official.
        by: PersonId,
        /// Hash of the contract, hex.
        document: String,
    },
    /// No contract came about (A16).
    FailContract {
        /// The official.
        by: PersonId,
        /// Whose fault.
        fault: ContractFault,
    },
    /// End it by decision (A17, A18).
    Cancel {
        /// Two different officials.
        by: DualApproval,
        /// Why.
        reason: String,
        /// Hash of the document it rests on, hex.
        document: String,
    },
    /// Record that a successor was created (A19).
    Relaunch {
        /// The official.
        by: PersonId,
        /// The new attempt.
        successor: AuctionId,
    },
}

/// Why a command was refused. Expected; never logged as an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum Rejection {
    #[error("this is not possible in the auction's present state")]
    WrongState,
    #[error("a second person has to do this")]
    SecondPersonNeeded,
    #[error("the proposal breaks a rule: {0}")]
    Offer(OfferFault),
    #[error("a reason of reasonable length is needed")]
    ReasonNeeded,
    #[error("it is too late for this")]
    TooLate,
    #[error("the announced time is too soon")]
    ResumeTooSoon,
    #[error("only the proposed winner may do this")]
    NotTheWinner,
    #[error("there is a successor already")]
    AlreadyRelaunched,
    #[error("bid refused")]
    Bid(BidRejection),
}

/// A reason as given, without the white space around it.
pub(in crate::domain) fn checked_reason(reason: &str) -> Result<String, Rejection> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Rejection::ReasonNeeded);
    }
    Ok(reason.to_owned())
}
