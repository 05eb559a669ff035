//! Commands to an auction, and the reasons for rejecting them.

use super::super::id::{AuctionId, BidderNo, PersonId};
use super::super::lot::SealedLot;
use super::super::time::Timestamp;
use super::bidding::{Bid, BidRejection};
use super::offer::{Offer, OfferFault};
use super::paper::{ProtocolFile, ProtocolSubject};
use super::suspension::{SuspendedBy, SuspensionCause};
use crate::domain::auction::{Commitment, ContractFault};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest reason that an official may give, in characters.
pub const REASON_CHARS_MAX: usize = 1_000;

/// The consent of two officials: one proposed, another approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DualApproval {
    /// The official who proposed it.
    pub proposed: PersonId,
    /// The official who approved it.
    pub approved: PersonId,
}

impl DualApproval {
    pub(in crate::domain) fn check(self) -> Result<Self, Rejection> {
        if self.proposed == self.approved {
            return Err(Rejection::SecondPersonNeeded);
        }
        Ok(self)
    }
}

/// A command to an auction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Change a draft's proposal.
    Edit {
        /// The official who edits.
        by: PersonId,
        /// The whole new proposal.
        offer: Offer,
    },
    /// Hand a draft over to the second person.
    Submit {
        /// The official who submits.
        by: PersonId,
    },
    /// Return a draft to its author.
    Return {
        /// The official who reviewed it.
        by: PersonId,
        /// The reason, for the author.
        reason: String,
    },
    /// Publish the auction (A1).
    Publish {
        /// The official who approved it.
        by: PersonId,
        /// The number of the lot's documents; at least one is needed.
        documents: u32,
        /// The lot as it is published; `None` only in logs of earlier versions.
        lot: Option<SealedLot>,
    },
    /// Correct what was published (A2).
    Amend {
        /// The official who proposed the correction.
        by: PersonId,
        /// The official who approved it; `None` only in logs of earlier versions.
        approved: Option<PersonId>,
        /// The whole new proposal.
        offer: Offer,
        /// The whole lot after the correction; `None` only in logs of earlier versions.
        lot: Option<SealedLot>,
    },
    /// Apply everything that is due by time. It may come late, repeatedly or not at all.
    Tick {
        /// The commitments of the eligible participants, already shuffled; read only when
        /// applications close.
        roster: Vec<Commitment>,
    },
    /// Place a bid; `now` is its receive stamp.
    PlaceBid(Bid),
    /// Suspend the auction: stop its clock (§5.8).
    Suspend {
        /// The source of the decision.
        by: SuspendedBy,
        /// The cause of the suspension.
        cause: SuspensionCause,
        /// The first moment at which bids were impossible; not in the future.
        since: Timestamp,
    },
    /// Announce the resumption.
    AnnounceResume {
        /// Two different operators.
        by: DualApproval,
        /// The moment of resumption.
        at: Timestamp,
    },
    /// Confirm the award by the winner's signature under the protocol (A12). The caller has
    /// verified the signature.
    ConfirmAward {
        /// The number of the bidder who confirms.
        bidder: BidderNo,
        /// Hash of the protocol's canonical bytes, in hex.
        protocol: String,
    },
    /// Refuse the award, by the winner.
    RefuseAward {
        /// The number of the bidder who refuses.
        bidder: BidderNo,
    },
    /// Exclude the proposed winner (A13, A14).
    DisqualifyWinner {
        /// Two different officials, by consent.
        by: DualApproval,
        /// The reason, for the record.
        reason: String,
        /// Hash of the document that justifies it, in hex.
        document: String,
    },
    /// Record the signed contract (A15).
    SignContract {
        /// The official who records it.
        by: PersonId,
        /// Hash of the contract, in hex.
        document: String,
    },
    /// Record that no contract was concluded (A16).
    FailContract {
        /// The official who records it.
        by: PersonId,
        /// The party at fault.
        fault: ContractFault,
    },
    /// Cancel the auction by decision (A17, A18).
    Cancel {
        /// Two different officials, by consent.
        by: DualApproval,
        /// The reason, for the record.
        reason: String,
        /// Hash of the document that justifies it, in hex.
        document: String,
    },
    /// Record that a successor was created (A19).
    Relaunch {
        /// The official who relaunched it.
        by: PersonId,
        /// The id of the new attempt.
        successor: AuctionId,
    },
    /// Take over the calendar of working days.
    ChangeCalendar {
        /// The two officials who changed it.
        by: DualApproval,
        /// The whole calendar ([`crate::domain::rules::RuleProfile::holidays`]).
        holidays: BTreeSet<String>,
    },
    /// Keep the files of the protocol that is due.
    KeepProtocol {
        /// The decision that it is about.
        of: ProtocolSubject,
        /// The files, one in each language.
        files: Vec<ProtocolFile>,
    },
    /// Sign the protocol of the decision that stands. The caller has verified the signature.
    SignProtocol {
        /// The decision that it is about.
        of: ProtocolSubject,
        /// The official who signs for the organiser.
        by: PersonId,
        /// Hash of the signed bytes, in hex.
        document: String,
    },
}

/// The reason why a command was rejected. Expected; never logged as an error.
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

/// A reason without surrounding white space.
pub(in crate::domain) fn checked_reason(reason: &str) -> Result<String, Rejection> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Rejection::ReasonNeeded);
    }
    Ok(reason.to_owned())
}
