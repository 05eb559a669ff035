//! Good histories pass; every edit of one is found.

use super::*;
use proptest::prelude::*;
use toruk_sync::domain::auction::bidding::{self, BidRejection};
use toruk_sync::domain::auction::{Auction, Command, Commitment, Event, apply, create, evolve};
use toruk_sync::domain::auction::{Birth, ObjectOfPrice, Offer};
use toruk_sync::domain::id::{AuctionId, BidderNo, LotId, OrganisationId, PersonId};
use toruk_sync::domain::money::{BasisPoints, Tyiyn};
use toruk_sync::receipt::{GENESIS, Hash, link};
use uuid::Uuid;

const START: Timestamp = Timestamp(1_790_000_000_000_000);
const STRICT: Demands =
    Demands { clocks_apart_max: Some(TimeSpan::milliseconds(1)), is_complete: true };

/// A tiny honest server.
struct Tale {
    auction: Auction,
    log: Vec<Record>,
    head: Hash,
    operations: Vec<Operation>,
    now: Timestamp,
    names: u128,
}

impl Tale {
    fn open(bidders: u16) -> Self {
        let rules = crate::world::seed::unhurried(TimeSpan::minutes(10));
        let offer = Offer {
            object_of_price: ObjectOfPrice::SalePrice,
            value: Tyiyn::new(1_000_000).unwrap(),
            step: BasisPoints(500),
            guarantee: BasisPoints(500),
            start: START,
            lease_duration: None,
        };
        let id = AuctionId(Uuid::from_u128(7));
        let organisation = OrganisationId(Uuid::from_u128(9));
        let author = PersonId(Uuid::from_u128(10));
        let birth = Birth {
            id,
            lot: LotId(Uuid::from_u128(8)),
            lot_holder: organisation,
            procuring_entity: organisation,
            rules,
            offer,
            author,
            attempt: 1,
            previous: None,
            root: id,
            value_min: None,
            value_set: None,
        };
        let (auction, events) = create(birth);
        let published = START - TimeSpan::hours(3);
        let (operations, now) = (Vec::new(), START);
        let mut tale =
            Self { auction, log: Vec::new(), head: GENESIS, operations, now, names: 100 };
        for event in events {
            tale.record(event, published);
        }
        tale.command(&Command::Submit { by: author }, published);
        let by = PersonId(Uuid::from_u128(11));
        tale.command(&Command::Publish { by, documents: 1, lot: None }, published);
        let roster = (0..bidders).map(|no| Commitment(no.to_string())).collect();
        let tick = Command::Tick { roster };
        while let Some(wake_at) = tale.auction.wake_at().filter(|at| *at <= START) {
            tale.command(&tick, wake_at);
        }
        tale
    }

    fn command(&mut self, command: &Command, at: Timestamp) {
        for event in apply(&self.auction, command, at).unwrap().1 {
            self.record(event, at);
        }
    }

    fn record(&mut self, event: Event, at: Timestamp) {
        self.auction = match &event {
            Event::Created { .. } => self.auction.clone(),
            event => evolve(self.auction.clone(), event),
        };
        let seq = self.log.len() as u64 + 1;
        let record = Record { auction: self.auction.birth.id, seq, at, event };
        self.head = link(&self.head, &record);
        self.log.push(record);
    }

    fn raise(&mut self, bidder: u16) -> Bid {
        let basis = self.auction.round.unwrap().basis();
        let amount = bidding::required(&self.auction).unwrap();
        self.names += 1;
        let id = BidId(Uuid::from_u128(self.names));
        Bid { id, bidder: Some(BidderNo(bidder)), epoch: 0, basis, amount, hasty: false }
    }

    /// Decides a bid that was sent now and is answered two milliseconds later.
    fn bid(&mut self, bid: Bid) {
        let invoked = self.now;
        let received_at = self.auction.receive(invoked + TimeSpan::milliseconds(1));
        let (decision, event) = match bidding::place(&self.auction, &bid, received_at) {
            Ok(event) => (Decision::Accepted, Some(event)),
            Err(reason) => {
                let event = bidding::refused(&self.auction, &bid, reason, received_at);
                (Decision::Refused(reason), event)
            }
        };
        if let Some(event) = event {
            self.record(event, received_at);
        }
        let round = self.auction.round;
        let body = ReceiptBody {
            auction: self.auction.birth.id,
            bid: bid.id,
            bidder: bid.bidder,
            amount: bid.amount,
            decision,
            received_at,
            decided_at: received_at,
            seq: self.log.len() as u64,
            head: hex::encode(self.head),
            round: round.unwrap().number,
            price: round.unwrap().price,
            deadline: round.map(|round| round.deadline),
        };
        self.now = invoked + TimeSpan::milliseconds(2);
        let what = HistoryEvent::Bid { bid, answer: BidAnswer::Decided(Box::new(body)) };
        self.operations.push(Operation { invoked, returned: Some(self.now), what });
        self.now = self.now + TimeSpan::milliseconds(1);
    }

    fn look(&mut self) {
        let (invoked, returned) = (self.now, Some(self.now + Timestamp::TICK));
        let seq = self.log.len() as u64;
        let what =
            HistoryEvent::Read { seq, head: hex::encode(self.head), round: self.auction.round };
        self.operations.push(Operation { invoked, returned, what });
        self.now = self.now + TimeSpan::milliseconds(1);
    }

    /// Raises, looks, wrong amounts, stale bids and, in the end, the close.
    fn of(bids: usize) -> Self {
        let mut tale = Self::open(4);
        let mut stale = tale.raise(1);
        for no in 0..bids {
            let bidder = u16::try_from(no % 4).unwrap() + 1;
            let raise = tale.raise(bidder);
            match no % 5 {
                1 => tale.bid(Bid { amount: Tyiyn::new(1).unwrap(), ..raise }),
                2 => {
                    tale.look();
                    stale.id = raise.id;
                    tale.bid(stale);
                }
                _ => {
                    stale = raise;
                    tale.bid(raise);
                }
            }
        }
        tale
    }

    fn closed(mut self) -> Self {
        let late = self.raise(3);
        let due = self.auction.wake_at().unwrap();
        self.command(&Command::Tick { roster: Vec::new() }, due);
        self.now = due;
        self.bid(late);
        self
    }

    fn kinds(&self) -> Vec<Kind> {
        let found = check(&self.operations, &self.log, STRICT);
        let mut kinds: Vec<_> = found.iter().map(|finding| finding.kind).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// The place and the receipt of the first bid decided so.
    fn receipt(&mut self, accepted: bool) -> &mut ReceiptBody {
        let receipts =
            self.operations.iter_mut().filter_map(|operation| match &mut operation.what {
                HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => Some(body),
                _ => None,
            });
        let mut fitting = receipts.filter(|body| (body.decision == Decision::Accepted) == accepted);
        fitting.next().unwrap()
    }

    fn place_of(&self, accepted: bool) -> usize {
        let is_it = |record: &Record| match record.event {
            Event::BidPlaced { .. } => accepted,
            Event::BidRefused { .. } => !accepted,
            _ => false,
        };
        self.log.iter().position(is_it).unwrap()
    }
}

#[track_caller]
fn found(kind: Kind, edit: impl FnOnce(&mut Tale)) {
    let mut tale = Tale::of(20).closed();
    assert_eq!(tale.kinds(), [], "before the edit");
    edit(&mut tale);
    assert!(tale.kinds().contains(&kind), "{kind:?} not among {:?}", tale.kinds());
}

#[test]
fn an_honest_history_is_without_findings() {
    assert_eq!(Tale::of(60).kinds(), []);
    assert_eq!(Tale::of(60).closed().kinds(), []);
}

#[test]
fn a_lost_acknowledged_bid_is_found() {
    found(Kind::LostAck, |tale| {
        tale.log.pop();
        let place = tale.place_of(true);
        tale.log.truncate(place);
    });
}

#[test]
fn an_acknowledged_bid_in_another_place_is_found() {
    found(Kind::LostAck, |tale| tale.receipt(true).seq += 1);
}

#[test]
fn a_receipt_that_differs_from_the_log_is_found() {
    found(Kind::ReceiptDiffers, |tale| tale.receipt(true).price = Tyiyn::ZERO);
    found(Kind::ReceiptDiffers, |tale| tale.receipt(true).amount = Tyiyn::ZERO);
    found(Kind::ReceiptDiffers, |tale| tale.receipt(false).head = "00".repeat(32));
    found(Kind::ReceiptDiffers, |tale| {
        tale.receipt(false).decision = Decision::Refused(BidRejection::Suspended);
    });
}

#[test]
fn another_bids_receipt_is_found() {
    found(Kind::ForeignReceipt, |tale| tale.receipt(true).bid = BidId(Uuid::from_u128(1)));
}

#[test]
fn two_receipts_of_one_bid_are_found() {
    found(Kind::TwoReceipts, |tale| {
        let mut again = tale.operations[0].clone();
        let HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } = &mut again.what else {
            panic!()
        };
        body.seq += 1;
        tale.operations.push(again);
    });
}

#[test]
fn an_answer_that_turns_time_around_is_found() {
    found(Kind::OrderBroken, |tale| {
        let end = tale.now;
        tale.operations[0].invoked = end;
        tale.operations[0].returned = Some(end + Timestamp::TICK);
    });
}

#[test]
fn a_bid_sent_again_much_later_is_no_turned_time() {
    let mut tale = Tale::of(20);
    let mut again = tale.operations[0].clone();
    again.invoked = tale.now;
    again.returned = Some(tale.now + Timestamp::TICK);
    tale.operations.push(again);
    assert_eq!(tale.kinds(), []);
}

#[test]
fn a_reader_of_what_never_was_is_found() {
    found(Kind::ReadDiffers, |tale| {
        for operation in &mut tale.operations {
            if let HistoryEvent::Read { round, .. } = &mut operation.what {
                *round = None;
            }
        }
    });
}

#[test]
fn a_stamp_from_before_the_call_or_after_the_answer_is_found() {
    for shift in [TimeSpan::milliseconds(-3), TimeSpan::milliseconds(4)] {
        found(Kind::StampOutsideCall, |tale| {
            let operation = &mut tale.operations[0];
            operation.invoked = operation.invoked + shift;
            operation.returned = operation.returned.map(|at| at + shift);
        });
    }
}

#[test]
fn an_unknown_bid_may_be_there_or_not_and_an_undecided_one_may_not() {
    let mut tale = Tale::of(20);
    let raise = tale.raise(1);
    let operation = |bid, answer| Operation {
        invoked: START,
        returned: None,
        what: HistoryEvent::Bid { bid, answer },
    };
    tale.operations.push(operation(raise, BidAnswer::Unknown));
    assert_eq!(tale.kinds(), [], "not there");
    let HistoryEvent::Bid { bid: there, .. } = tale.operations[0].what.clone() else { panic!() };
    tale.operations[0] = operation(there, BidAnswer::Unknown);
    assert_eq!(tale.kinds(), [], "there");
    tale.operations[0] = operation(there, BidAnswer::Undecided(ProblemCode::Busy));
    assert_eq!(tale.kinds(), [Kind::UndecidedAppears]);
    tale.operations.remove(0);
    assert_eq!(tale.kinds(), [Kind::NobodysBid]);
}

#[test]
fn a_log_that_the_rules_would_not_have_written_is_found() {
    found(Kind::Gap, |tale| tale.log[5].seq += 1);
    found(Kind::TwiceInLog, |tale| {
        let mut copy = tale.log[tale.place_of(true)].clone();
        copy.seq = tale.log.len() as u64 + 1;
        tale.log.push(copy);
    });
    found(Kind::AcceptedLate, |tale| {
        let place = tale.place_of(true);
        let Event::BidPlaced { received_at, .. } = &mut tale.log[place].event else { panic!() };
        *received_at = START + TimeSpan::minutes(10);
    });
    found(Kind::WronglyRefused, |tale| {
        let place = tale.place_of(true);
        let Event::BidPlaced { received_at, .. } = tale.log[place].event else { panic!() };
        let HistoryEvent::Bid { bid, .. } = tale.operations[0].what.clone() else { panic!() };
        let (reason, bidder) = (BidRejection::StaleBasis, bid.bidder.unwrap());
        let Bid { id: bid, epoch, basis, amount, .. } = bid;
        tale.log[place].event =
            Event::BidRefused { bid, bidder, amount, basis, epoch, reason, received_at };
    });
    found(Kind::ReplayDiffers, |tale| {
        let place = tale.place_of(false);
        let Event::BidRefused { reason, .. } = &mut tale.log[place].event else { panic!() };
        *reason = BidRejection::PriceLimit;
    });
    found(Kind::WronglyAccepted, |tale| {
        let place = tale.place_of(true);
        let Event::BidPlaced { bidder, .. } = &mut tale.log[place].event else { panic!() };
        *bidder = BidderNo(1);
        tale.log[place + 2].event = tale.log[place].event.clone();
    });
    found(Kind::StampsNotRising, |tale| {
        let place = tale.place_of(false);
        let Event::BidRefused { received_at, .. } = &mut tale.log[place].event else { panic!() };
        *received_at = START;
    });
    found(Kind::ClosedEarly, |tale| {
        let closed = tale.log.iter_mut().find(|it| matches!(it.event, Event::BiddingClosed { .. }));
        let closed = closed.unwrap();
        closed.at = closed.at - Timestamp::TICK;
    });
    found(Kind::ShutOut, |tale| {
        let deadline = tale.auction.closes_at().unwrap();
        tale.now = deadline - TimeSpan::milliseconds(390);
        let bid = tale.raise(2);
        tale.bid(bid);
    });
}

proptest! {
    #[test]
    fn of_two_records_neither_may_stand_in_the_others_place(one in 6..25usize, other in 6..25usize) {
        prop_assume!(one != other);
        let mut tale = Tale::of(25);
        tale.log.swap(one, other);
        let (a, b) = (one as u64 + 1, other as u64 + 1);
        (tale.log[one].seq, tale.log[other].seq) = (a, b);
        prop_assert!(!tale.kinds().is_empty());
    }

    #[test]
    fn an_answer_is_told_from_any_other_bids_answer(one in 0..20usize, other in 0..20usize) {
        let mut tale = Tale::of(20);
        let operations = tale.operations.clone();
        let bodies: Vec<_> = operations.iter().filter_map(|operation| match &operation.what {
            HistoryEvent::Bid { answer: BidAnswer::Decided(body), .. } => Some(body.clone()),
            _ => None,
        }).collect();
        prop_assume!(one != other);
        let (wrong, right) = (bodies[one].clone(), bodies[other].bid);
        for operation in &mut tale.operations {
            if let HistoryEvent::Bid { bid, answer } = &mut operation.what && bid.id == right {
                // As if the server had put the right name on a wrong receipt.
                *answer = BidAnswer::Decided(Box::new(ReceiptBody { bid: right, ..*wrong.clone() }));
            }
        }
        prop_assert!(!tale.kinds().is_empty());
    }
}
