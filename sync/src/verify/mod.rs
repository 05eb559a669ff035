//! Checks a public log without trusting its source: everything in it must follow from the commands
//! by the rules at their moments, and the winner is computed again.
//!
//! A log is a list of events. [`Replay::of`] derives from each event the command behind it, decides
//! that command again by [`apply`], and compares. So an operator can't leave out, add or change
//! anything that the rules would notice. A change that they can't notice, such as a bid that was
//! removed together with everything that followed from it, contradicts the head in any bidder's
//! receipt: [`Replay::check`] checks a receipt against the log.
//!
//! # What a log can't show
//! Outside the log, and so not checked: the content of the lot's documents, of which the log has
//! the hashes, the application behind a commitment, the number of applications when there were too
//! few, and the limits set by the attempt before. A bid that was wrongly never accepted for
//! decision is known only to its sender, who has no receipt. That a participant's attempts followed
//! each other too fast is the server's word: most of them are in no log, but the participant has a
//! receipt of each, and each is signed by their phone.
//!
//! # Receipts of rejections that are not in the log
//! Of one bidder's rejections for one reason the log holds the first of each window. The receipt of
//! a repetition names the log as it was; it holds if the window's record of that reason is there,
//! and if the state then gave that reason, as far as the receipt shows what was offered.

mod acts;
mod receipts;

use crate::domain::auction::award::LapseReason;
use crate::domain::auction::bidding::{self, Bid, BidRejection, Round};
use crate::domain::auction::{
    Auction, Command, Commitment, Event, Failure, ProtocolSubject, Rejection, Status, apply,
    create, evolve,
};
use crate::domain::id::{AuctionId, BidId, BidderNo};
use crate::domain::money::Tyiyn;
use crate::domain::time::Timestamp;
use crate::receipt::{GENESIS, Hash, Record, link};
use crate::signing::{ProtocolFilesPayload, SignedPayload as _, seal_lot};

pub use acts::OpeningFault;
pub use receipts::{Finding, ReceiptFault, verify_receipts};

/// The verdict on a sound log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerdict {
    /// The auction of the log.
    pub auction: AuctionId,
    /// The hash of the whole log.
    pub head: Hash,
    /// The number of its records.
    pub seq: u64,
    /// The auction's status at the end.
    pub status: Status,
    /// The winner and the price, as far as the log goes: proposed or confirmed, and not lost.
    pub winner: Option<(BidderNo, Tyiyn)>,
    /// The number of participants.
    pub participants: usize,
    /// The number of accepted raises.
    pub accepted: u64,
    /// The number of bids rejected while bidding was open.
    pub refused: u64,
}

/// The first record that does not follow from the rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record {seq}: {why}")]
pub struct Fault {
    /// The record's position in the log, from 1.
    pub seq: u64,
    /// The kind of fault.
    pub why: FaultKind,
}

/// The kinds of fault of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // The messages say it.
pub enum FaultKind {
    #[error("the log is empty")]
    Empty,
    #[error("a log begins with the auction's creation, and has only one")]
    Beginning,
    #[error("the record says it is number {0}: one is missing, added or moved")]
    Gap(u64),
    #[error("the record is another auction's")]
    OtherAuction,
    #[error("it was decided before the record ahead of it")]
    TimeRunsBack,
    #[error("the bid's receive stamp is not after the one before it, or after its decision")]
    Stamp,
    #[error("a bid has this id already")]
    BidTwice,
    #[error("nothing was due at that moment")]
    NothingDue,
    #[error("the rules refuse this: {0}")]
    Refused(Rejection),
    #[error("the rules accept the bid that was refused")]
    WronglyRefused,
    #[error("the rules make something else of it")]
    Differs,
    #[error("the log ends in the middle of what happened at one moment")]
    CutOff,
}

/// Replays a log from its beginning and returns the verdict.
///
/// # Errors
/// The first [`Fault`].
pub fn verify(log: &[Record]) -> Result<LogVerdict, Fault> {
    Replay::of(log).map(|replay| replay.verdict())
}

/// A sound log, with the state after each record.
pub struct Replay<'a> {
    log: &'a [Record],
    auction: Auction,
    moments: Vec<StateAt>,
}

/// The state after one record.
#[derive(Clone, Copy)]
struct StateAt {
    head: Hash,
    status: Status,
    round: Option<Round>,
    start: Timestamp,
    start_price: Tyiyn,
    required: Option<Tyiyn>,
    closes_at: Option<Timestamp>,
    participants: usize,
    /// The version of the terms, and the end of applications that they set.
    version: u64,
    tender_end: Option<Timestamp>,
}

impl<'a> Replay<'a> {
    /// Replays a log from its beginning.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn of(log: &'a [Record]) -> Result<Self, Fault> {
        let fault = |seq, why| Fault { seq, why };
        let first = log.first().ok_or_else(|| fault(1, FaultKind::Empty))?;
        let Event::Created { birth } = &first.event else {
            return Err(fault(1, FaultKind::Beginning));
        };
        if birth.id != first.auction {
            return Err(fault(1, FaultKind::OtherAuction));
        }
        check_places(log)?;
        check_bid_ids(log)?;
        let (auction, _) = create(birth.clone());
        let mut replay = Self { log, auction, moments: Vec::with_capacity(log.len()) };
        replay.take(first);
        while let Some(record) = log.get(replay.moments.len()) {
            let decided = decide_again(&replay.auction, &log[replay.moments.len()..]);
            let events = decided.map_err(|why| fault(record.seq, why))?;
            for event in &events {
                let seq = replay.moments.len() as u64 + 1;
                let next =
                    log.get(replay.moments.len()).ok_or(fault(seq - 1, FaultKind::CutOff))?;
                if next.event != *event || next.at != record.at {
                    return Err(fault(seq, FaultKind::Differs));
                }
                replay.take(next);
            }
        }
        Ok(replay)
    }

    /// The auction at the end of the log.
    pub fn auction(&self) -> &Auction {
        &self.auction
    }

    /// The hash at the head of the log after `seq` records; [`GENESIS`] after none.
    pub fn head(&self, seq: u64) -> Option<Hash> {
        match seq {
            0 => Some(GENESIS),
            _ => self.moment(seq).map(|moment| moment.head),
        }
    }

    /// The verdict on the log.
    pub fn verdict(&self) -> LogVerdict {
        let (auction, log) = (&self.auction, self.log);
        let count = |what: fn(&Event) -> bool| {
            log.iter().filter(|record| what(&record.event)).count() as u64
        };
        LogVerdict {
            auction: auction.birth.id,
            head: self.moments.last().map_or(GENESIS, |moment| moment.head),
            seq: log.len() as u64,
            status: auction.status,
            winner: auction.standing_award().map(|award| (award.bidder, award.price)),
            participants: auction.participants.len(),
            accepted: count(|event| matches!(event, Event::BidPlaced { .. })),
            refused: count(|event| matches!(event, Event::BidRefused { .. })),
        }
    }

    fn moment(&self, seq: u64) -> Option<&StateAt> {
        self.moments.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    fn take(&mut self, record: &Record) {
        let previous = self.moments.last().map_or(GENESIS, |moment| moment.head);
        self.auction = evolve(self.auction.clone(), &record.event);
        self.moments.push(StateAt {
            head: link(&previous, record),
            status: self.auction.status,
            round: self.auction.round,
            start: self.auction.birth.offer.start,
            start_price: self.auction.birth.offer.value,
            required: bidding::required(&self.auction),
            closes_at: self.auction.closes_at(),
            participants: self.auction.participants.len(),
            version: self.auction.version,
            tender_end: self.auction.terms.as_ref().map(|terms| terms.tender_end),
        });
    }
}

/// The records follow each other without a gap, belong to one auction, and are ordered by time.
fn check_places(log: &[Record]) -> Result<(), Fault> {
    let mut before: Option<&Record> = None;
    for (seq, record) in (1..).zip(log) {
        let why = if record.seq != seq {
            Some(FaultKind::Gap(record.seq))
        } else if before.is_some_and(|before| before.auction != record.auction) {
            Some(FaultKind::OtherAuction)
        } else if before.is_some_and(|before| before.at > record.at) {
            Some(FaultKind::TimeRunsBack)
        } else if before.is_some() && matches!(record.event, Event::Created { .. }) {
            Some(FaultKind::Beginning)
        } else {
            None
        };
        if let Some(why) = why {
            return Err(Fault { seq, why });
        }
        before = Some(record);
    }
    Ok(())
}

/// One id stands for one bid.
fn check_bid_ids(log: &[Record]) -> Result<(), Fault> {
    let mut seen = std::collections::BTreeSet::<BidId>::new();
    for record in log {
        let (Event::BidPlaced { bid, .. } | Event::BidRefused { bid, .. }) = &record.event else {
            continue;
        };
        if !seen.insert(*bid) {
            return Err(Fault { seq: record.seq, why: FaultKind::BidTwice });
        }
    }
    Ok(())
}

/// The events that the rules give for the command behind the first of `rest`, which is not empty.
fn decide_again(auction: &Auction, rest: &[Record]) -> Result<Vec<Event>, FaultKind> {
    let record = &rest[0];
    match &record.event {
        Event::BidPlaced { .. } | Event::BidRefused { .. } => decide_bid(auction, record),
        _ => {
            let ticked =
                decide(auction, &Command::Tick { roster: roster(auction, rest) }, record.at);
            let by_time = |events: &Vec<Event>| events.first() == Some(&record.event);
            if let Some(events) = ticked.ok().filter(by_time) {
                return Ok(events);
            }
            let command = command(auction, record).ok_or(FaultKind::NothingDue)?;
            decide(auction, &command, record.at)
        }
    }
}

fn decide(auction: &Auction, command: &Command, now: Timestamp) -> Result<Vec<Event>, FaultKind> {
    apply(auction, command, now).map(|(_, events)| events).map_err(FaultKind::Refused)
}

/// Decides a bid again by its receive stamp, which must lie between the stamp before it and the
/// decision. A rejection must be the rules' own, too.
fn decide_bid(auction: &Auction, record: &Record) -> Result<Vec<Event>, FaultKind> {
    let (bid, received_at) = match &record.event {
        Event::BidPlaced { bid, bidder, amount, received_at, .. } => {
            // An accepted bid named the current round; the event's existence shows it.
            let basis = auction.round.ok_or(FaultKind::Differs)?.basis();
            let (epoch, bidder, hasty) = (auction.epoch, Some(*bidder), false);
            (Bid { id: *bid, bidder, epoch, basis, amount: *amount, hasty }, *received_at)
        }
        Event::BidRefused { bid, bidder, epoch, basis, amount, received_at, reason } => {
            let (epoch, basis, bidder) = (*epoch, *basis, Some(*bidder));
            let hasty = *reason == BidRejection::RateLimited;
            (Bid { id: *bid, bidder, epoch, basis, amount: *amount, hasty }, *received_at)
        }
        _ => return Err(FaultKind::Differs),
    };
    if auction.receive(received_at) != received_at || received_at > record.at {
        return Err(FaultKind::Stamp);
    }
    match (apply(auction, &Command::PlaceBid(bid), received_at), &record.event) {
        (Ok((_, events)), Event::BidPlaced { .. }) => Ok(events),
        (Ok(_), _) => Err(FaultKind::WronglyRefused),
        (Err(Rejection::Bid(reason)), Event::BidRefused { .. }) => {
            // A log may repeat a rejection within a window; servers have done so.
            let event = bidding::refusal(auction, &bid, reason, received_at);
            event.map(|event| vec![event]).ok_or(FaultKind::Differs)
        }
        (Err(rejection), _) => Err(FaultKind::Refused(rejection)),
    }
}

/// The participants eligible when applications closed, from the events of that moment. If there
/// were too few, their number is not in the log: one stands for them, or two where one alone would
/// not have been too few, and an empty list for none.
fn roster(auction: &Auction, rest: &[Record]) -> Vec<Commitment> {
    let together = rest.iter().take_while(|record| record.at == rest[0].at);
    for record in together {
        match &record.event {
            Event::TenderingClosed { participants } => return participants.clone(),
            Event::Failed { reason: Failure::InsufficientParticipants } => {
                let count = usize::from(auction.birth.rules.min_participants > 2) + 1;
                return vec![Commitment(String::new()); count];
            }
            Event::Failed { .. } => break,
            _ => {}
        }
    }
    Vec::new()
}

/// The command behind this record; `None` if only time causes it.
fn command(auction: &Auction, record: &Record) -> Option<Command> {
    Some(match record.event.clone() {
        Event::Edited { by, offer } => Command::Edit { by, offer },
        Event::Submitted { by } => Command::Submit { by },
        Event::Returned { by, reason } => Command::Return { by, reason },
        // Earlier versions logged neither the lot nor the number of its documents; there the
        // server's word must do.
        Event::Published { by, lot, .. } => {
            Command::Publish { by, documents: 1, lot: lot.map(seal_lot) }
        }
        Event::Amended { by, approved, offer, lot, .. } => {
            Command::Amend { by, approved, offer, lot: lot.map(seal_lot) }
        }
        Event::Suspended { by, cause, since } => Command::Suspend { by, cause, since },
        Event::ResumeAnnounced { by, at } => Command::AnnounceResume { by, at },
        Event::AwardConfirmed { bidder, protocol, .. } => {
            Command::ConfirmAward { bidder, protocol }
        }
        Event::AwardLapsed { bidder, reason: LapseReason::Refused } => {
            Command::RefuseAward { bidder }
        }
        Event::WinnerDisqualified { by, reason, document } => {
            Command::DisqualifyWinner { by, reason, document }
        }
        Event::ContractSigned { by, document, .. } => Command::SignContract { by, document },
        Event::ContractFailed { by, fault } => Command::FailContract { by, fault },
        Event::Cancelled { by, reason, document } => Command::Cancel { by, reason, document },
        Event::CalendarChanged { by, holidays, .. } => Command::ChangeCalendar { by, holidays },
        Event::ProtocolKept { of, files } => Command::KeepProtocol { of, files },
        // What was signed is made again: a log can't name another document than the files it has.
        Event::ProtocolSigned { of, by, .. } => {
            let document = hex::encode(files_payload(auction, of)?.digest());
            Command::SignProtocol { of, by, document }
        }
        Event::Relaunched { by, successor } if successor != auction.birth.id => {
            Command::Relaunch { by, successor }
        }
        _ => return None,
    })
}

/// The bytes that the organiser signs under a protocol that is kept.
fn files_payload(auction: &Auction, of: ProtocolSubject) -> Option<ProtocolFilesPayload> {
    let files = auction.kept_protocol(of)?.files.clone();
    Some(ProtocolFilesPayload { auction: auction.birth.id, of, files })
}
