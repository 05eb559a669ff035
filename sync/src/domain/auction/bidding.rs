//! One raise: the content of a bid, and the rules by which it is accepted or rejected.
//!
//! Ties can't occur. A bid names the round and the price that it was made on; of two bids on one
//! round the log takes the first. The second bidder learns that another was faster, and is not
//! committed to a step that they did not see.

use super::super::id::{BidId, BidderNo};
use super::super::money::Tyiyn;
use super::super::time::Timestamp;
use super::award;
use crate::domain::auction::{Auction, Event, Failure, Status};
use serde::{Deserialize, Serialize};

/// The window that is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No raise has been accepted yet.
    FirstOffer,
    /// Each raise restarts the window.
    Raising,
}

/// The live part of an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Round {
    /// The window that is running.
    pub phase: Phase,
    /// The number of accepted raises.
    pub number: u64,
    /// The current price: the start price, or the leader's.
    pub price: Tyiyn,
    /// The bidder of the last raise.
    pub leader: Option<BidderNo>,
    /// The end of the window, exclusive: a bid received at it is late.
    pub deadline: Timestamp,
}

/// The round and price that the bidder saw when deciding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The round's number, [`Round::number`].
    pub round: u64,
    /// The round's price, [`Round::price`].
    pub price: Tyiyn,
}

/// A raise as it reaches the rules. The caller has verified the sender and the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bid {
    /// The id, made by the phone.
    pub id: BidId,
    /// The sender's number; `None` if the sender is no participant, or no longer one
    /// (disqualified).
    pub bidder: Option<BidderNo>,
    /// The epoch in which it was made.
    pub epoch: u32,
    /// The round and price that the bidder saw.
    pub basis: Basis,
    /// The whole new price, not the difference.
    pub amount: Tyiyn,
    /// Set if the sender's attempts follow each other too fast: [`super::pace::Pace`] had no token
    /// for this one.
    pub hasty: bool,
}

/// The reason why a bid was rejected. The checks have this order, except that a hasty bid is
/// rejected right after [`Self::NotEligible`]; the codes keep theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // The messages say it.
pub enum BidRejection {
    #[error("you are not a participant of this auction")]
    NotEligible,
    #[error("bidding has not started")]
    NotStarted,
    #[error("bidding is suspended")]
    Suspended,
    #[error("the bid was received at or after the deadline")]
    DeadlinePassed,
    #[error("bidding is closed")]
    Closed,
    #[error("the price has changed since")]
    StaleBasis,
    #[error("you already lead this auction")]
    AlreadyLeading,
    #[error("the bid must be exactly {required}")]
    WrongAmount { required: Tyiyn },
    #[error("the price can't rise any further")]
    PriceLimit,
    #[error("this bidder's bids follow each other too fast")]
    RateLimited,
}

impl BidRejection {
    /// Returns `true` if the first such rejection of a bidder in a window is written to the log
    /// while bidding runs.
    ///
    /// # Why only the first
    /// A bidder who repeats what was refused could fill the log that everyone reads. The record
    /// shows the refusal; the receipts of its repetitions are held against it
    /// ([`crate::verify`]).
    pub fn is_logged(self) -> bool {
        !matches!(self, Self::NotEligible)
    }
}

impl Round {
    /// The first-offer window, without a raise.
    pub(super) fn open(price: Tyiyn, deadline: Timestamp) -> Self {
        Self { phase: Phase::FirstOffer, number: 0, price, leader: None, deadline }
    }

    pub(super) fn raised(self, leader: BidderNo, price: Tyiyn, deadline: Timestamp) -> Self {
        let (phase, number) = (Phase::Raising, self.number.saturating_add(1));
        Self { phase, number, price, leader: Some(leader), deadline }
    }

    /// The basis that a bid made now must name.
    pub fn basis(&self) -> Basis {
        Basis { round: self.number, price: self.price }
    }
}

/// The only amount that is accepted next; `None` if bidding is not open or the price can't rise any
/// further. The first offer is also one step above the start price.
pub fn required(auction: &Auction) -> Option<Tyiyn> {
    let step = auction.terms.as_ref()?.minimal_step;
    auction.round?.price.checked_add(step)
}

/// Decides a bid received at `received_at`.
///
/// A bid at the deadline is late. This is decided here by the receive stamp, and not by the timer
/// that writes the close: a slow timer must not change the result.
///
/// Haste counts before everything else about the bid: otherwise stale or wrong bids would be free.
///
/// # Errors
/// The first [`BidRejection`] that applies.
pub fn place(auction: &Auction, bid: &Bid, received_at: Timestamp) -> Result<Event, BidRejection> {
    let bidder = bid.bidder.ok_or(BidRejection::NotEligible)?;
    if bidder.0 == 0 || usize::from(bidder.0) > auction.participants.len() {
        return Err(BidRejection::NotEligible);
    }
    if bid.hasty {
        return Err(BidRejection::RateLimited);
    }
    let round = running(auction, bid, received_at)?;
    if bid.basis != round.basis() {
        return Err(BidRejection::StaleBasis);
    }
    if round.leader == Some(bidder) && !auction.birth.rules.allow_self_raise {
        return Err(BidRejection::AlreadyLeading);
    }
    let required = required(auction).ok_or(BidRejection::PriceLimit)?;
    if bid.amount != required {
        return Err(BidRejection::WrongAmount { required });
    }
    Ok(Event::BidPlaced {
        bid: bid.id,
        bidder,
        amount: bid.amount,
        outbid: round.leader,
        received_at,
        deadline: next_deadline(auction, &round, received_at),
    })
}

/// The log's entry for a rejected bid, while bidding runs: the first of this bidder for this reason
/// in the window. After the close nothing is added to the log, and a stranger's bid never is.
pub fn refused(
    auction: &Auction,
    bid: &Bid,
    reason: BidRejection,
    received_at: Timestamp,
) -> Option<Event> {
    let repeated = auction.refused.get(&bid.bidder?).is_some_and(|known| known.contains(&reason));
    if repeated { None } else { refusal(auction, bid, reason, received_at) }
}

/// As [`refused`], whether or not it repeats one of the window.
pub(crate) fn refusal(
    auction: &Auction,
    bid: &Bid,
    reason: BidRejection,
    received_at: Timestamp,
) -> Option<Event> {
    let bidder = bid.bidder?;
    let logged = auction.status == Status::Bidding && reason.is_logged();
    logged.then_some(Event::BidRefused {
        bid: bid.id,
        bidder,
        epoch: bid.epoch,
        basis: bid.basis,
        amount: bid.amount,
        reason,
        received_at,
    })
}

/// The events of the close: a winner, or none.
pub(super) fn close(auction: &Auction) -> Vec<Event> {
    let (Some(round), Some(deadline)) = (auction.round, auction.closes_at()) else {
        return Vec::new();
    };
    match round.leader {
        None => vec![Event::Failed { reason: Failure::NoFirstOffer }],
        Some(winner) => vec![
            Event::BiddingClosed { deadline },
            award::propose(auction, winner, round.price, deadline),
        ],
    }
}

/// The round that a bid received at `received_at` can still change. The stamp is checked before the
/// status: the answer must not depend on whether the close is already written.
fn running(auction: &Auction, bid: &Bid, received_at: Timestamp) -> Result<Round, BidRejection> {
    let Some(round) = auction.round else {
        let over = auction.is_over() || auction.has_sole_applicant();
        return Err(if over { BidRejection::Closed } else { BidRejection::NotStarted });
    };
    // Nor may it depend on whether the opening was written when an early bid was decided.
    if received_at < auction.birth.offer.start {
        return Err(BidRejection::NotStarted);
    }
    if auction.suspension.is_some() || bid.epoch != auction.epoch {
        return Err(BidRejection::Suspended);
    }
    if auction.closes_at().is_some_and(|deadline| received_at >= deadline) {
        return Err(BidRejection::DeadlinePassed);
    }
    if auction.status != Status::Bidding {
        return Err(BidRejection::Closed);
    }
    Ok(round)
}

/// The full window after each raise (manual, step 25). The first offer ends the first window early,
/// unless the rules keep it as a minimum.
fn next_deadline(auction: &Auction, round: &Round, received_at: Timestamp) -> Timestamp {
    let rules = &auction.birth.rules;
    let window_end = received_at + rules.raise_window;
    if round.phase == Phase::FirstOffer && !rules.first_window_is_minimum {
        return window_end;
    }
    // The second raise also keeps a first window that is a minimum.
    window_end.max(round.deadline)
}
