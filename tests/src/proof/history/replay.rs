//! Plays a log through the rules, with the bids as they were sent.

use super::{BidHistory, Demands, Findings, Kind};
use std::collections::HashMap;
use toruk_sync::domain::auction::bidding::{self, Bid, BidRejection, Round};
use toruk_sync::domain::auction::{Auction, Event, Status, create, evolve};
use toruk_sync::domain::id::BidId;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::receipt::{Decision, GENESIS, Hash, ReceiptBody, Record, link};

/// A bid's decision as the log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decided {
    bid: BidId,
    decision: Decision,
    received_at: Timestamp,
}

/// The auction's state after one record.
#[derive(Debug, Clone)]
pub struct Point {
    /// Hash of the last record, the head of the chain.
    pub head: Hash,
    /// The round that runs, if any.
    pub round: Option<Round>,
    at: Timestamp,
    decided: Option<Decided>,
}

impl Point {
    /// Returns `true` if a receipt says what this record says.
    pub(super) fn says(&self, body: &ReceiptBody) -> bool {
        let ReceiptBody { bid, decision, received_at, .. } = *body;
        self.decided == Some(Decided { bid, decision, received_at }) && self.at == body.decided_at
    }

    /// Returns `true` if a receipt shows the state after this record.
    pub(super) fn is_shown_by(&self, body: &ReceiptBody) -> bool {
        let shown = self.round.map(|round| (round.number, round.price, round.deadline));
        let said = body.deadline.map(|deadline| (body.round, body.price, deadline));
        shown == said && hex::encode(self.head) == body.head
    }
}

/// A log, replayed record by record.
pub struct Replayed {
    points: Vec<Point>,
    seqs: HashMap<BidId, u64>,
}

impl Replayed {
    pub(super) fn new(
        log: &[Record],
        stories: &HashMap<BidId, BidHistory>,
        demands: Demands,
        findings: &mut Findings,
    ) -> Self {
        let mut player = Player {
            seqs: HashMap::with_capacity(log.len()),
            unlogged: HashMap::new(),
            stories,
            demands,
            findings,
        };
        player.index(log);
        let mut points: Vec<Point> = Vec::with_capacity(log.len());
        let (mut head, mut state) = (GENESIS, None);
        for (record, seq) in log.iter().zip(1..) {
            if record.seq != seq || record.auction != log[0].auction {
                player.findings.add(Kind::Gap, || format!("{} stands at {seq}", record.seq));
            }
            let before = state.take().or_else(|| match &record.event {
                Event::Created { birth } => Some(create(birth.clone()).0),
                _ => None,
            });
            let Some(before) = before else {
                player.findings.add(Kind::Gap, || "a log without a beginning".to_owned());
                break;
            };
            let decided = player.decided(&before, record);
            head = link(&head, record);
            let after = evolve(before, &record.event);
            player.unlogged_at(seq, &after);
            points.push(Point { head, round: after.round, at: record.at, decided });
            state = Some(after);
        }
        Self { points, seqs: player.seqs }
    }

    /// The state after record `seq`.
    pub fn point(&self, seq: u64) -> Option<&Point> {
        self.points.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// The position of a bid's decision in the log.
    pub fn seq_of(&self, bid: BidId) -> Option<u64> {
        self.seqs.get(&bid).copied()
    }
}

struct Player<'a> {
    seqs: HashMap<BidId, u64>,
    /// Decisions that added nothing to the log, by the position at which they were made.
    unlogged: HashMap<u64, Vec<&'a ReceiptBody>>,
    stories: &'a HashMap<BidId, BidHistory<'a>>,
    demands: Demands,
    findings: &'a mut Findings,
}

impl<'a> Player<'a> {
    fn index(&mut self, log: &[Record]) {
        for (record, seq) in log.iter().zip(1..) {
            let (Event::BidPlaced { bid, .. } | Event::BidRefused { bid, .. }) = record.event
            else {
                continue;
            };
            if let Some(before) = self.seqs.insert(bid, seq) {
                self.findings.add(Kind::TwiceInLog, || format!("{bid} at {before} and {seq}"));
            }
            if self.demands.is_complete && !self.stories.contains_key(&bid) {
                self.findings.add(Kind::NobodysBid, || format!("{bid} at {seq}"));
            }
        }
        let stories: &'a HashMap<BidId, BidHistory<'a>> = self.stories;
        for story in stories.values() {
            if let Some((body, _)) = story.decided
                && !self.seqs.contains_key(&body.bid)
            {
                self.unlogged.entry(body.seq).or_default().push(body);
            }
        }
    }

    /// Decides a record's bid again.
    fn decided(&mut self, before: &Auction, record: &Record) -> Option<Decided> {
        match record.event {
            Event::BidPlaced { bid, bidder, amount, received_at, .. } => {
                let basis = before.round.map(|round| round.basis());
                let (basis, bidder) = (basis?, Some(bidder));
                let (epoch, hasty) = (before.epoch, false);
                let as_logged = Bid { id: bid, bidder, epoch, basis, amount, hasty };
                self.accepted(before, record, &as_logged, received_at);
                Some(Decided { bid, decision: Decision::Accepted, received_at })
            }
            Event::BidRefused { bid, bidder, amount, basis, epoch, reason, received_at } => {
                self.stamped(before, record, received_at);
                let (bidder, hasty) = (Some(bidder), reason == BidRejection::RateLimited);
                let logged = Bid { id: bid, bidder, epoch, basis, amount, hasty };
                // The node that counted the attempts knows whether this one was hasty.
                let sent = self.stories.get(&bid).map_or(logged, |story| *story.bid);
                let sent = Bid { hasty, ..sent };
                if sent != logged {
                    let seq = record.seq;
                    self.findings.add(Kind::ReplayDiffers, || format!("{seq}: not as it was sent"));
                }
                let right = bidding::place(before, &sent, received_at);
                self.refused(record.seq, reason, right.err());
                Some(Decided { bid, decision: Decision::Refused(reason), received_at })
            }
            Event::BiddingClosed { .. } | Event::Failed { .. }
                if before.status == Status::Bidding =>
            {
                let drained = before.closes_at().map(|end| end + before.birth.rules.drain);
                if drained.is_none_or(|drained| record.at < drained) {
                    let detail = || format!("at {}, due {drained:?}", record.at.0);
                    self.findings.add(Kind::ClosedEarly, detail);
                }
                None
            }
            _ => None,
        }
    }

    fn accepted(&mut self, before: &Auction, record: &Record, logged: &Bid, at: Timestamp) {
        self.stamped(before, record, at);
        let bid = self.stories.get(&logged.id).map_or(logged, |story| story.bid);
        let seq = record.seq;
        match bidding::place(before, bid, at) {
            Ok(event) if event == record.event => {}
            Ok(event) => self.findings.add(Kind::ReplayDiffers, || format!("{seq}: {event:?}")),
            Err(BidRejection::DeadlinePassed) => {
                let deadline = before.closes_at();
                self.findings.add(Kind::AcceptedLate, || format!("{seq}: {at:?} {deadline:?}"));
            }
            Err(reason) => {
                self.findings.add(Kind::WronglyAccepted, || format!("{seq}: {reason}"));
            }
        }
    }

    fn refused(&mut self, seq: u64, said: BidRejection, right: Option<BidRejection>) {
        match right {
            Some(reason) if reason == said => {}
            Some(reason) => {
                self.findings.add(Kind::ReplayDiffers, || format!("{seq}: {said}, not {reason}"));
            }
            None => self.findings.add(Kind::WronglyRefused, || format!("{seq}: {said}")),
        }
    }

    /// Stamps rise strictly, and nothing is decided before it was received.
    fn stamped(&mut self, before: &Auction, record: &Record, at: Timestamp) {
        if before.stamped_at.is_some_and(|last| at <= last) || record.at < at {
            self.findings.add(Kind::StampsNotRising, || format!("{}: {at:?}", record.seq));
        }
    }

    /// Refusals that added nothing to the log are decided again on the state they name.
    fn unlogged_at(&mut self, seq: u64, state: &Auction) {
        for body in self.unlogged.remove(&seq).unwrap_or_default() {
            let Decision::Refused(reason) = body.decision else { continue };
            let in_time = state.closes_at().is_some_and(|deadline| body.received_at < deadline);
            if reason == BidRejection::Closed && in_time {
                self.findings.add(Kind::ShutOut, || format!("{} after {seq}", body.bid));
            }
            let Some(story) = self.stories.get(&body.bid) else { continue };
            let bid = Bid { hasty: reason == BidRejection::RateLimited, ..*story.bid };
            let right = bidding::place(state, &bid, body.received_at).err();
            self.refused(seq, reason, right);
        }
    }
}
