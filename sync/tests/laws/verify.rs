//! A log that was written by the rules is sound; one that was changed is not.

use crate::auction::{Act, Play, acts, rules};
use crate::world::START;
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::auction::{Command, Event};
use toruk_sync::domain::id::{BidId, BidderNo};
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::receipt::{Decision, GENESIS, Hash, Receipt, ReceiptBody, Record, Signer, link};
use toruk_sync::verify::{FaultKind, Finding, Replay, verify, verify_receipts};
use uuid::Uuid;

fn signer() -> Signer {
    Signer::new("toruk.example", SigningKey::from_bytes(&[7; 32])).unwrap()
}

/// The records that a server would have stored, and its receipts.
struct Written {
    log: Vec<Record>,
    receipts: Vec<Receipt>,
    play: Play,
}

/// Plays as the server does: every event with its decision's moment, every bid with its receipt.
fn written(rules: RuleProfile, acts: &[Act]) -> Written {
    let mut play = Play::new(rules);
    let mut log = Vec::new();
    let published_at = START - TimeSpan::days(16);
    append(&mut log, &play, &play.log, published_at);
    let mut bodies = Vec::new();
    for act in acts {
        let command = play.command(&act.what);
        let asked_at = play.now + act.after;
        let before = play.auction.clone();
        let events = play.act(act);
        let received_at = before.receive(asked_at.max(before.stamped_at.unwrap_or(asked_at)));
        let is_bid = matches!(command, Command::PlaceBid(_));
        let decided_at = if is_bid { play.now.max(received_at) } else { play.now };
        append(&mut log, &play, &events, decided_at);
        if let Command::PlaceBid(bid) = command {
            let refusal =
                || match toruk_sync::domain::auction::bidding::place(&before, &bid, received_at) {
                    Ok(_) => Decision::Accepted,
                    Err(reason) => Decision::Refused(reason),
                };
            let round = play.auction.round;
            bodies.push(ReceiptBody {
                auction: play.auction.birth.id,
                bid: bid.id,
                bidder: bid.bidder,
                amount: bid.amount,
                decision: refusal(),
                received_at,
                decided_at,
                seq: log.len() as u64,
                head: hex::encode(head(&log)),
                round: round.map_or(0, |round| round.number),
                price: round.map_or(play.auction.birth.offer.value, |round| round.price),
                deadline: round.map(|round| round.deadline),
            });
        }
    }
    Written { log, receipts: signer().sign(bodies), play }
}

fn append(log: &mut Vec<Record>, play: &Play, events: &[Event], at: Timestamp) {
    for event in events {
        let seq = log.len() as u64 + 1;
        log.push(Record { auction: play.auction.birth.id, seq, at, event: event.clone() });
    }
}

fn head(log: &[Record]) -> Hash {
    log.iter().fold(GENESIS, |head, record| link(&head, record))
}

/// Numbers the records again, as an attacker would to hide a missing one.
fn renumbered(mut log: Vec<Record>) -> Vec<Record> {
    for (seq, record) in (1..).zip(&mut log) {
        record.seq = seq;
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_the_rules_wrote_holds_with_every_receipt(rules in rules(), acts in acts()) {
        let Written { log, receipts, play } = written(rules, &acts);
        let verdict = verify_receipts(&log, &receipts, signer().verifier()).unwrap();
        prop_assert_eq!(verdict.head, head(&log));
        prop_assert_eq!((verdict.seq, verdict.status), (log.len() as u64, play.auction.status));
        let accepted = play.auction.round.map_or(0, |round| round.number);
        prop_assert_eq!(verdict.accepted, accepted);
        let replay = Replay::of(&log).unwrap();
        prop_assert_eq!(replay.auction(), &play.auction);
    }

    /// Any change of a record contradicts any later receipt.
    #[test]
    fn no_record_before_a_receipt_can_be_touched(
        rules in rules(),
        acts in acts(),
        place in any::<prop::sample::Index>(),
        how in 0..6u8,
    ) {
        let Written { log, receipts, .. } = written(rules, &acts);
        let Some(receipt) = receipts.last() else { return Ok(()) };
        let covered = usize::try_from(receipt.body.seq).unwrap();
        let place = place.index(covered);
        let mut touched = log.clone();
        match how {
            0 => { touched.remove(place); }
            1 => touched[place].at = touched[place].at + TimeSpan(1),
            2 => touched.insert(place, log[place].clone()),
            3 => touched.swap(place, (place + 1) % covered),
            4 => touched.truncate(place),
            _ => edit(&mut touched[place].event),
        }
        let touched = if how == 1 { touched } else { renumbered(touched) };
        // A doubled last record comes after the receipt, which says nothing about it.
        prop_assume!(touched.get(..covered) != log.get(..covered));
        let found = verify_receipts(&touched, [receipt], signer().verifier());
        prop_assert!(found.is_err(), "{how} at {place}");
        prop_assert!(head(&touched) != head(&log));
    }

    /// Changes that the rules alone notice, without any receipt.
    #[test]
    fn the_rules_notice_a_changed_bid(
        rules in rules(),
        acts in acts(),
        place in any::<prop::sample::Index>(),
        how in 0..7u8,
    ) {
        let Written { log, .. } = written(rules, &acts);
        let is_bid = |record: &&Record| matches!(record.event, Event::BidPlaced { .. });
        let bids: Vec<u64> = log.iter().filter(is_bid).map(|record| record.seq).collect();
        prop_assume!(!bids.is_empty());
        let seq = bids[place.index(bids.len())];
        let mut touched = log.clone();
        let record = &mut touched[usize::try_from(seq).unwrap() - 1];
        let Event::BidPlaced { bidder, amount, outbid, received_at, deadline, .. } =
            &mut record.event else { unreachable!() };
        match how {
            0 => *bidder = BidderNo(99),
            1 => *amount = Tyiyn::new(amount.get() + 1).unwrap(),
            2 => *outbid = Some(BidderNo(98)),
            3 => *deadline = *deadline + TimeSpan(1),
            4 => *received_at = record.at + TimeSpan(1),
            5 => *received_at = Timestamp(0),
            _ => record.at = Timestamp(0),
        }
        let fault = verify(&touched).unwrap_err();
        prop_assert_eq!(fault.seq, seq, "{}", fault);
    }

    #[test]
    fn a_receipt_that_says_otherwise_is_found(
        rules in rules(),
        acts in acts(),
        place in any::<prop::sample::Index>(),
        how in 0..10u8,
    ) {
        let Written { log, receipts, .. } = written(rules, &acts);
        prop_assume!(!receipts.is_empty());
        let mut body = receipts[place.index(receipts.len())].body.clone();
        let sound = body.clone();
        match how {
            0 => body.bid = BidId(Uuid::from_u128(u128::MAX)),
            1 => body.bidder = Some(BidderNo(99)),
            2 => body.amount = Tyiyn::new(body.amount.get() + 1).unwrap(),
            3 => body.received_at = body.received_at + TimeSpan(1),
            4 => body.head = "00".repeat(32),
            5 => body.seq = log.len() as u64 + 1,
            6 => body.price = Tyiyn::new(body.price.get() + 1).unwrap(),
            7 => body.round += 1,
            8 => body.deadline = None,
            _ => body.decision = match body.decision {
                Decision::Accepted => Decision::Refused(BidRejection::StaleBasis),
                Decision::Refused(_) => Decision::Accepted,
            },
        }
        prop_assume!(body != sound);
        // The log has no bid that was rejected outside bidding; there the receipt is the only
        // trace.
        let open = log.get(usize::try_from(sound.seq).unwrap() - 1).is_some_and(|record| {
            matches!(record.event, Event::BidPlaced { bid, .. } | Event::BidRefused { bid, .. }
                if bid == sound.bid)
        });
        prop_assume!(open || how >= 4);
        // A rejected bid of an unknown id may be a repetition, of which the log has only the first.
        prop_assume!(how != 0 || sound.decision == Decision::Accepted);
        let receipt = signer().sign_one(body);
        let found = verify_receipts(&log, [&receipt], signer().verifier());
        prop_assert!(matches!(found, Err(Finding::Receipt { .. })), "{how}: {found:?}");
    }
}

/// Changes a value in the event, in a way that keeps its form valid.
fn edit(event: &mut Event) {
    let changed = match event.clone() {
        Event::BidPlaced { bid, bidder, outbid, received_at, deadline, amount } => {
            let bidder = BidderNo(bidder.0 % 4 + 1);
            Event::BidPlaced { bid, bidder, outbid, received_at, deadline, amount }
        }
        Event::BidRefused { bid, bidder, epoch, basis, amount, received_at, .. } => {
            let reason = BidRejection::PriceLimit;
            Event::BidRefused { bid, bidder, epoch, basis, amount, reason, received_at }
        }
        Event::BiddingOpened { deadline } => {
            Event::BiddingOpened { deadline: deadline + TimeSpan::minutes(1) }
        }
        Event::Created { mut birth } => {
            birth.rules.raise_window.0 += 1;
            Event::Created { birth }
        }
        Event::TenderingClosed { mut participants } => {
            participants.reverse();
            Event::TenderingClosed { participants }
        }
        _ => Event::TenderingOpened,
    };
    *event = changed;
}

/// Opened on time, one raise by each of two, closed and proposed.
fn played() -> Written {
    use crate::auction::What;
    let raise = |bidder| What::Bid { bidder, behind: 0, over: 0, old_epoch: false, hasty: false };
    let stale = What::Bid { bidder: 3, behind: 1, over: 0, old_epoch: false, hasty: false };
    let acts = [
        (TimeSpan::ZERO, What::Tick),
        (TimeSpan::hours(1), What::Tick),
        (TimeSpan::minutes(1), raise(1)),
        (TimeSpan::minutes(1), raise(2)),
        (TimeSpan::seconds(1), stale),
        (TimeSpan::hours(1), What::Tick),
    ]
    .map(|(after, what)| Act { after, what });
    written(RuleProfile::standard(), &acts)
}

#[test]
fn the_winner_is_computed_from_the_log_alone() {
    let Written { log, .. } = played();
    let verdict = verify(&log).unwrap();
    let price = Tyiyn::new(110_000).unwrap();
    assert_eq!(verdict.winner, Some((BidderNo(2), price)));
    assert_eq!((verdict.accepted, verdict.refused, verdict.participants), (2, 1, 4));
    assert_eq!(Replay::of(&log).unwrap().head(3), Some(head(&log[..3])));
}

#[track_caller]
fn check(touch: impl FnOnce(&mut Vec<Record>), expected: (u64, FaultKind)) {
    let mut log = played().log;
    touch(&mut log);
    let fault = verify(&log).unwrap_err();
    assert_eq!((fault.seq, fault.why), expected);
}

#[test]
fn a_fault_has_its_place_and_its_reason() {
    let place = |what: fn(&Event) -> bool| {
        let log = played().log;
        log.iter().position(|record| what(&record.event)).unwrap()
    };
    let bid = place(|event| matches!(event, Event::BidPlaced { .. }));
    let refusal = place(|event| matches!(event, Event::BidRefused { .. }));
    let close = place(|event| matches!(event, Event::BiddingClosed { .. }));
    let seq = |place: usize| place as u64 + 1;

    check(Vec::clear, (1, FaultKind::Empty));
    check(|log| drop(log.remove(0)), (1, FaultKind::Beginning));
    check(|log| drop(log.remove(bid)), (seq(bid), FaultKind::Gap(seq(bid) + 1)));
    check(|log| log[bid].seq = u64::MAX, (seq(bid), FaultKind::Gap(u64::MAX)));
    check(|log| log[bid].at = Timestamp(i64::MIN), (seq(bid), FaultKind::TimeRunsBack));
    check(
        |log| log[bid].auction = toruk_sync::domain::id::AuctionId(Uuid::from_u128(1)),
        (seq(bid), FaultKind::OtherAuction),
    );
    check(|log| log[bid + 1].event = log[bid].event.clone(), (seq(bid) + 1, FaultKind::BidTwice));
    check(|log| log.truncate(close + 1), (seq(close), FaultKind::CutOff));
    check(
        |log| {
            let mut early = log.split_off(close);
            early.iter_mut().for_each(|record| record.at = log[close - 1].at);
            log.append(&mut early);
        },
        (seq(close), FaultKind::NothingDue),
    );
    check(
        |log| {
            let Event::BidRefused { basis, .. } = &mut log[refusal].event else { unreachable!() };
            basis.round += 1;
        },
        (seq(refusal), FaultKind::WronglyRefused),
    );
    check(
        |log| {
            let Event::BidRefused { reason, .. } = &mut log[refusal].event else { unreachable!() };
            *reason = BidRejection::AlreadyLeading;
        },
        (seq(refusal), FaultKind::Differs),
    );
}

/// A holder of the operator's key may write another history; two receipts then contradict it.
#[test]
fn a_history_rewritten_by_the_rules_still_contradicts_an_older_receipt() {
    let Written { mut log, receipts, .. } = played();
    let place = log.iter().position(|record| matches!(record.event, Event::BidPlaced { .. }));
    log.truncate(place.unwrap());
    assert!(verify(&log).is_ok(), "what is left is a sound log");
    for receipt in &receipts {
        let found = verify_receipts(&log, [receipt], signer().verifier());
        assert!(matches!(found, Err(Finding::Receipt { .. })));
    }
}
