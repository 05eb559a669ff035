//! The auction: its states, the commands that change it, and the events that record it.
//!
//! Owns the transitions A1–A19 and the order in which time triggers them. The live part is in
//! [`self::bidding`], the winner's part in [`self::award`]. The only personal data are officials'
//! ids and bidders' numbers: the log is public, and no bidder's name may enter it.
//!
//! # Why a close waits for `drain`
//! A bid is in time by its receive stamp, but decided a little later. The close is therefore
//! written no earlier than `deadline + drain`, and a bid stamped in time but still queued is
//! decided before it. A tick that comes later changes nothing: [`apply`] rejects a bid by its
//! stamp, not by whether the close was written.

use self::lifecycle::administer;
pub mod award;
pub mod bidding;
mod calendar;
mod command;
mod edition;
mod event;
mod lifecycle;
mod offer;
mod outage;
pub mod pace;
mod paper;
mod suspension;
#[cfg(test)]
mod tests;

use self::award::{Award, AwardStatus};
use self::bidding::{BidRejection, Round};
use super::id::{AuctionId, BidderNo, LotId, OrganisationId, PersonId};
use super::money::Tyiyn;
use super::rules::RuleProfile;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

pub use self::calendar::CALENDAR_DAYS_MAX;
pub(in crate::domain) use self::command::checked_reason;
pub use self::command::{Command, DualApproval, REASON_CHARS_MAX, Rejection};
pub use self::edition::{Edition, TermChange, editions};
pub use self::event::{Event, evolve};
pub use self::lifecycle::{programmed_value, successor};
pub use self::offer::{ObjectOfPrice, Offer, OfferFault, Terms, freeze};
pub use self::outage::{Outage, after_outages, outages_from};
pub use self::paper::{
    KeptProtocol, PAPER_BYTES_MAX, PAPERS_MAX, PROTOCOLS_MAX, ProtocolFile, ProtocolSignature,
    ProtocolSubject,
};
pub use self::suspension::{SuspendedBy, Suspension, SuspensionCause};

/// The status of an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AuctionStatus))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written by the organiser.
    Draft,
    /// In review by a second person.
    Review,
    /// Published; the terms may still be corrected.
    Rectification,
    /// Published; applications are accepted.
    Tendering,
    /// The participants are known; bidding has not started.
    Waiting,
    /// Bidding is open to the participants.
    Bidding,
    /// The winner must confirm.
    Qualification,
    /// The winner confirmed; the contract is awaited.
    Awarded,
    /// The contract is signed.
    Complete,
    /// Ended without a sale; see [`Failure`].
    Unsuccessful,
    /// Cancelled by a decision of two officials.
    Cancelled,
}

/// The reason why an auction ended without a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// No eligible application at the close of applications.
    NoApplications,
    /// Fewer eligible applications than the rules require.
    InsufficientParticipants,
    /// Nobody raised the price by even one step (manual, step 24).
    NoFirstOffer,
    /// The winner refused or did not confirm in time.
    WinnerDefault,
    /// No contract was concluded.
    ContractNotConcluded,
}

/// The party at fault for a missing contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContractFault {
    /// The winner, whose deposit may be forfeited.
    Bidder,
    /// The seller, or nobody.
    Other,
}

/// A participant's public commitment: `SHA-256(salt ‖ application id)`, hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Commitment(pub String);

/// The data with which an auction is created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Birth {
    /// The id of this attempt.
    pub id: AuctionId,
    /// The lot to be sold or leased.
    pub lot: LotId,
    /// The organisation that holds the lot on its balance.
    pub lot_holder: OrganisationId,
    /// The organisation that runs the auction.
    pub procuring_entity: OrganisationId,
    /// A copy of the rules.
    pub rules: RuleProfile,
    /// The proposal, kept current.
    pub offer: Offer,
    /// The official who wrote it.
    pub author: PersonId,
    /// The number of the attempt: 1, or one more than the predecessor's.
    pub attempt: u32,
    /// The failed attempt before this one.
    pub previous: Option<AuctionId>,
    /// The id of the first attempt.
    pub root: AuctionId,
    /// The lowest allowed start price; absent on a first attempt.
    pub value_min: Option<Tyiyn>,
    /// The start price that the rules' programme sets for this attempt; absent where it sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_set: Option<Tyiyn>,
}

/// An auction: the fold of its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Auction {
    /// The data with which it was created; the offer is kept current.
    pub birth: Birth,
    /// The status after the last event.
    pub status: Status,
    /// Frozen amounts and moments; set from publication on.
    pub terms: Option<Terms>,
    /// The version of the terms; an application names the one it was signed for.
    pub version: u64,
    /// The official who submitted it for review; another one must publish it.
    pub submitted_by: Option<PersonId>,
    /// Commitments in order of bidder number (number 1 first); empty before the roster is frozen.
    pub participants: Vec<Commitment>,
    /// The live part; set from the opening on and kept after the close.
    pub round: Option<Round>,
    /// The suspension, while the clock is stopped.
    pub suspension: Option<Suspension>,
    /// The latest end of bidding: the rules' own, moved by as long as the clock was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard_stop: Option<Timestamp>,
    /// The announced moment of the last resumption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_at: Option<Timestamp>,
    /// Incremented by each resumption; a bid names the epoch in which it was made.
    pub epoch: u32,
    /// Each bidder's last accepted amount.
    pub best: BTreeMap<BidderNo, Tyiyn>,
    /// Each bidder's last receive stamp in the log, of an accepted or rejected bid. No rule reads
    /// it any more; phones of earlier versions expect it.
    pub attempted_at: BTreeMap<BidderNo, Timestamp>,
    /// The reasons for which the running window's log has a rejection of each bidder. A repetition
    /// is not logged again before the next raise or resumption.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<BidderNo, Vec<BidRejection>>,
    /// The last receive stamp; the next one must be later.
    pub stamped_at: Option<Timestamp>,
    /// The winners proposed so far, the latest last.
    pub awards: Vec<Award>,
    /// The deadline for signing the contract.
    pub contract_by: Option<Timestamp>,
    /// The reason why it failed, if it did.
    pub failure: Option<Failure>,
    /// The attempt that followed this one.
    pub successor: Option<AuctionId>,
    /// The calendar of working days, if it was changed after the creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<BTreeSet<String>>,
    /// The moment from which the working days for the contract count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_from: Option<Timestamp>,
    /// The moment of the contract, if instalments count from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_at: Option<Timestamp>,
    /// The official protocols, in the order in which they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocols: Vec<KeptProtocol>,
}

/// Creates a draft: the start of a log.
pub fn create(birth: Birth) -> (Auction, Vec<Event>) {
    (born(birth.clone()), vec![Event::Created { birth }])
}

/// Decides a command and folds the resulting events.
///
/// `now` is the time of the decision; for [`Command::PlaceBid`] it is the bid's receive stamp. A
/// [`Command::Tick`] with nothing due gives no events.
///
/// # Errors
/// [`Rejection`], with the auction unchanged.
pub fn apply(
    auction: &Auction,
    command: &Command,
    now: Timestamp,
) -> Result<(Auction, Vec<Event>), Rejection> {
    let events = match command {
        Command::Tick { roster } => return Ok(lifecycle::tick(auction, roster, now)),
        Command::PlaceBid(bid) => {
            vec![bidding::place(auction, bid, now).map_err(Rejection::Bid)?]
        }
        Command::ConfirmAward { bidder, protocol } => {
            vec![award::confirm(auction, *bidder, protocol, now)?]
        }
        Command::RefuseAward { bidder } => award::refuse(auction, *bidder, now)?,
        Command::DisqualifyWinner { by, reason, document } => {
            award::disqualify(auction, *by, reason, document, now)?
        }
        Command::SignContract { by, document } => {
            vec![award::sign_contract(auction, *by, document, now)?]
        }
        Command::ChangeCalendar { by, holidays } => {
            vec![calendar::change(auction, *by, holidays)?]
        }
        Command::KeepProtocol { of, files } => vec![paper::keep(auction, *of, files)?],
        Command::SignProtocol { of, by, document } => {
            vec![paper::sign(auction, *of, *by, document)?]
        }
        Command::FailContract { by, fault } => award::fail_contract(auction, *by, *fault)?,
        Command::Suspend { by, cause, since } => {
            vec![suspension::suspend(auction, *by, *cause, *since, now)?]
        }
        Command::AnnounceResume { by, at } => {
            vec![suspension::announce_resume(auction, *by, *at, now)?]
        }
        administrative => vec![administer(auction, administrative, now)?],
    };
    Ok((events.iter().fold(auction.clone(), evolve), events))
}

impl Auction {
    /// The time at which a [`Command::Tick`] is due next; `None` if only a person can change the
    /// auction. This is the whole interface to timers.
    ///
    /// A missed contract does not end the auction automatically: the fate of the deposit depends on
    /// whose fault it was, and a person has to record that (A16).
    pub fn wake_at(&self) -> Option<Timestamp> {
        if let Some(suspension) = &self.suspension {
            return suspension.resume_at;
        }
        let terms = self.terms.as_ref()?;
        let drain = self.birth.rules.drain;
        match self.status {
            Status::Rectification => Some(terms.rectification_end),
            Status::Tendering => Some(terms.tender_end + drain),
            Status::Waiting => Some(terms.start),
            Status::Bidding => self.closes_at().map(|deadline| deadline + drain),
            Status::Qualification => self.pending_award().map(|award| award.confirm_by + drain),
            _ => None,
        }
    }

    /// The end of the running window: the deadline, or the hard stop if that is earlier.
    pub fn closes_at(&self) -> Option<Timestamp> {
        let deadline = self.round?.deadline;
        Some(self.hard_stop.map_or(deadline, |stop| stop.min(deadline)))
    }

    /// The award of a winner who gets the lot, or may get it: proposed, confirmed or with a contract.
    /// An auction that is cancelled, or ends without a contract, leaves its last award as it was.
    pub fn standing_award(&self) -> Option<&Award> {
        let stands =
            matches!(self.status, Status::Qualification | Status::Awarded | Status::Complete);
        let lost = |award: &Award| matches!(award.status, AwardStatus::Unsuccessful { .. });
        self.awards.last().filter(|award| stands && !lost(award))
    }

    /// The award that waits for the winner's confirmation.
    pub fn pending_award(&self) -> Option<&Award> {
        self.standing_award().filter(|award| award.status == AwardStatus::Pending)
    }

    /// The current price, or the start price before the first offer.
    pub fn price(&self) -> Tyiyn {
        self.round.map_or(self.birth.offer.value, |round| round.price)
    }

    /// Returns `true` if outsiders may see it: never before publication.
    pub fn is_public(&self) -> bool {
        self.terms.is_some()
    }

    /// Returns `true` if the lot was offered to the sole applicant, without bidding (A20).
    pub fn has_sole_applicant(&self) -> bool {
        self.round.is_none() && !self.awards.is_empty()
    }

    /// Returns `true` once no participant can be excluded by a moderator alone any more: bidding
    /// opened, there is an award, or it is over.
    pub fn has_begun(&self) -> bool {
        self.round.is_some() || !self.awards.is_empty() || self.is_over()
    }

    /// Returns `true` if nothing can happen any more, except a relaunch.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Status::Complete | Status::Unsuccessful | Status::Cancelled)
    }

    /// The stamp of a request that arrived at `clock`: later than every stamp before it.
    pub fn receive(&self, clock: Timestamp) -> Timestamp {
        self.stamped_at.map_or(clock, |last| clock.max(last + Timestamp::TICK))
    }

    pub(super) fn stamp(&mut self, bidder: BidderNo, at: Timestamp) {
        self.attempted_at.insert(bidder, at);
        self.stamped_at = Some(self.stamped_at.map_or(at, |last| last.max(at)));
    }
}

pub(super) fn born(birth: Birth) -> Auction {
    Auction {
        hard_stop: birth.rules.hard_stop,
        birth,
        status: Status::Draft,
        terms: None,
        version: 0,
        submitted_by: None,
        participants: Vec::new(),
        round: None,
        suspension: None,
        resumed_at: None,
        epoch: 0,
        best: BTreeMap::new(),
        attempted_at: BTreeMap::new(),
        refused: BTreeMap::new(),
        stamped_at: None,
        awards: Vec::new(),
        contract_by: None,
        failure: None,
        successor: None,
        calendar: None,
        contract_from: None,
        contract_at: None,
        protocols: Vec::new(),
    }
}
