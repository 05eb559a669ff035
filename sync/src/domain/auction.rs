//! The auction: its states, the commands that move it, the events that are its truth.
//!
//! Owns the transitions A1–A19 and the order in which time moves them. The live part is in
//! [`super::bidding`], the winner's part in [`super::award`]. Knows nothing of people beyond
//! officials' ids and bidders' numbers: the log is public, and no bidder's name may enter it.
//!
//! # Why a close waits for `drain`
//! A bid is in time by its receive stamp, but decided a little later. The close is therefore
//! written no earlier than `deadline + drain`, and a bid stamped in time but still queued is
//! decided before it. A tick that comes later still changes nothing: [`apply`] refuses a bid by
//! its stamp, not by whether the close was written.

use super::award::{self, Award, LapseReason};
use super::bidding::{self, Bid, BidRefusal, Phase, Round};
use super::id::{AuctionId, BidId, BidderNo, LotId, OrganisationId, PersonId};
use super::money::{BasisPoints, Tyiyn};
use super::rules::RuleProfile;
use super::time::{TimeSpan, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest reason an official may give, in characters.
pub const REASON_CHARS_MAX: usize = 1_000;

/// What the price buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ObjectOfPrice {
    /// The thing itself.
    SalePrice,
    /// One year's rent.
    AnnualRent,
    /// The right to conclude a lease.
    LeaseRight,
}

/// What an organiser proposes; may change until publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// What the price buys.
    pub object_of_price: ObjectOfPrice,
    /// Start price.
    pub value: Tyiyn,
    /// One step, of the start price.
    pub step: BasisPoints,
    /// Guarantee deposit, of the start price.
    pub guarantee: BasisPoints,
    /// When bidding opens.
    pub start: Timestamp,
    /// Length of a lease as ISO 8601 (`P3Y`); `None` for a sale.
    pub lease_duration: Option<String>,
}

/// The offer's amounts and moments, frozen at publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terms {
    /// Start price.
    pub value: Tyiyn,
    /// What each raise adds, exactly.
    pub minimal_step: Tyiyn,
    /// What each participant deposits.
    pub guarantee: Tyiyn,
    /// Until when the terms may be mended; equal to the publication when not at all.
    pub rectification_end: Timestamp,
    /// Applications received and deposits paid before this moment count.
    pub tender_end: Timestamp,
    /// When bidding opens.
    pub start: Timestamp,
}

/// Where an auction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written by the organiser.
    Draft,
    /// Waits for a second person's approval.
    Review,
    /// Published; terms may still be mended.
    Rectification,
    /// Applications are taken.
    Tendering,
    /// Participants are known; waits for the start.
    Waiting,
    /// Bidding is open.
    Bidding,
    /// The winner must confirm.
    Qualification,
    /// Confirmed; the contract is awaited.
    Awarded,
    /// The contract is signed.
    Complete,
    /// Ended without a sale.
    Unsuccessful,
    /// Ended by decision.
    Cancelled,
}

/// Why an auction ended without a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Nobody eligible at the close of applications.
    NoApplications,
    /// Fewer eligible than the rules ask.
    InsufficientParticipants,
    /// Nobody raised the price by even one step (manual, step 24).
    NoFirstOffer,
    /// The winner refused or let the time pass.
    WinnerDefault,
    /// No contract was concluded.
    ContractNotConcluded,
}

/// Who stopped the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspendedBy {
    /// The system, after an outage.
    Watchdog,
    /// Two operators.
    Operators(TwoPeople),
}

/// One proposed, another approved: no single official can do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TwoPeople {
    /// Who proposed it.
    pub proposed: PersonId,
    /// Who approved it.
    pub approved: PersonId,
}

impl TwoPeople {
    fn check(self) -> Result<Self, Rejection> {
        if self.proposed == self.approved {
            return Err(Rejection::SecondPersonNeeded);
        }
        Ok(self)
    }
}

/// Why the clock was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SuspensionCause {
    /// The start could not be made in time.
    LateStart,
    /// The service was down across an open window.
    Outage,
    /// A technical fault that operators saw.
    TechnicalFault,
}

/// A stopped clock. While it stands there are no bids and no deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suspension {
    /// From when on bids were impossible.
    pub since: Timestamp,
    /// Why.
    pub cause: SuspensionCause,
    /// The announced moment of resumption.
    pub resume_at: Option<Timestamp>,
}

/// Whose fault it is that no contract was concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContractFault {
    /// The winner's: his deposit may be forfeited.
    Bidder,
    /// The seller's or nobody's.
    Other,
}

/// A participant's public commitment: `SHA-256(salt ‖ application id)`, hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Commitment(pub String);

/// What an auction is born with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Birth {
    /// This attempt.
    pub id: AuctionId,
    /// What is sold.
    pub lot: LotId,
    /// Balance holder.
    pub lot_holder: OrganisationId,
    /// Organiser.
    pub procuring_entity: OrganisationId,
    /// The rules, copied.
    pub rules: RuleProfile,
    /// The proposal.
    pub offer: Offer,
    /// The official who wrote it.
    pub author: PersonId,
    /// 1, or one more than the predecessor's.
    pub attempt: u32,
    /// The failed attempt before this one.
    pub previous: Option<AuctionId>,
    /// The first attempt.
    pub root: AuctionId,
}

/// An auction: the fold of its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Auction {
    /// What it was born with; the offer is kept current.
    pub birth: Birth,
    /// Where it stands.
    pub status: Status,
    /// Frozen amounts and moments; set from publication on.
    pub terms: Option<Terms>,
    /// Version of the terms; an application names the one it was signed for.
    pub version: u64,
    /// Who submitted it for review; must not be who publishes it.
    pub submitted_by: Option<PersonId>,
    /// Commitments in order of bidder number (number 1 first); empty before the roster is frozen.
    pub participants: Vec<Commitment>,
    /// The live part; set from the opening on and kept after the close.
    pub round: Option<Round>,
    /// A stopped clock.
    pub suspension: Option<Suspension>,
    /// Rises with each resumption; a bid names the one it was made in.
    pub epoch: u32,
    /// Each bidder's last accepted amount.
    pub best: BTreeMap<BidderNo, Tyiyn>,
    /// Each bidder's last receive stamp, accepted or refused.
    pub attempted_at: BTreeMap<BidderNo, Timestamp>,
    /// The last receive stamp; the next one is later.
    pub stamped_at: Option<Timestamp>,
    /// Winners proposed so far, the latest last.
    pub awards: Vec<Award>,
    /// Until when the contract must be signed.
    pub contract_by: Option<Timestamp>,
    /// Why it failed, when it did.
    pub failure: Option<Failure>,
    /// The attempt that followed this one.
    pub successor: Option<AuctionId>,
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
        by: TwoPeople,
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
        by: TwoPeople,
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

/// What happened. The log is a list of these; they are public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each field is the command's or the state's of the same name.
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
    },
    Amended {
        by: PersonId,
        offer: Offer,
        terms: Terms,
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
    BidRefused {
        bid: BidId,
        bidder: BidderNo,
        reason: BidRefusal,
        received_at: Timestamp,
    },
    Suspended {
        by: SuspendedBy,
        cause: SuspensionCause,
        since: Timestamp,
    },
    ResumeAnnounced {
        by: TwoPeople,
        at: Timestamp,
    },
    /// `deadline` is the running window's new end; absent when bidding had not opened.
    Resumed {
        deadline: Option<Timestamp>,
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
    },
    AwardLapsed {
        bidder: BidderNo,
        reason: LapseReason,
    },
    ContractSigned {
        by: PersonId,
        document: String,
    },
    ContractFailed {
        by: PersonId,
        fault: ContractFault,
    },
    Failed {
        reason: Failure,
    },
    Cancelled {
        by: TwoPeople,
        reason: String,
        document: String,
    },
    Relaunched {
        by: PersonId,
        successor: AuctionId,
    },
}

/// What is wrong with a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The messages say it.
pub enum OfferFault {
    #[error("the start price is zero")]
    ValueZero,
    #[error("the step is outside the rules' range")]
    StepOutOfRange,
    #[error("the guarantee is outside the rules' range")]
    GuaranteeOutOfRange,
    #[error("the start is too soon after publication")]
    StartTooSoon,
    #[error("applications would close before they open")]
    NoTimeForApplications,
    #[error("an amount is too large")]
    AmountTooLarge,
    #[error("there is no document")]
    DocumentMissing,
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
    Bid(BidRefusal),
}

/// The start of a log: a new draft.
pub fn create(birth: Birth) -> (Auction, Vec<Event>) {
    (born(birth.clone()), vec![Event::Created { birth }])
}

/// Decides a command and folds what follows from it.
///
/// `now` is the decision's time; for [`Command::PlaceBid`] the bid's receive stamp.
/// A [`Command::Tick`] with nothing due gives no events.
///
/// # Errors
/// [`Rejection`], with the auction unchanged.
pub fn apply(
    auction: &Auction,
    command: &Command,
    now: Timestamp,
) -> Result<(Auction, Vec<Event>), Rejection> {
    let events = match command {
        Command::Tick { roster } => return Ok(tick(auction, roster, now)),
        Command::PlaceBid(bid) => {
            vec![bidding::place(auction, bid, now).map_err(Rejection::Bid)?]
        }
        Command::ConfirmAward { bidder, protocol } => {
            vec![award::confirm(auction, *bidder, protocol, now)?]
        }
        Command::RefuseAward { bidder } => award::refuse(auction, *bidder, now)?,
        Command::SignContract { by, document } => {
            vec![award::sign_contract(auction, *by, document, now)?]
        }
        Command::FailContract { by, fault } => award::fail_contract(auction, *by, *fault)?,
        Command::Suspend { by, cause, since } => vec![suspend(auction, *by, *cause, *since, now)?],
        Command::AnnounceResume { by, at } => vec![announce_resume(auction, *by, *at, now)?],
        administrative => vec![administer(auction, administrative, now)?],
    };
    Ok((events.iter().fold(auction.clone(), evolve), events))
}

/// Folds one fact into the state. Facts cannot fail.
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
            auction.status = if auction.birth.rules.rectification > TimeSpan::ZERO {
                Status::Rectification
            } else {
                Status::Tendering
            };
            auction.terms = Some(terms.clone());
            auction.version = 1;
        }
        Event::Amended { offer, terms, .. } => {
            auction.birth.offer = offer.clone();
            auction.terms = Some(terms.clone());
            auction.version += 1;
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
            auction.stamp(*bidder, *received_at);
        }
        Event::BidRefused { bidder, received_at, .. } => auction.stamp(*bidder, *received_at),
        Event::Suspended { cause, since, .. } => {
            auction.suspension = Some(Suspension { since: *since, cause: *cause, resume_at: None });
        }
        Event::ResumeAnnounced { at, .. } => {
            if let Some(suspension) = &mut auction.suspension {
                suspension.resume_at = Some(*at);
            }
        }
        Event::Resumed { deadline } => {
            auction.suspension = None;
            auction.epoch += 1;
            if let (Some(round), Some(deadline)) = (&mut auction.round, deadline) {
                round.deadline = *deadline;
            }
        }
        Event::BiddingClosed { .. } => auction.status = Status::Qualification,
        Event::AwardProposed { award } => auction.awards.push(award.clone()),
        Event::AwardConfirmed { protocol, contract_by, .. } => {
            auction.status = Status::Awarded;
            auction.contract_by = Some(*contract_by);
            if let Some(award) = auction.awards.last_mut() {
                award.status = award::AwardStatus::Active { protocol: protocol.clone() };
            }
        }
        Event::AwardLapsed { reason, .. } => {
            if let Some(award) = auction.awards.last_mut() {
                award.status = award::AwardStatus::Unsuccessful { reason: *reason };
            }
        }
        Event::ContractSigned { .. } => auction.status = Status::Complete,
        Event::ContractFailed { .. } => {}
        Event::Failed { reason } => {
            auction.status = Status::Unsuccessful;
            auction.failure = Some(*reason);
        }
        Event::Cancelled { .. } => {
            auction.status = Status::Cancelled;
            auction.suspension = None;
        }
        Event::Relaunched { successor, .. } => auction.successor = Some(*successor),
    }
    auction
}

impl Auction {
    /// When a [`Command::Tick`] is next due; `None` when only a person can move the auction.
    /// This is the whole interface to timers.
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
            Status::Awarded => self.contract_by,
            _ => None,
        }
    }

    /// When the running window ends: the deadline, or the hard stop if that is earlier.
    pub fn closes_at(&self) -> Option<Timestamp> {
        let deadline = self.round?.deadline;
        Some(self.birth.rules.hard_stop.map_or(deadline, |stop| stop.min(deadline)))
    }

    /// The award that waits for the winner's confirmation.
    pub fn pending_award(&self) -> Option<&Award> {
        self.awards.last().filter(|award| award.status == award::AwardStatus::Pending)
    }

    /// Whether outsiders may see it: never before publication.
    pub fn is_public(&self) -> bool {
        self.terms.is_some()
    }

    /// Whether nothing can happen any more, but a relaunch.
    pub fn is_over(&self) -> bool {
        matches!(self.status, Status::Complete | Status::Unsuccessful | Status::Cancelled)
    }

    /// The stamp of a request that arrived at `clock`: later than every stamp before it.
    pub fn receive(&self, clock: Timestamp) -> Timestamp {
        self.stamped_at.map_or(clock, |last| clock.max(last + Timestamp::TICK))
    }

    fn stamp(&mut self, bidder: BidderNo, at: Timestamp) {
        self.attempted_at.insert(bidder, at);
        self.stamped_at = Some(self.stamped_at.map_or(at, |last| last.max(at)));
    }
}

/// Checks a proposal and freezes its amounts, as publication at `now` would.
///
/// # Errors
/// The first [`OfferFault`] found.
pub fn freeze(offer: &Offer, rules: &RuleProfile, now: Timestamp) -> Result<Terms, OfferFault> {
    if offer.value == Tyiyn::ZERO {
        return Err(OfferFault::ValueZero);
    }
    if offer.step < rules.step_min || offer.step > rules.step_max {
        return Err(OfferFault::StepOutOfRange);
    }
    if offer.guarantee < rules.guarantee_min || offer.guarantee > rules.guarantee_max {
        return Err(OfferFault::GuaranteeOutOfRange);
    }
    if offer.start < now + rules.notice_period {
        return Err(OfferFault::StartTooSoon);
    }
    let terms = Terms {
        value: offer.value,
        minimal_step: offer.value.share(offer.step).ok_or(OfferFault::AmountTooLarge)?,
        guarantee: offer.value.share(offer.guarantee).ok_or(OfferFault::AmountTooLarge)?,
        rectification_end: now + rules.rectification,
        tender_end: offer.start - rules.tender_end_before_start,
        start: offer.start,
    };
    if terms.minimal_step >= terms.value {
        return Err(OfferFault::StepOutOfRange);
    }
    if terms.tender_end <= terms.rectification_end {
        return Err(OfferFault::NoTimeForApplications);
    }
    Ok(terms)
}

fn born(birth: Birth) -> Auction {
    Auction {
        birth,
        status: Status::Draft,
        terms: None,
        version: 0,
        submitted_by: None,
        participants: Vec::new(),
        round: None,
        suspension: None,
        epoch: 0,
        best: BTreeMap::new(),
        attempted_at: BTreeMap::new(),
        stamped_at: None,
        awards: Vec::new(),
        contract_by: None,
        failure: None,
        successor: None,
    }
}

/// The officials' part: writing, publishing, cancelling, relaunching.
fn administer(auction: &Auction, command: &Command, now: Timestamp) -> Result<Event, Rejection> {
    match (command, auction.status) {
        (Command::Edit { by, offer }, Status::Draft) => {
            Ok(Event::Edited { by: *by, offer: offer.clone() })
        }
        (Command::Submit { by }, Status::Draft) => Ok(Event::Submitted { by: *by }),
        (Command::Return { by, reason }, Status::Review) => {
            Ok(Event::Returned { by: *by, reason: given(reason)? })
        }
        (Command::Publish { by, documents }, Status::Review) => {
            if auction.submitted_by == Some(*by) || auction.birth.author == *by {
                return Err(Rejection::SecondPersonNeeded);
            }
            if *documents == 0 {
                return Err(Rejection::Offer(OfferFault::DocumentMissing));
            }
            let terms = freeze(&auction.birth.offer, &auction.birth.rules, now);
            Ok(Event::Published { by: *by, terms: terms.map_err(Rejection::Offer)? })
        }
        (Command::Amend { by, offer }, Status::Rectification) => amend(auction, *by, offer, now),
        (Command::Cancel { by, reason, document }, _) => {
            cancel(auction, *by, reason, document, now)
        }
        (Command::Relaunch { by, successor }, Status::Unsuccessful | Status::Cancelled) => {
            match auction.successor {
                Some(_) => Err(Rejection::AlreadyRelaunched),
                None => Ok(Event::Relaunched { by: *by, successor: *successor }),
            }
        }
        _ => Err(Rejection::WrongState),
    }
}

fn amend(
    auction: &Auction,
    by: PersonId,
    offer: &Offer,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let current = auction.terms.as_ref().ok_or(Rejection::WrongState)?;
    if now >= current.rectification_end {
        return Err(Rejection::TooLate);
    }
    // The period to mend was promised at publication; mending does not prolong it, nor does it
    // ask for the notice period anew.
    let rules = RuleProfile { notice_period: TimeSpan::ZERO, ..auction.birth.rules.clone() };
    let frozen = freeze(offer, &rules, now).map_err(Rejection::Offer)?;
    if frozen.tender_end <= current.rectification_end {
        return Err(Rejection::Offer(OfferFault::NoTimeForApplications));
    }
    let terms = Terms { rectification_end: current.rectification_end, ..frozen };
    Ok(Event::Amended { by, offer: offer.clone(), terms })
}

fn cancel(
    auction: &Auction,
    by: TwoPeople,
    reason: &str,
    document: &str,
    now: Timestamp,
) -> Result<Event, Rejection> {
    if auction.is_over() {
        return Err(Rejection::WrongState);
    }
    by.check()?;
    // Before the bidding an ordinary decision needs time; from the opening on only a legal
    // ground ends it, at any moment (A18).
    let ordinary =
        !matches!(auction.status, Status::Bidding | Status::Qualification | Status::Awarded);
    let cutoff = auction.birth.offer.start - auction.birth.rules.cancel_cutoff;
    if ordinary && auction.is_public() && now > cutoff {
        return Err(Rejection::TooLate);
    }
    Ok(Event::Cancelled { by, reason: given(reason)?, document: document.to_owned() })
}

fn given(reason: &str) -> Result<String, Rejection> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(Rejection::ReasonNeeded);
    }
    Ok(reason.to_owned())
}

fn suspend(
    auction: &Auction,
    by: SuspendedBy,
    cause: SuspensionCause,
    since: Timestamp,
    now: Timestamp,
) -> Result<Event, Rejection> {
    let stoppable = matches!(auction.status, Status::Waiting | Status::Bidding);
    if !stoppable || auction.suspension.is_some() {
        return Err(Rejection::WrongState);
    }
    if let SuspendedBy::Operators(people) = by {
        people.check()?;
    }
    // Bids accepted stay binding, so an outage cannot have begun before the last of them.
    let since = since.min(now).max(auction.stamped_at.unwrap_or(since.min(now)));
    if auction.closes_at().is_some_and(|deadline| since >= deadline) {
        return Err(Rejection::TooLate);
    }
    Ok(Event::Suspended { by, cause, since })
}

fn announce_resume(
    auction: &Auction,
    by: TwoPeople,
    at: Timestamp,
    now: Timestamp,
) -> Result<Event, Rejection> {
    if auction.suspension.is_none() {
        return Err(Rejection::WrongState);
    }
    by.check()?;
    if at < now + auction.birth.rules.resume_notice_min {
        return Err(Rejection::ResumeTooSoon);
    }
    Ok(Event::ResumeAnnounced { by, at })
}

/// Lets all time that is due pass, step by step, so that a tick that was away for long ends where
/// a punctual one would have.
fn tick(auction: &Auction, roster: &[Commitment], now: Timestamp) -> (Auction, Vec<Event>) {
    let mut auction = auction.clone();
    let mut events = Vec::new();
    while auction.wake_at().is_some_and(|wake_at| wake_at <= now) {
        let due = due(&auction, roster, now);
        if due.is_empty() {
            break;
        }
        auction = due.iter().fold(auction, evolve);
        events.extend(due);
    }
    (auction, events)
}

fn due(auction: &Auction, roster: &[Commitment], now: Timestamp) -> Vec<Event> {
    let rules = &auction.birth.rules;
    if let Some(suspension) = &auction.suspension {
        return resume(auction, suspension, now);
    }
    match auction.status {
        Status::Rectification => vec![Event::TenderingOpened],
        Status::Tendering if roster.is_empty() => {
            vec![Event::Failed { reason: Failure::NoApplications }]
        }
        Status::Tendering if roster.len() < usize::from(rules.min_participants) => {
            vec![Event::Failed { reason: Failure::InsufficientParticipants }]
        }
        Status::Tendering => vec![Event::TenderingClosed { participants: roster.to_vec() }],
        Status::Waiting => vec![open(auction, now)],
        Status::Bidding => bidding::close(auction),
        Status::Qualification => award::lapse(auction, LapseReason::Timeout),
        Status::Awarded => vec![Event::Failed { reason: Failure::ContractNotConcluded }],
        _ => Vec::new(),
    }
}

/// Opens the bidding at the promised moment (A6), or stops the clock when that moment was missed
/// by more than the rules allow (A7): participants who came in time would have lost a part of
/// their window.
fn open(auction: &Auction, now: Timestamp) -> Event {
    let rules = &auction.birth.rules;
    let start = auction.birth.offer.start;
    if now - start > rules.start_lateness_max {
        return Event::Suspended {
            by: SuspendedBy::Watchdog,
            cause: SuspensionCause::LateStart,
            since: start,
        };
    }
    Event::BiddingOpened { deadline: start + rules.first_window }
}

/// Starts the clock again: a first-offer window goes on with what was left of it, but not less
/// than the rules' minimum; a raise window begins anew in full; bidding that had not opened opens.
///
/// A resumption that was itself missed by more than the rules allow counts from now, or bidders
/// would lose time that nobody could use.
fn resume(auction: &Auction, suspension: &Suspension, now: Timestamp) -> Vec<Event> {
    let rules = &auction.birth.rules;
    let announced = suspension.resume_at.unwrap_or(now);
    let at = if now - announced > rules.start_lateness_max { now } else { announced };
    let Some(round) = auction.round else {
        let deadline = at + rules.first_window;
        return vec![Event::Resumed { deadline: None }, Event::BiddingOpened { deadline }];
    };
    let deadline = match round.phase {
        Phase::FirstOffer => {
            let left = round.deadline - suspension.since;
            at + left.max(rules.resume_window_min)
        }
        Phase::Raising => at + rules.raise_window,
    };
    vec![Event::Resumed { deadline: Some(deadline) }]
}
