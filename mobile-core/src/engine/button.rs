//! What the one big button of the live screen says (`domain.md` §5.9), in order of priority.

use toruk_sync::domain::auction::{Auction, Failure, Status};
use toruk_sync::domain::bidding::{self, Phase};
use toruk_sync::domain::id::{BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::{TimeSpan, Timestamp};

/// The server's clock is known well enough to bid when it is known to within this.
pub const UNCERTAINTY_MAX: TimeSpan = TimeSpan::seconds(1);

/// The button's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    /// Over. The code: `won`, `lost`, `no_first_offer`, `cancelled`, `unsuccessful`, or
    /// `deadline_passed` while the close is awaited.
    Closed(&'static str),
    /// The clock is stopped.
    Suspended {
        /// Until when, when it was announced.
        until: Option<Timestamp>,
    },
    /// This person takes no part.
    NotEligible,
    /// Bidding will open.
    WaitingStart {
        /// When.
        start: Timestamp,
    },
    /// No connection. Bids are not sent later.
    Offline,
    /// The server's time is not known well enough.
    ClockUncertain,
    /// A bid is under way, or its record is.
    Sending(BidId),
    /// A bid was sent and no answer came; being asked for.
    UnknownOutcome(BidId),
    /// «Сиз алдыдасыз».
    Leading,
    /// The price can't rise any further.
    PriceLimit,
    /// «Биринчи сунушту берүү».
    CanFirstOffer(Tyiyn),
    /// «Бааны жогорулатуу».
    CanRaise(Tyiyn),
}

/// What the button depends on.
pub struct Seen<'a> {
    /// The auction.
    pub auction: &'a Auction,
    /// The person's number, when he takes part.
    pub own: Option<BidderNo>,
    /// Whether the stream is there.
    pub fresh: bool,
    /// The server's time and its uncertainty, and the clock's speed.
    pub clock: Option<(Timestamp, TimeSpan)>,
    /// How fast the server's clock runs.
    pub speed: i64,
    /// A bid under way.
    pub sending: Option<BidId>,
    /// A bid of unknown fate.
    pub unknown: Option<BidId>,
}

/// The button's state.
pub fn button(seen: &Seen<'_>) -> Button {
    let auction = seen.auction;
    if let Some(closed) = closed(auction, seen.own) {
        return Button::Closed(closed);
    }
    if let Some(suspension) = &auction.suspension {
        return Button::Suspended { until: suspension.resume_at };
    }
    let rostered = !auction.participants.is_empty();
    let Some(own) = seen.own.filter(|_| rostered) else {
        let start = auction.terms.as_ref().map(|terms| terms.start);
        return match start.filter(|_| !rostered && auction.round.is_none()) {
            Some(start) => Button::WaitingStart { start },
            None => Button::NotEligible,
        };
    };
    let Some(round) = auction.round else {
        let start = auction.terms.as_ref().map_or(auction.birth.offer.start, |terms| terms.start);
        return Button::WaitingStart { start };
    };
    if !seen.fresh {
        return Button::Offline;
    }
    let Some((now, uncertainty)) = seen.clock else { return Button::ClockUncertain };
    if uncertainty.0 > UNCERTAINTY_MAX.0.saturating_mul(seen.speed) {
        return Button::ClockUncertain;
    }
    if auction.closes_at().is_some_and(|deadline| now >= deadline) {
        return Button::Closed("deadline_passed");
    }
    if let Some(bid) = seen.sending {
        return Button::Sending(bid);
    }
    if let Some(bid) = seen.unknown {
        return Button::UnknownOutcome(bid);
    }
    if round.leader == Some(own) && !auction.birth.rules.allow_self_raise {
        return Button::Leading;
    }
    match (bidding::required(auction), round.phase) {
        (None, _) => Button::PriceLimit,
        (Some(amount), Phase::FirstOffer) => Button::CanFirstOffer(amount),
        (Some(amount), Phase::Raising) => Button::CanRaise(amount),
    }
}

impl Button {
    /// The state's name for apps.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Closed(_) => "closed",
            Self::Suspended { .. } => "suspended",
            Self::NotEligible => "not_eligible",
            Self::WaitingStart { .. } => "waiting_start",
            Self::Offline => "offline",
            Self::ClockUncertain => "clock_uncertain",
            Self::Sending(_) => "sending",
            Self::UnknownOutcome(_) => "unknown_outcome",
            Self::Leading => "leading",
            Self::PriceLimit => "price_limit",
            Self::CanFirstOffer(_) => "can_first_offer",
            Self::CanRaise(_) => "can_raise",
        }
    }

    /// The amount a tap would offer.
    pub fn amount(&self) -> Option<Tyiyn> {
        match self {
            Self::CanFirstOffer(amount) | Self::CanRaise(amount) => Some(*amount),
            _ => None,
        }
    }
}

fn closed(auction: &Auction, own: Option<BidderNo>) -> Option<&'static str> {
    let winner = auction.awards.last().map(|award| award.bidder);
    match auction.status {
        Status::Cancelled => Some("cancelled"),
        Status::Unsuccessful if auction.failure == Some(Failure::NoFirstOffer) => {
            Some("no_first_offer")
        }
        Status::Unsuccessful => Some("unsuccessful"),
        Status::Qualification | Status::Awarded | Status::Complete => {
            Some(if winner.is_some() && winner == own { "won" } else { "lost" })
        }
        _ => None,
    }
}
