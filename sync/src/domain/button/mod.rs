//! What the one big button of the live screen says (§5.9): one answer for every platform.
//!
//! The phone brings what it knows; the first state that applies, in the order of [`Button`]'s
//! variants, is shown. The button never promises what the server would refuse: when it is not sure
//! of the time or of its connection, it can't be pressed.

use super::auction::bidding::{self, Basis, BidRejection, Phase};
use super::auction::{Auction, Failure, Status};
use super::id::{BidId, BidderNo};
use super::money::Tyiyn;
use super::time::{TimeSpan, Timestamp};

/// Without a sign of life for this long, the phone counts as offline.
pub const SILENCE_MAX: TimeSpan = TimeSpan::milliseconds(1_500);
/// Above this (times [`super::rules::RuleProfile::clock_speed`]), the phone's idea of the server's time is no ground for a bid.
pub const CLOCK_UNCERTAINTY_MAX: TimeSpan = TimeSpan::seconds(1);
/// A refusal is shown for this long, by the auction's clock.
pub const REFUSAL_SHOWN: TimeSpan = TimeSpan::seconds(3);

/// What the phone believes the server's clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// The best guess.
    pub now: Timestamp,
    /// How far off it may be, either way.
    pub uncertainty: TimeSpan,
}

/// A bid of this phone that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Sent; the answer may still come.
    Sending(BidId),
    /// No answer came. It is asked for again by the same id, and no other bid is made before.
    Unknown(BidId),
}

/// Why this person can't bid here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEligible {
    /// Looks on; did not apply, or is signed out.
    Observer,
    /// Applied, but the deposit is not paid.
    DepositDue,
    /// Applied, but was not let in, withdrew or was excluded.
    NotAdmitted,
    /// Numbers are given when applications close; until then everybody waits for the start.
    NumbersPending,
}

/// All that the button depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The auction, folded from its log as far as it is known here.
    pub auction: &'a Auction,
    /// The person's number, or why there is none.
    pub own: Result<BidderNo, NotEligible>,
    /// The server's time as estimated; `None` before the first exchange.
    pub clock: Option<ServerClock>,
    /// How long the live stream has been silent; `None` when it is not connected.
    pub silence: Option<TimeSpan>,
    /// A bid on its way.
    pub pending: Option<Pending>,
    /// The round that stood when the alert "your competitor raised the price" was last answered
    /// with OK; 0 before.
    pub outbid_seen: u64,
    /// The last refusal of a bid of this phone, and when it arrived (server's time).
    pub refusal: Option<(BidRejection, Timestamp)>,
}

/// How it ended, for this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Won; what is to be confirmed is on another screen.
    Won,
    /// Somebody else won.
    Lost,
    /// Nobody raised.
    NoFirstOffer,
    /// It failed for another reason.
    Unsuccessful(Failure),
    /// Ended by decision.
    Cancelled,
}

/// What a press would ask for, and on what it rests. A confirmation opened on one offer is void
/// when another stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextOffer {
    /// The whole new price.
    pub amount: Tyiyn,
    /// What the person sees.
    pub basis: Basis,
    /// The epoch it would be made in.
    pub epoch: u32,
    /// Time left, by the cautious end of the estimate.
    pub left: TimeSpan,
}

/// The button, in order of priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// It is over.
    Closed(Ending),
    /// The clock is stopped.
    Suspended {
        /// Until when, once that is announced.
        until: Option<Timestamp>,
    },
    /// This person can't bid here.
    NotEligible(NotEligible),
    /// Not open yet.
    WaitingStart {
        /// Time to the start; absent while the server's time is not known.
        left: Option<TimeSpan>,
    },
    /// No connection, or nothing heard for [`SILENCE_MAX`].
    Offline,
    /// The server's time is not known well enough.
    ClockUncertain,
    /// The window is over; the server will say how it ended.
    Closing,
    /// A bid is on its way.
    Sending(BidId),
    /// A bid's fate is not known; it is being asked for.
    UnknownOutcome(BidId),
    /// «Сиз алдыдасыз».
    Leading,
    /// The price can't rise any further.
    PriceLimit,
    /// «Сиздин атаандашыңыз бааны жогорулатты» — shown until OK (manual, step 29).
    Outbid(NextOffer),
    /// The last bid was refused; shown for [`REFUSAL_SHOWN`].
    Rejected(BidRejection),
    /// «Биринчи сунушту берүү» (manual, step 23).
    CanFirstOffer(NextOffer),
    /// «Бааны жогорулатуу» (manual, step 26).
    CanRaise(NextOffer),
}

impl Ending {
    /// Its name for apps.
    pub fn code(self) -> &'static str {
        match self {
            Self::Won => "won",
            Self::Lost => "lost",
            Self::NoFirstOffer => "no_first_offer",
            Self::Unsuccessful(_) => "unsuccessful",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Button {
    /// The state's name for apps. A window that is over counts as closed.
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed(_) | Self::Closing => "closed",
            Self::Suspended { .. } => "suspended",
            Self::NotEligible(_) => "not_eligible",
            Self::WaitingStart { .. } => "waiting_start",
            Self::Offline => "offline",
            Self::ClockUncertain => "clock_uncertain",
            Self::Sending(_) => "sending",
            Self::UnknownOutcome(_) => "unknown_outcome",
            Self::Leading => "leading",
            Self::PriceLimit => "price_limit",
            Self::Outbid(_) => "outbid",
            Self::Rejected(_) => "rejected",
            Self::CanFirstOffer(_) => "can_first_offer",
            Self::CanRaise(_) => "can_raise",
        }
    }

    /// Why it is closed: an ending's name, or `deadline_passed` while the close is awaited.
    pub fn closed(self) -> Option<&'static str> {
        match self {
            Self::Closed(ending) => Some(ending.code()),
            Self::Closing => Some("deadline_passed"),
            _ => None,
        }
    }

    /// What a press asks for; `None` when it can't be pressed.
    pub fn offer(self) -> Option<NextOffer> {
        match self {
            Self::CanFirstOffer(offer) | Self::CanRaise(offer) => Some(offer),
            _ => None,
        }
    }
}

/// The button in this situation.
pub fn button(situation: &Situation<'_>) -> Button {
    let Situation { auction, own, clock, pending, .. } = *situation;
    if let Some(ending) = ending(auction, own.ok()) {
        return Button::Closed(ending);
    }
    if let Some(suspension) = &auction.suspension {
        return Button::Suspended { until: suspension.resume_at };
    }
    let waiting = || {
        let left = clock.map(|clock| auction.birth.offer.start - clock.now);
        Button::WaitingStart { left: left.map(|left| left.max(TimeSpan::ZERO)) }
    };
    let own = match own {
        Ok(own) => own,
        Err(NotEligible::NumbersPending) => return waiting(),
        Err(reason) => return Button::NotEligible(reason),
    };
    if auction.status != Status::Bidding {
        return waiting();
    }
    if situation.silence.is_none_or(|silence| silence >= SILENCE_MAX) {
        return Button::Offline;
    }
    let speed = i64::from(auction.birth.rules.clock_speed.max(1));
    let uncertainty_max = TimeSpan(CLOCK_UNCERTAINTY_MAX.0.saturating_mul(speed));
    let Some(clock) = clock.filter(|clock| clock.uncertainty <= uncertainty_max) else {
        return Button::ClockUncertain;
    };
    match pending {
        Some(Pending::Sending(bid)) => Button::Sending(bid),
        Some(Pending::Unknown(bid)) => Button::UnknownOutcome(bid),
        None => live(situation, own, clock),
    }
}

/// The button while bidding is open, the phone hears the server and no bid is on its way.
fn live(situation: &Situation<'_>, own: BidderNo, clock: ServerClock) -> Button {
    let auction = situation.auction;
    let (Some(round), Some(closes_at)) = (auction.round, auction.closes_at()) else {
        return Button::Closing;
    };
    let left = closes_at - (clock.now + clock.uncertainty);
    if closes_at <= clock.now {
        return Button::Closing;
    }
    if round.leader == Some(own) && !auction.birth.rules.allow_self_raise {
        return Button::Leading;
    }
    let Some(amount) = bidding::required(auction) else {
        return Button::PriceLimit;
    };
    let left = left.max(TimeSpan::ZERO);
    let offer = NextOffer { amount, basis: round.basis(), epoch: auction.epoch, left };
    if outbid_in(auction, own).is_some_and(|lost_in| situation.outbid_seen < lost_in) {
        return Button::Outbid(offer);
    }
    // A refusal disables the button for a moment, so that a second tap of an excited hand does not
    // become a second bid on a price that was not read.
    let fresh = |at: Timestamp| clock.now >= at && clock.now - at < REFUSAL_SHOWN;
    match (situation.refusal, round.phase) {
        (Some((reason, at)), _) if fresh(at) => Button::Rejected(reason),
        (_, Phase::FirstOffer) => Button::CanFirstOffer(offer),
        (_, Phase::Raising) => Button::CanRaise(offer),
    }
}

/// The round in which this bidder lost the lead; `None` when he leads or never led. Raises among
/// others change nothing for him and do not alert him again.
fn outbid_in(auction: &Auction, own: BidderNo) -> Option<u64> {
    let terms = auction.terms.as_ref()?;
    if auction.round?.leader == Some(own) {
        return None;
    }
    // Every raise is exactly one step, so the price he led at tells the round.
    let risen = auction.best.get(&own)?.checked_sub(terms.value)?;
    let round = risen.get().checked_div(terms.minimal_step.get())?;
    u64::try_from(round).ok()?.checked_add(1)
}

fn ending(auction: &Auction, own: Option<BidderNo>) -> Option<Ending> {
    match auction.status {
        Status::Cancelled => Some(Ending::Cancelled),
        Status::Unsuccessful => match auction.failure? {
            Failure::NoFirstOffer => Some(Ending::NoFirstOffer),
            failure => Some(Ending::Unsuccessful(failure)),
        },
        Status::Qualification | Status::Awarded | Status::Complete => {
            let winner = auction.awards.last().map(|award| award.bidder);
            Some(if own.is_some() && winner == own { Ending::Won } else { Ending::Lost })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
