//! Holds what clients were told against the log: in time linear in both.
//!
//! # Why this is exact
//! Checking whether *some* order explains a history is hard. Here every answer names the place in
//! the log at which it was true (`seq`), so there is one order to check: it has to be the one the
//! log has, and it must not turn real time around. A bid that was sent several times under one id
//! is one operation, from its first sending to its first answer.
//!
//! Knows nothing of servers and sockets: operations in, findings out.

mod order;
mod replay;

use crate::proof::history::order::{Span, turned_around};
use std::collections::HashMap;
use std::fmt;
use toruk_sync::domain::auction::bidding::{Bid, Round};
use toruk_sync::domain::id::BidId;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::problem::ProblemCode;
use toruk_sync::receipt::{Decision, ReceiptBody, Record};

pub use replay::{Point, Replayed};

/// Findings of one kind kept of one check; a broken server breaks everything, and a few say it as
/// well.
const FINDINGS_OF_A_KIND_MAX: usize = 5;

/// HistoryEvent a client did and was told.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Before the first byte was sent, by the harness's clock.
    pub invoked: Timestamp,
    /// After the last byte of the answer was read; `None` when none came.
    pub returned: Option<Timestamp>,
    pub what: HistoryEvent,
}

/// HistoryEvent a client did.
#[derive(Debug, Clone)]
pub enum HistoryEvent {
    /// Sent a bid, for the first time or again, or asked what became of it.
    Bid {
        /// The bid, with the number of the bidder who signed it.
        bid: Bid,
        answer: BidAnswer,
    },
    /// Looked at the auction.
    Read {
        /// The log's length, as shown.
        seq: u64,
        /// The log's head, as shown.
        head: String,
        /// The live part, as shown.
        round: Option<Round>,
    },
}

/// The answer to a bid.
#[derive(Debug, Clone)]
pub enum BidAnswer {
    /// A receipt whose signature holds.
    Decided(Box<ReceiptBody>),
    /// A problem that promises that nothing was decided.
    Undecided(ProblemCode),
    /// No answer, or one that says that nobody knows.
    Unknown,
}

/// Expectations that a history and its log are checked for.
#[derive(Debug, Clone, Copy)]
pub struct Demands {
    /// Largest difference between the harness's clock and the server's; `None` when stamps are not
    /// to be held against the harness's clock.
    pub clocks_apart_max: Option<TimeSpan>,
    /// `true` if the history holds every bid that was ever sent.
    pub is_complete: bool,
}

/// A kind of thing that must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The log's positions have a gap or a repetition, or a record is another auction's.
    Gap,
    /// A receive stamp is not later than the one before.
    StampsNotRising,
    /// A bid was accepted that was received at the deadline or later.
    AcceptedLate,
    /// A bid was accepted against the rules.
    WronglyAccepted,
    /// A bid was refused that the rules accept.
    WronglyRefused,
    /// The record of a decision is not what the rules make of the bid.
    ReplayDiffers,
    /// Bidding was closed before everybody in time was decided.
    ClosedEarly,
    /// A bid that was stamped before the deadline found the auction closed.
    ShutOut,
    /// A bid stands in the log twice.
    TwiceInLog,
    /// A bid in the log that nobody sent.
    NobodysBid,
    /// A receipt whose decision the log does not have.
    LostAck,
    /// A receipt that says something else than the log.
    ReceiptDiffers,
    /// A receipt of another bid than the one that was sent.
    ForeignReceipt,
    /// One bid, two different receipts.
    TwoReceipts,
    /// A bid that was said not to be decided stands in the log.
    UndecidedAppears,
    /// An operation that was answered earlier stands later in the log.
    OrderBroken,
    /// A reader was shown what the log never was.
    ReadDiffers,
    /// A stamp from before the bid was sent, or from after it was answered.
    StampOutsideCall,
    /// A receipt's signature does not hold.
    BadReceipt,
    /// A sound bid got no decision although nothing was wrong.
    SoundBidTurnedAway,
    /// A commit failed and the server went on.
    OutlivedFailedCommit,
    /// A commit did not wait for the disk.
    NotSynced,
    /// Bids were not decided in the order in which they had arrived.
    OvertakenInQueue,
    /// A bid got an earlier stamp than one that had arrived before it.
    OvertakenOnArrival,
    /// The database is damaged.
    Damaged,
    /// A server started on a database that had lost what it had committed, and did not say so.
    LossUnnoticed,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    /// Details for a person: places in the log, numbers, times.
    pub detail: String,
}

impl Finding {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}

/// All that was found, up to a limit of each kind.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Adds a finding; at most a few of each kind are kept.
    pub fn add(&mut self, kind: Kind, detail: impl FnOnce() -> String) {
        let known = self.0.iter().filter(|finding| finding.kind == kind).count();
        if known < FINDINGS_OF_A_KIND_MAX {
            self.0.push(Finding::new(kind, detail()));
        }
    }

    /// Returns `true` if nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

/// One bid over all its sendings.
pub(super) struct BidHistory<'a> {
    bid: &'a Bid,
    invoked: Timestamp,
    /// The first receipt and when it had come.
    decided: Option<(&'a ReceiptBody, Timestamp)>,
    undecided: Option<ProblemCode>,
    /// `true` if any sending of the bid may have had an effect.
    open: bool,
}

/// Holds `operations` against `log`. An empty list means that all is well.
pub fn check(operations: &[Operation], log: &[Record], demands: Demands) -> Vec<Finding> {
    let mut findings = Findings::default();
    let stories = stories(operations, &mut findings);
    let replayed = Replayed::new(log, &stories, demands, &mut findings);
    let mut spans = Vec::with_capacity(operations.len());
    for story in stories.values() {
        answered(story, &replayed, demands, &mut findings);
        if let Some((body, returned)) = story.decided {
            let is_write = replayed.seq_of(body.bid) == Some(body.seq);
            let (invoked, seq) = (story.invoked, body.seq);
            spans.push(Span { invoked, returned, seq, is_write });
        }
    }
    for operation in operations {
        let HistoryEvent::Read { seq, head, round } = &operation.what else { continue };
        let shown = replayed.point(*seq);
        if shown.is_none_or(|point| hex::encode(point.head) != *head || point.round != *round) {
            findings.add(Kind::ReadDiffers, || format!("at {seq}: {round:?}"));
        }
        if let Some(returned) = operation.returned {
            let (invoked, seq) = (operation.invoked, *seq);
            spans.push(Span { invoked, returned, seq, is_write: false });
        }
    }
    if let Some((earlier, later)) = turned_around(&mut spans) {
        findings.add(Kind::OrderBroken, || {
            format!("{earlier} was answered before {later} was asked for")
        });
    }
    findings.into_vec()
}

fn stories<'a>(
    operations: &'a [Operation],
    findings: &mut Findings,
) -> HashMap<BidId, BidHistory<'a>> {
    let mut stories: HashMap<BidId, BidHistory> = HashMap::with_capacity(operations.len());
    for operation in operations {
        let HistoryEvent::Bid { bid, answer } = &operation.what else { continue };
        let story = stories.entry(bid.id).or_insert_with(|| BidHistory {
            bid,
            invoked: operation.invoked,
            decided: None,
            undecided: None,
            open: false,
        });
        story.invoked = story.invoked.min(operation.invoked);
        match (answer, operation.returned) {
            (BidAnswer::Decided(body), Some(returned)) if body.bid == bid.id => {
                if story.decided.is_some_and(|(first, _)| *first != **body) {
                    findings.add(Kind::TwoReceipts, || bid.id.to_string());
                }
                let first = story.decided.is_none_or(|(_, before)| returned < before);
                if first {
                    story.decided = Some((body, returned));
                }
            }
            (BidAnswer::Decided(body), Some(_)) => {
                findings.add(Kind::ForeignReceipt, || format!("{} for {}", body.bid, bid.id));
            }
            (BidAnswer::Undecided(code), _) => story.undecided = Some(*code),
            (BidAnswer::Unknown | BidAnswer::Decided(_), _) => story.open = true,
        }
    }
    stories
}

/// Compares the answers that one bidder got with what the log says of the bid.
fn answered(story: &BidHistory, replayed: &Replayed, demands: Demands, findings: &mut Findings) {
    let id = story.bid.id;
    let Some((body, returned)) = story.decided else {
        if let (Some(code), false, Some(seq)) = (story.undecided, story.open, replayed.seq_of(id)) {
            findings.add(Kind::UndecidedAppears, || format!("{id}: {code:?}, but record {seq}"));
        }
        return;
    };
    if let Some(apart) = demands.clocks_apart_max {
        let stamp = body.received_at;
        // A stamp follows the one before it, and may be pushed on a little by a crowd.
        if stamp < story.invoked - apart || stamp > returned + apart {
            let (from, to) = (story.invoked.0, returned.0);
            findings.add(Kind::StampOutsideCall, || format!("{id}: {} in {from}..{to}", stamp.0));
        }
    }
    let Some(point) = replayed.point(body.seq) else {
        findings.add(Kind::LostAck, || format!("{id}: the log has no record {}", body.seq));
        return;
    };
    let logged = replayed.seq_of(id);
    if logged != Some(body.seq) && (logged.is_some() || body.decision == Decision::Accepted) {
        findings.add(Kind::LostAck, || format!("{id}: not record {}", body.seq));
        return;
    }
    if logged.is_some() && !point.says(body) {
        findings.add(Kind::ReceiptDiffers, || format!("{id}: {body:?}, the log: {point:?}"));
    }
    let same_bid = body.amount == story.bid.amount && body.bidder == story.bid.bidder;
    if !same_bid || !point.is_shown_by(body) {
        findings.add(Kind::ReceiptDiffers, || format!("{id}: {body:?} at {point:?}"));
    }
}

#[cfg(test)]
mod tests;
