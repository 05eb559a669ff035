//! Outages (§5.8): which of them stop an auction's clock.
//!
//! # Why time is summed, and why the last seconds count more
//! Six outages of eight seconds take as much from bidders as one of forty-eight, so what was lost
//! in one window is added up. And a raise is often made in the last seconds: an outage that is
//! followed by less time than it took has left nobody the time to come back.

use super::super::time::{TimeSpan, Timestamp};
use super::bidding::Phase;
use super::command::Command;
use super::suspension::{SuspendedBy, SuspensionCause};
use crate::domain::auction::{Auction, Status};

/// A time in which bids could not be placed or decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The last moment before it at which bids were decided.
    pub since: Timestamp,
    /// The moment from which bids were decided again; not before `since`.
    pub until: Timestamp,
    /// `true` if it concerned the bids of one node only: their bidders could go to another one.
    pub is_partial: bool,
}

/// The command that follows from outages that ended by `now`: a suspension, if they took a part of
/// a window, or a promised start or resumption, away from the bidders. It is the same at whichever
/// later moment it is asked for, until a suspension or a raise begins another window.
///
/// A deadline that had passed before an outage is final: everyone had the time to bid.
pub fn after_outages(auction: &Auction, outages: &[Outage], now: Timestamp) -> Option<Command> {
    let since = match auction.status {
        Status::Bidding if auction.suspension.is_none() => window_struck(auction, outages)?,
        Status::Waiting | Status::Bidding => promise_struck(auction, outages, now)?,
        _ => return None,
    };
    let (by, cause) = (SuspendedBy::Watchdog, SuspensionCause::Outage);
    Some(Command::Suspend { by, cause, since })
}

/// The moment from which outages concern an auction: the begin of its window, or the start or
/// resumption that was promised; `None` if none does.
pub fn outages_from(auction: &Auction) -> Option<Timestamp> {
    match auction.status {
        Status::Bidding if auction.suspension.is_none() => window(auction).map(|(begin, _)| begin),
        Status::Waiting | Status::Bidding => promised(auction),
        _ => None,
    }
}

/// The begin of the last outage of the running window, if its outages stop the clock.
fn window_struck(auction: &Auction, outages: &[Outage]) -> Option<Timestamp> {
    let (begin, deadline) = window(auction)?;
    let in_window = |outage: &&Outage| outage.until > begin && outage.since < deadline;
    let mut outages: Vec<Outage> = outages.iter().filter(in_window).copied().collect();
    outages.sort_unstable_by_key(|outage| outage.since);
    let mut lost = TimeSpan::ZERO;
    let (mut counted_to, mut is_too_close) = (begin, false);
    for outage in &outages {
        if outage.is_partial {
            is_too_close |= outage.until >= deadline;
            continue;
        }
        let (from, until) = (outage.since.max(counted_to), outage.until.min(deadline));
        if until > from {
            lost = TimeSpan(lost.0 + (until - from).0);
            counted_to = until;
        }
        is_too_close |= deadline - outage.until < outage.until - outage.since.max(begin);
    }
    let is_struck = is_too_close || lost >= auction.birth.rules.outage_limit(deadline - begin);
    outages.last().filter(|_| is_struck).map(|last| last.since.max(begin))
}

/// The running window: from its begin, or the last resumption, to its end.
fn window(auction: &Auction) -> Option<(Timestamp, Timestamp)> {
    let rules = &auction.birth.rules;
    let round = auction.round?;
    let length = match round.phase {
        Phase::FirstOffer => rules.first_window,
        Phase::Raising => rules.raise_window,
    };
    let begin = round.deadline - length;
    let begin = auction.resumed_at.map_or(begin, |resumed_at| begin.max(resumed_at));
    Some((begin, auction.closes_at()?))
}

/// The begin of an outage in which a promised start or resumption was missed.
fn promise_struck(auction: &Auction, outages: &[Outage], now: Timestamp) -> Option<Timestamp> {
    let rules = &auction.birth.rules;
    let start = auction.terms.as_ref()?.start;
    let missed = |promised: Timestamp| now - promised > rules.start_lateness_max;
    let promised = promised(auction)?;
    // A resumption before the start takes nothing away until the start is missed, too.
    let would_run = auction.status == Status::Bidding || missed(start);
    let covers = |outage: &&Outage| {
        let is_long = outage.until - outage.since >= rules.outage_min;
        is_long && !outage.is_partial && outage.until >= promised
    };
    let outage = outages.iter().find(covers).filter(|_| missed(promised) && would_run)?;
    Some(if auction.round.is_some() { outage.since } else { outage.since.max(start) })
}

fn promised(auction: &Auction) -> Option<Timestamp> {
    match &auction.suspension {
        Some(suspension) => suspension.resume_at,
        None => auction.terms.as_ref().map(|terms| terms.start),
    }
}
