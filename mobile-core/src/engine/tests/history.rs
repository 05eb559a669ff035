//! An operator that states two histories is detected, and believed no more.

use super::super::history::LogHeads;
use super::fixtures::answer;
use super::fixtures::log;
use super::fixtures::{OWN, RIVAL, at, auction_id, head, operator, record, signed_in, view};
use crate::engine::*;
use crate::store::{MemoryStore, Store};
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::BidId;
use toruk_sync::receipt::Record;
use uuid::Uuid;

/// Follows auction 1, whose first five records came as a snapshot.
fn following() -> (Engine, u64) {
    let mut engine = signed_in();
    let effects = engine.handle(Input::Watch(auction_id(1)), 0);
    let generation = generation(&effects);
    frame(&mut engine, generation, snapshot(&log(1, &[])));
    (engine, generation)
}

fn generation(effects: &[Effect]) -> u64 {
    let opened = |effect: &Effect| match effect {
        Effect::OpenStream(opening) => Some(opening.generation),
        _ => None,
    };
    effects.iter().find_map(opened).unwrap()
}

fn snapshot(events: &[Event]) -> LiveFrame {
    LiveFrame::Snapshot(Box::new(view(1, events)))
}

fn next(events: &[Event]) -> LiveFrame {
    LiveFrame::Record(Box::new(record(1, events, events.len() as u64)))
}

fn frame(engine: &mut Engine, generation: u64, frame: LiveFrame) -> Vec<Effect> {
    engine.handle(Input::StreamFrame(generation, frame), 0)
}

/// The number of records in the notification about two histories.
fn notified(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|effect| match effect {
        Effect::Notify(CoreEvent { what: EventKind::HistoryContradicted { seq }, .. }) => {
            Some(*seq)
        }
        _ => None,
    })
}

fn seq(engine: &Engine) -> u64 {
    engine.view(auction_id(1)).unwrap().seq
}

/// A bid of this phone that is under way.
fn bid(engine: &mut Engine) -> PlaceBid {
    let view = engine.view(auction_id(1)).unwrap();
    let round = view.auction.round.unwrap();
    let bid = PlaceBid {
        bid: BidId(Uuid::from_u128(77)),
        epoch: 0,
        basis: Basis { round: round.number, price: round.price },
        amount: super::fixtures::som(1_050),
        client_sent_at: at(5),
        signature: String::new(),
    };
    engine.send_bid(auction_id(1), bid.clone(), 0);
    bid
}

#[test]
fn records_snapshots_and_receipts_of_one_history_agree() {
    let (mut engine, generation) = following();
    let bid = bid(&mut engine);
    let reply = BidAnswer::Reply(answer(1, &bid, None, &operator()));
    assert_eq!(notified(&engine.handle(Input::Bid(bid.bid, reply), 0)), None);
    for events in [log(1, &[OWN]), log(1, &[OWN, RIVAL])] {
        assert_eq!(notified(&frame(&mut engine, generation, next(&events))), None);
    }
    assert_eq!(notified(&frame(&mut engine, generation, snapshot(&log(1, &[OWN, RIVAL])))), None);
    assert_eq!((seq(&engine), engine.contradiction(auction_id(1))), (7, None));
}

#[test]
fn a_snapshot_that_contradicts_a_record_is_refused() {
    let (mut engine, generation) = following();
    frame(&mut engine, generation, next(&log(1, &[RIVAL])));
    // The same length, but another leader.
    let effects = frame(&mut engine, generation, snapshot(&log(1, &[OWN])));
    assert_eq!(notified(&effects), Some(6));
    let view = engine.view(auction_id(1)).unwrap();
    assert!(view.auction.round.is_none_or(|round| round.leader != Some(OWN)), "{view:?}");
    assert!(!engine.is_fresh(auction_id(1), 0), "nothing of it is live any more");
    assert_eq!(engine.quote(auction_id(1), 0), Err(LocalRejection::HistoryContradicted));
    // The operator is not asked for a third history, and would not be believed.
    assert!(effects.contains(&Effect::CloseStream));
    let later = view_of(&log(1, &[OWN, RIVAL]));
    assert_eq!(notified(&engine.handle(later, 0)), None, "told once");
    assert!(seq(&engine) < 7);
}

fn view_of(events: &[Event]) -> Input {
    Input::View(Box::new(view(1, events)))
}

#[test]
fn a_record_that_contradicts_a_receipt_is_refused() {
    let (mut engine, generation) = following();
    let bid = bid(&mut engine);
    let reply = BidAnswer::Reply(answer(1, &bid, None, &operator()));
    engine.handle(Input::Bid(bid.bid, reply), 0);
    // The receipt says that this bid was record 6; everyone else is shown the rival's.
    let effects = frame(&mut engine, generation, next(&log(1, &[RIVAL])));
    assert_eq!((notified(&effects), seq(&engine)), (Some(6), 5));
}

#[test]
fn a_receipt_that_contradicts_what_was_shown_is_kept_as_evidence() {
    let (mut engine, generation) = following();
    let bid = bid(&mut engine);
    frame(&mut engine, generation, next(&log(1, &[RIVAL])));
    let reply = answer(1, &bid, None, &operator());
    let effects = engine.handle(Input::Bid(bid.bid, BidAnswer::Reply(reply.clone())), 0);
    assert_eq!(notified(&effects), Some(6));
    let outcome = &engine.bids().get(bid.bid).unwrap().outcome;
    assert_eq!(outcome, &bids::BidOutcome::Decided(reply.receipt));
}

#[test]
fn a_phone_that_was_restarted_remembers_what_it_was_told() {
    let store = MemoryStore::default();
    let keep = |effects: &[Effect]| {
        for effect in effects {
            if let Effect::Persist(writes) = effect {
                store.apply(writes).unwrap();
            }
        }
    };
    let mut engine = signed_in();
    keep(&engine.handle(view_of(&log(1, &[RIVAL])), 0));
    let mut next = Engine::load(Saved::read(&store, true).unwrap(), 8);
    let effects = next.handle(view_of(&log(1, &[OWN])), 0);
    assert_eq!(notified(&effects), Some(6));
    keep(&effects);
    let next = Engine::load(Saved::read(&store, true).unwrap(), 9);
    assert_eq!(next.contradiction(auction_id(1)), Some(6), "nor does it forget the lie");
}

#[test]
fn a_head_that_is_none_contradicts_everything() {
    let (mut engine, generation) = following();
    let mut wrong = view(1, &log(1, &[OWN]));
    wrong.head = "ee".to_owned();
    let effects = frame(&mut engine, generation, LiveFrame::Snapshot(Box::new(wrong)));
    assert_eq!((notified(&effects), seq(&engine)), (Some(6), 5));
}

#[test]
fn memory_is_bounded_and_a_lie_is_never_forgotten() {
    let mut known = LogHeads::default();
    let events = log(1, &[]);
    assert!(known.named(auction_id(0), 5, &head(1, &events)).is_sound);
    assert_eq!(known.named(auction_id(0), 5, &"00".repeat(32)).contradiction, Some(5));
    let mut rows = 1_i64;
    for no in 1..1_500 {
        for write in known.named(auction_id(no), 5, &head(1, &events)).writes {
            rows += if matches!(write, crate::store::Write::Put { .. }) { 1 } else { -1 };
        }
    }
    assert_eq!((rows, known.contradiction(auction_id(0))), (1_000, Some(5)));
    let alone = Record { seq: 9, ..record(1, &events, 5) };
    assert!(known.record(&alone).is_sound, "a record after a gap says nothing");
}
