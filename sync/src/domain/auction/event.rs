//! Events of an auction, and folding them into its state.

use super::super::id::{AuctionId, BidId, BidderNo, PersonId};
use super::super::lot::PublishedLot;
use super::super::money::Tyiyn;
use super::super::time::{TimeSpan, Timestamp};
use super::award::{self, Award, LapseReason};
use super::bidding::{Basis, BidRejection, Round};
use super::command::DualApproval;
use super::offer::{Offer, Terms};
use super::paper::{self, ProtocolFile, ProtocolSubject};
use super::suspension::{self, SuspendedBy, SuspensionCause};
use crate::domain::auction::{Auction, Birth, Commitment, ContractFault, Failure, Status, born};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An event. The log is a list of these; they are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each field is the command's or the state's of the same name.
#[allow(clippy::large_enum_variant)] // A log is read one entry at a time.
pub enum Event {
    Created {
        birth: Birth,
    },
    Edited {
        by: PersonId,
        offer: Offer,
    },
    Submitted {
        by: PersonId,
    },
    Returned {
        by: PersonId,
        reason: String,
    },
    Published {
        by: PersonId,
        terms: Terms,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lot: Option<PublishedLot>,
    },
    /// `by` proposed it; both people are named unless an earlier version wrote it.
    Amended {
        by: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved: Option<PersonId>,
        offer: Offer,
        terms: Terms,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lot: Option<PublishedLot>,
    },
    TenderingOpened,
    /// Participants are frozen; the position in the list plus one is the bidder's number.
    TenderingClosed {
        participants: Vec<Commitment>,
    },
    BiddingOpened {
        deadline: Timestamp,
    },
    BidPlaced {
        bid: BidId,
        bidder: BidderNo,
        amount: Tyiyn,
        outbid: Option<BidderNo>,
        received_at: Timestamp,
        deadline: Timestamp,
    },
    /// Contains the whole bid, so that any reader of the log can decide it again.
    BidRefused {
        bid: BidId,
        bidder: BidderNo,
        epoch: u32,
        basis: Basis,
        amount: Tyiyn,
        reason: BidRejection,
        received_at: Timestamp,
    },
    Suspended {
        by: SuspendedBy,
        cause: SuspensionCause,
        since: Timestamp,
    },
    ResumeAnnounced {
        by: DualApproval,
        at: Timestamp,
    },
    /// `deadline` is the new end of the running window; absent if bidding had not opened.
    /// `hard_stop` is the new moment of the rules' hard stop, if there is one.
    Resumed {
        deadline: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hard_stop: Option<Timestamp>,
    },
    BiddingClosed {
        deadline: Timestamp,
    },
    AwardProposed {
        award: Award,
    },
    AwardConfirmed {
        bidder: BidderNo,
        protocol: String,
        contract_by: Timestamp,
        /// The moment from which working days count, if the rules count them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contract_from: Option<Timestamp>,
    },
    AwardLapsed {
        bidder: BidderNo,
        reason: LapseReason,
    },
    /// Precedes the lapse that follows from it.
    WinnerDisqualified {
        by: DualApproval,
        reason: String,
        document: String,
    },
    ContractSigned {
        by: PersonId,
        document: String,
        /// The moment from which the months of instalments count, if the rules have them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    ContractFailed {
        by: PersonId,
        fault: ContractFault,
    },
    Failed {
        reason: Failure,
    },
    Cancelled {
        by: DualApproval,
        reason: String,
        document: String,
    },
    Relaunched {
        by: PersonId,
        successor: AuctionId,
    },
    /// Days off were moved; a deadline for the contract that counts working days moves with them,
    /// and never back.
    CalendarChanged {
        by: DualApproval,
        holidays: BTreeSet<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contract_by: Option<Timestamp>,
    },
    /// The protocol of a decision was made; nothing replaces its files.
    ProtocolKept {
        of: ProtocolSubject,
        files: Vec<ProtocolFile>,
    },
    /// The organiser signed it.
    ProtocolSigned {
        of: ProtocolSubject,
        by: PersonId,
        document: String,
    },
}

/// Folds one event into the state. Folding can't fail.
#[must_use]
pub fn evolve(mut auction: Auction, event: &Event) -> Auction {
    match event {
        Event::Created { birth } => return born(birth.clone()),
        Event::Edited { offer, .. } => auction.birth.offer = offer.clone(),
        Event::Submitted { by } => {
            auction.status = Status::Review;
            auction.submitted_by = Some(*by);
        }
        Event::Returned { .. } => auction.status = Status::Draft,
        Event::Published { terms, .. } => {
            auction.status = match auction.birth.rules.rectification > TimeSpan::ZERO {
                true => Status::Rectification,
                false => Status::Tendering,
            };
            (auction.terms, auction.version) = (Some(terms.clone()), 1);
        }
        Event::Amended { offer, terms, .. } => {
            auction.birth.offer = offer.clone();
            auction.terms = Some(terms.clone());
            auction.version = auction.version.saturating_add(1);
        }
        Event::TenderingOpened => auction.status = Status::Tendering,
        Event::TenderingClosed { participants } => {
            auction.status = Status::Waiting;
            auction.participants = participants.clone();
        }
        Event::BiddingOpened { deadline } => {
            auction.status = Status::Bidding;
            let price = auction.birth.offer.value;
            auction.round = Some(Round::open(price, *deadline));
        }
        Event::BidPlaced { bidder, amount, received_at, deadline, .. } => {
            auction.round = auction.round.map(|round| round.raised(*bidder, *amount, *deadline));
            auction.best.insert(*bidder, *amount);
            auction.refused.clear();
            auction.stamp(*bidder, *received_at);
        }
        Event::BidRefused { bidder, reason, received_at, .. } => {
            auction.refused.entry(*bidder).or_default().push(*reason);
            auction.stamp(*bidder, *received_at);
        }
        Event::Suspended { .. } | Event::ResumeAnnounced { .. } | Event::Resumed { .. } => {
            suspension::evolve(&mut auction, event);
        }
        Event::BiddingClosed { .. } => auction.status = Status::Qualification,
        Event::AwardProposed { .. }
        | Event::AwardConfirmed { .. }
        | Event::AwardLapsed { .. }
        | Event::ContractSigned { .. } => {
            award::evolve(&mut auction, event);
        }
        Event::WinnerDisqualified { .. } | Event::ContractFailed { .. } => {}
        Event::Failed { reason } => {
            (auction.status, auction.failure) = (Status::Unsuccessful, Some(*reason));
        }
        Event::Cancelled { .. } => {
            auction.status = Status::Cancelled;
            auction.suspension = None;
        }
        Event::Relaunched { successor, .. } => auction.successor = Some(*successor),
        Event::CalendarChanged { holidays, contract_by, .. } => {
            auction.calendar = Some(holidays.clone());
            auction.contract_by = contract_by.or(auction.contract_by);
        }
        Event::ProtocolKept { .. } | Event::ProtocolSigned { .. } => {
            paper::evolve(&mut auction, event);
        }
    }
    auction
}
