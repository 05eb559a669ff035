//! One raise: what a bid says, when it is taken, why it is refused.
//!
//! Ties cannot occur. A bid names the round and the price it was made on; of two bids on one
//! round the log takes the first, and the second learns that somebody was faster, without having
//! been charged a step he did not see.

use super::super::id::{BidId, BidderNo};
use super::super::money::Tyiyn;
use super::super::time::Timestamp;
use super::award;
use crate::domain::auction::{Auction, Event, Failure, Status};
use serde::{Deserialize, Serialize};

/// Which window is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nobody has raised yet.
    FirstOffer,
    /// Each raise restarts the window.
    Raising,
}

/// The live part of an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Round {
    /// Which window is running.
    pub phase: Phase,
    /// How many raises were accepted.
    pub number: u64,
    /// The current price: the start price or the leader's.
    pub price: Tyiyn,
    /// Who made the last raise.
    pub leader: Option<BidderNo>,
    /// A bid received at this moment or later is late.
    pub deadline: Timestamp,
}

/// What a bidder had seen when he decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// [`Round::number`].
    pub round: u64,
    /// [`Round::price`].
    pub price: Tyiyn,
}

/// A raise as it reaches the rules. The caller has checked who sends it and his signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bid {
    /// Named by the phone.
    pub id: BidId,
    /// `None` when the sender is no participant, or is one no more (disqualified).
    pub bidder: Option<BidderNo>,
    /// Which epoch it was made in.
    pub epoch: u32,
    /// What the bidder saw.
    pub basis: Basis,
    /// The whole new price, not the difference.
    pub amount: Tyiyn,
}

/// Why a bid was refused, in the order of the checks.
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
    /// Whether such a refusal stands in the log while bidding runs.
    ///
    /// # Why not a hasty bidder's
    /// His next bid would wait anew for each one he sends meanwhile, and whoever never rests would
    /// shut himself out and fill the log that all others read. His receipt says it.
    pub fn is_logged(self) -> bool {
        !matches!(self, Self::NotEligible | Self::RateLimited)
    }
}

impl Round {
    /// The first-offer window.
    pub(super) fn open(price: Tyiyn, deadline: Timestamp) -> Self {
        Self { phase: Phase::FirstOffer, number: 0, price, leader: None, deadline }
    }

    pub(super) fn raised(self, leader: BidderNo, price: Tyiyn, deadline: Timestamp) -> Self {
        let (phase, number) = (Phase::Raising, self.number + 1);
        Self { phase, number, price, leader: Some(leader), deadline }
    }

    /// What a bid made now has to name.
    pub fn basis(&self) -> Basis {
        Basis { round: self.number, price: self.price }
    }
}

/// The only amount that is accepted next; `None` when bidding is not open or the price can't
/// rise any further. The first offer, too, is one step above the start price.
pub fn required(auction: &Auction) -> Option<Tyiyn> {
    let step = auction.terms.as_ref()?.minimal_step;
    auction.round?.price.checked_add(step)
}

/// Decides a bid received at `received_at`.
///
/// A bid at the deadline is late. This is decided here, from the stamp, and not by the timer that
/// writes the close: a slow timer must not sell a lot.
///
/// # Errors
/// The first [`BidRejection`] that applies, in the order of its variants.
pub fn place(auction: &Auction, bid: &Bid, received_at: Timestamp) -> Result<Event, BidRejection> {
    let bidder = bid.bidder.ok_or(BidRejection::NotEligible)?;
    if bidder.0 == 0 || usize::from(bidder.0) > auction.participants.len() {
        return Err(BidRejection::NotEligible);
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
    let too_fast = |last: &Timestamp| received_at - *last < auction.birth.rules.bid_interval_min;
    if auction.attempted_at.get(&bidder).is_some_and(too_fast) {
        return Err(BidRejection::RateLimited);
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

/// The log's entry for a refused bid, while bidding runs; after the close nothing is added to the
/// log, and a stranger's bid never was.
pub fn refused(
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

/// What the close brings: a winner, or none.
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

/// The round that a bid received at `received_at` can still change. The stamp is looked at before
/// the status: whether the close is written already must not show in the answer.
fn running(auction: &Auction, bid: &Bid, received_at: Timestamp) -> Result<Round, BidRejection> {
    let Some(round) = auction.round else {
        let over = auction.is_over();
        return Err(if over { BidRejection::Closed } else { BidRejection::NotStarted });
    };
    // Nor does it show whether the opening was written by the time an early bid was decided.
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

/// The full window after each raise (manual, step 25). The first offer cuts the first window
/// short, unless the rules keep it as a minimum.
fn next_deadline(auction: &Auction, round: &Round, received_at: Timestamp) -> Timestamp {
    let rules = &auction.birth.rules;
    let window_end = received_at + rules.raise_window;
    if round.phase == Phase::FirstOffer && !rules.first_window_is_minimum {
        return window_end;
    }
    // The second raise, too, leaves a first window standing that is a minimum.
    window_end.max(round.deadline)
}
