//! The state of the one big button of the live screen (§5.9), the same on every platform.
//!
//! The phone supplies its knowledge; the first state that applies, in the order of [`Button`]'s
//! variants, is shown. The button never promises an action that the server would reject: if the
//! phone is not sure of the time or of its connection, the button can't be pressed.

use super::auction::bidding::{self, Basis, BidRejection, Phase};
use super::auction::{Auction, Failure, Status};
use super::id::{BidId, BidderNo};
use super::money::Tyiyn;
use super::time::{TimeSpan, Timestamp};

/// The silence after which the phone counts as offline.
pub const SILENCE_MAX: TimeSpan = TimeSpan::milliseconds(1_500);
/// The uncertainty (times [`super::rules::RuleProfile::clock_speed`]) above which the estimate of
/// the server's time is too poor for a bid.
pub const CLOCK_UNCERTAINTY_MAX: TimeSpan = TimeSpan::seconds(1);
/// The time for which a rejection is shown, by the auction's clock.
pub const REFUSAL_SHOWN: TimeSpan = TimeSpan::seconds(3);

/// The phone's estimate of the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// The estimated server time.
    pub now: Timestamp,
    /// The largest error of `now`, either way.
    pub uncertainty: TimeSpan,
}

/// A bid of this phone that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// Sent; the answer may still come.
    Sending(BidId),
    /// The answer was lost. It is asked for by the same id, and no other bid is made before.
    Unknown(BidId),
}

/// The reason why this person can't bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEligible {
    /// A spectator: did not apply, or is signed out.
    Observer,
    /// Applied, but the deposit is not paid.
    DepositDue,
    /// Applied, but was not admitted, withdrew or was excluded.
    NotAdmitted,
    /// Numbers are assigned when applications close; until then everyone waits for the start.
    NumbersPending,
}

/// Everything on which the button depends.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The auction, folded from its log as far as it is known here.
    pub auction: &'a Auction,
    /// The person's number, or the reason why there is none.
    pub own: Result<BidderNo, NotEligible>,
    /// The server's time as estimated; `None` before the first exchange.
    pub clock: Option<ServerClock>,
    /// The time since the last frame of the live stream; `None` if it is not connected.
    pub silence: Option<TimeSpan>,
    /// A bid on its way.
    pub pending: Option<Pending>,
    /// The round at the time the alert "your competitor raised the price" was last confirmed with
    /// OK; 0 before.
    pub outbid_seen: u64,
    /// The last rejection of a bid of this phone, with its server time of arrival.
    pub refusal: Option<(BidRejection, Timestamp)>,
}

/// The end of the auction, for this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Won; the confirmation is on another screen.
    Won,
    /// Another bidder won the auction.
    Lost,
    /// No bidder raised the price.
    NoFirstOffer,
    /// It failed for another reason.
    Unsuccessful(Failure),
    /// Cancelled by a decision of two officials.
    Cancelled,
}

/// The bid that a press would propose, with its basis. A confirmation opened on one offer is void
/// when the offer changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextOffer {
    /// The whole new price.
    pub amount: Tyiyn,
    /// The round and price on screen.
    pub basis: Basis,
    /// The epoch in which it would be made.
    pub epoch: u32,
    /// The time left, by the cautious end of the estimate.
    pub left: TimeSpan,
}

/// The button, in order of priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The auction is over.
    Closed(Ending),
    /// The clock is stopped.
    Suspended {
        /// The announced resumption, if there is one.
        until: Option<Timestamp>,
    },
    /// This person can't bid here.
    NotEligible(NotEligible),
    /// Bidding has not opened yet.
    WaitingStart {
        /// Time to the start; absent while the server's time is not known.
        left: Option<TimeSpan>,
    },
    /// No connection, or no frame for [`SILENCE_MAX`].
    Offline,
    /// The server's time is not known precisely enough.
    ClockUncertain,
    /// The window is over; the server will announce the result.
    Closing,
    /// A bid is on its way.
    Sending(BidId),
    /// The outcome of a bid is unknown; the phone is asking for it.
    UnknownOutcome(BidId),
    /// «Сиз алдыдасыз»: this bidder leads.
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
    /// The ending's name, for apps.
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

    /// The reason why it is closed: an ending's name, or `deadline_passed` while the close is
    /// awaited.
    pub fn closed(self) -> Option<&'static str> {
        match self {
            Self::Closed(ending) => Some(ending.code()),
            Self::Closing => Some("deadline_passed"),
            _ => None,
        }
    }

    /// The offer that a press makes; `None` if the button can't be pressed.
    pub fn offer(self) -> Option<NextOffer> {
        match self {
            Self::CanFirstOffer(offer) | Self::CanRaise(offer) => Some(offer),
            _ => None,
        }
    }
}

/// Returns the button for a situation.
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

/// The button while bidding is open, the phone is connected and no bid is on its way.
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
    // A rejection disables the button for a moment, so that a nervous second tap does not become a
    // second bid on a price that was not read.
    let fresh = |at: Timestamp| clock.now >= at && clock.now - at < REFUSAL_SHOWN;
    match (situation.refusal, round.phase) {
        (Some((reason, at)), _) if fresh(at) => Button::Rejected(reason),
        (_, Phase::FirstOffer) => Button::CanFirstOffer(offer),
        (_, Phase::Raising) => Button::CanRaise(offer),
    }
}

/// The round in which this bidder lost the lead; `None` if they lead or never led. Raises among
/// others change nothing for them and do not alert them again.
fn outbid_in(auction: &Auction, own: BidderNo) -> Option<u64> {
    let terms = auction.terms.as_ref()?;
    if auction.round?.leader == Some(own) {
        return None;
    }
    // Every raise is exactly one step, so the price at which they led gives the round.
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
