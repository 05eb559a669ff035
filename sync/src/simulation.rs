//! An auction that is over, played again under other rules: what a new profile would have changed.
//!
//! # What is assumed
//! The same officials act at the same moments, the same applicants are eligible, and the same
//! participants raise at the same moments, always by the step. People who know other windows act
//! otherwise, so this shows what a profile would have done to what people did, and predicts nothing.
//!
//! Pure: a log and rules in, an outcome out, by the code that decides auctions.

use crate::domain::auction::bidding::{self, Bid};
use crate::domain::auction::{
    Auction, Command, Commitment, Event, Failure, OfferFault, Rejection, Status, apply, create,
};
use crate::domain::id::BidderNo;
use crate::domain::money::Tyiyn;
use crate::domain::rules::RuleProfile;
use crate::domain::time::{TimeSpan, Timestamp};
use crate::receipt::Record;
use crate::signing::seal_lot;
use serde::{Deserialize, Serialize};

/// Most windows that are waited for after the last record; far more than an auction has.
const WINDOWS_MAX: usize = 1_000;

/// How an auction ended, as far as rules decide it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedEnd {
    /// The reason why it could not have been published.
    pub not_published: Option<OfferFault>,
    /// The state at the end of bidding, or earlier.
    pub status: Status,
    /// The reason of a failure.
    pub failure: Option<Failure>,
    /// The bidder who led at the close, or the sole applicant, with the price.
    pub winner: Option<(BidderNo, Tyiyn)>,
    /// The number of accepted raises.
    pub raises: u64,
    /// The number of raises that were accepted in the log and are not here.
    pub raises_refused: u64,
    /// From the opening to the close of bidding.
    pub open_for: Option<TimeSpan>,
}

/// An auction's end under its own rules, and under others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// As it was.
    pub before: SimulatedEnd,
    /// As it would have been.
    pub after: SimulatedEnd,
}

impl Simulated {
    /// Returns `true` if the other rules give another winner, another price or another failure.
    pub fn is_other(&self) -> bool {
        let of = |end: &SimulatedEnd| {
            (end.not_published, end.failure, end.winner, end.status == Status::Cancelled)
        };
        of(&self.before) != of(&self.after)
    }
}

/// Plays a log again under `rules`; `None` for a log that is none, or whose auction was never
/// published.
///
/// Its own clock's speed and its own end of bidding at an hour belong to an auction, not to a
/// profile, and stay.
pub fn simulate(log: &[Record], rules: &RuleProfile) -> Option<Simulated> {
    let Event::Created { birth } = &log.first()?.event else { return None };
    let is_published = |record: &Record| matches!(record.event, Event::Published { .. });
    if !log.iter().any(is_published) {
        return None;
    }
    let own = &birth.rules;
    let other = RuleProfile {
        hard_stop: own.hard_stop,
        clock_speed: own.clock_speed,
        // Of the same days, whatever the profile's own calendar is.
        holidays: rules.holidays.union(&own.holidays).cloned().collect(),
        ..rules.clone()
    };
    Some(Simulated { before: play(log, own)?, after: play(log, &other)? })
}

/// An auction that is being played again.
struct Play {
    auction: Auction,
    end: SimulatedEnd,
    opened_at: Option<Timestamp>,
}

fn play(log: &[Record], rules: &RuleProfile) -> Option<SimulatedEnd> {
    let Event::Created { birth } = &log.first()?.event else { return None };
    let mut birth = birth.clone();
    birth.rules = rules.clone();
    // The limit of a relaunch is set by the attempt before, which is another auction.
    let (auction, _) = create(birth);
    let end = SimulatedEnd {
        not_published: None,
        status: auction.status,
        failure: None,
        winner: None,
        raises: 0,
        raises_refused: 0,
        open_for: None,
    };
    let mut play = Play { auction, end, opened_at: None };
    let roster = roster(log);
    for record in &log[1..] {
        play.pass(moment(record), &roster);
        if !play.take(record) {
            break;
        }
    }
    play.finish(&roster);
    Some(play.end)
}

impl Play {
    /// Lets time pass up to a moment, window by window.
    fn pass(&mut self, until: Timestamp, roster: &[Commitment]) {
        for _ in 0..WINDOWS_MAX {
            match self.auction.wake_at().filter(|at| *at <= until) {
                Some(at) if self.is_under_way() => self.tick(at, roster),
                _ => return,
            }
        }
    }

    /// After the bidding is over, what people did of it does not depend on the profile.
    fn is_under_way(&self) -> bool {
        let over = matches!(
            self.auction.status,
            Status::Qualification | Status::Awarded | Status::Complete
        );
        !over && !self.auction.is_over()
    }

    fn tick(&mut self, at: Timestamp, roster: &[Commitment]) {
        let command = Command::Tick { roster: roster.to_vec() };
        let Ok((next, events)) = apply(&self.auction, &command, at) else { return };
        self.auction = next;
        for event in &events {
            match event {
                Event::BiddingOpened { .. } => self.opened_at = Some(at),
                Event::BiddingClosed { deadline } => {
                    self.end.open_for = self.opened_at.map(|opened| *deadline - opened);
                }
                _ => {}
            }
        }
    }

    /// Does what somebody did; `false` if nothing can follow.
    fn take(&mut self, record: &Record) -> bool {
        if let Event::BidPlaced { bidder, bid, received_at, .. } = &record.event {
            let amount = bidding::required(&self.auction).zip(self.auction.round);
            let placed = amount.map(|(amount, round)| {
                let (epoch, basis) = (self.auction.epoch, round.basis());
                let bid =
                    Bid { id: *bid, bidder: Some(*bidder), epoch, basis, amount, hasty: false };
                apply(&self.auction, &Command::PlaceBid(bid), *received_at)
            });
            match placed {
                Some(Ok((next, _))) => self.auction = next,
                _ => self.end.raises_refused += 1,
            }
            return true;
        }
        let Some(command) = command(record) else { return true };
        match apply(&self.auction, &command, record.at) {
            Ok((next, _)) => {
                self.auction = next;
                true
            }
            Err(Rejection::Offer(fault)) if matches!(command, Command::Publish { .. }) => {
                self.end.not_published = Some(fault);
                false
            }
            // What is not possible any more is left out.
            Err(_) => true,
        }
    }

    fn finish(&mut self, roster: &[Commitment]) {
        if self.end.not_published.is_none() && self.auction.suspension.is_none() {
            let Some(last) = Timestamp::parse("2200-01-01T00:00:00Z") else { return };
            self.pass(last, roster);
        }
        let auction = &self.auction;
        self.end.status = auction.status;
        self.end.failure = auction.failure;
        self.end.raises = auction.round.map_or(0, |round| round.number);
        let led = auction.round.and_then(|round| round.leader.map(|leader| (leader, round.price)));
        let sole = auction.awards.last().filter(|_| auction.has_sole_applicant());
        let led = led.or_else(|| sole.map(|award| (award.bidder, award.price)));
        self.end.winner = led.filter(|_| auction.status != Status::Cancelled);
    }
}

/// The moment at which a record's cause came.
fn moment(record: &Record) -> Timestamp {
    match &record.event {
        // A bid is decided by its receive stamp.
        Event::BidPlaced { received_at, .. } => *received_at,
        _ => record.at,
    }
}

/// Those who were eligible. Of too few the log does not say how many: one fewer than its rules
/// required, so that a profile that requires fewer shows a difference.
fn roster(log: &[Record]) -> Vec<Commitment> {
    let required = match log.first().map(|record| &record.event) {
        Some(Event::Created { birth }) => birth.rules.min_participants,
        _ => 0,
    };
    let nameless = |count: u16| (1..=count).map(|no| Commitment(format!("{no:064x}"))).collect();
    for record in log {
        match &record.event {
            Event::TenderingClosed { participants } => return participants.clone(),
            Event::Failed { reason: Failure::InsufficientParticipants } => {
                return nameless(required.saturating_sub(1));
            }
            _ => {}
        }
    }
    Vec::new()
}

/// What an official did up to the end of bidding.
fn command(record: &Record) -> Option<Command> {
    Some(match record.event.clone() {
        Event::Edited { by, offer } => Command::Edit { by, offer },
        Event::Submitted { by } => Command::Submit { by },
        Event::Returned { by, reason } => Command::Return { by, reason },
        Event::Published { by, lot, .. } => {
            Command::Publish { by, documents: 1, lot: lot.map(seal_lot) }
        }
        Event::Amended { by, approved, offer, lot, .. } => {
            Command::Amend { by, approved, offer, lot: lot.map(seal_lot) }
        }
        Event::Suspended { by, cause, since } => Command::Suspend { by, cause, since },
        Event::ResumeAnnounced { by, at } => Command::AnnounceResume { by, at },
        Event::Cancelled { by, reason, document } => Command::Cancel { by, reason, document },
        _ => return None,
    })
}
