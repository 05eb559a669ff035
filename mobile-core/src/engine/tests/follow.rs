//! Following auctions, and the events about the stream.

use super::fixtures::log;
use super::fixtures::{EPOCH, OWN, S, auction_id, signed_in, view};
use crate::engine::*;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::live::{Follow, Heartbeat};

const NONE: [bool; 0] = [];

fn opened(effects: &[Effect]) -> Vec<(u64, Vec<AuctionId>)> {
    let named = |follow: &[Follow]| follow.iter().map(|follow| follow.auction).collect();
    let opening = |effect: &Effect| match effect {
        Effect::OpenStream(opening) => Some((opening.generation, named(&opening.follow))),
        _ => None,
    };
    effects.iter().filter_map(opening).collect()
}

fn connections(effects: &[Effect]) -> Vec<bool> {
    let notified = |effect: &Effect| match effect {
        Effect::Notify(CoreEvent { what: EventKind::ConnectionChanged { connected }, .. }) => {
            Some(*connected)
        }
        _ => None,
    };
    effects.iter().filter_map(notified).collect()
}

/// Takes part in auction 1, whose log has the first `records` records; all clocks show `now`.
fn taking_part(records: usize, now: Mono) -> (Engine, Vec<Effect>) {
    let mut engine = signed_in();
    let server = Timestamp(EPOCH + now);
    let time = ServerTime { received_at: server, sent_at: server };
    engine.handle(Input::Time { sent: now, received: now, answer: Ok(time) }, now);
    let known = view(1, &log(1, &[])[..records]);
    let effects = engine.handle(Input::View(Box::new(known)), now);
    (engine, effects)
}

#[test]
fn an_auction_one_takes_part_in_is_followed_from_a_quarter_of_an_hour_before_its_start() {
    let (before, early, late) = (4, -901 * S, -900 * S);
    let (mut engine, effects) = taking_part(before, early);
    assert!(opened(&effects).is_empty() && !engine.is_streamed(auction_id(1)));
    assert!(effects.contains(&Effect::WakeAt(late)), "and it wakes for it: {effects:?}");
    let effects = engine.handle(Input::Woken, late);
    assert_eq!(opened(&effects), [(1, vec![auction_id(1)])]);
    let (engine, effects) = taking_part(5, 0);
    assert_eq!(opened(&effects).len(), 1, "bidding is open");
    assert!(engine.is_streamed(auction_id(1)));
}

#[test]
fn an_auction_one_takes_part_in_is_followed_on_when_its_screen_closes() {
    let (mut engine, _) = taking_part(5, 0);
    for input in [Input::Watch(auction_id(1)), Input::Unwatch(auction_id(1))] {
        assert!(opened(&engine.handle(input, 0)).is_empty(), "the stream stays as it is");
    }
    let effects = engine.handle(Input::Watch(auction_id(2)), 0);
    assert_eq!(opened(&effects), [(2, vec![auction_id(1), auction_id(2)])], "one for both");
    let effects = engine.handle(Input::Unwatch(auction_id(2)), 0);
    assert_eq!(opened(&effects), [(3, vec![auction_id(1)])]);
}

#[test]
fn the_app_hears_once_that_the_stream_is_there_and_once_that_it_is_lost() {
    let (mut engine, _) = taking_part(5, 0);
    let beat = |seqs: &[(u128, u64)]| {
        let seqs = seqs.iter().map(|(no, seq)| (auction_id(*no), *seq)).collect();
        let heartbeat = Heartbeat { server_time: Timestamp(EPOCH), next_ms: 600, seqs };
        Input::StreamFrame(1, LiveFrame::Heartbeat(heartbeat))
    };
    assert_eq!(connections(&engine.handle(beat(&[]), 0)), NONE, "it does not name the auction");
    assert_eq!(connections(&engine.handle(beat(&[(1, 5)]), 0)), [true]);
    assert_eq!(connections(&engine.handle(beat(&[(1, 5)]), 0)), NONE);
    assert_eq!(engine.own_number(auction_id(1)), Some(OWN));
    assert_eq!(connections(&engine.handle(Input::StreamEnded(1, None), 0)), [false]);
    assert_eq!(connections(&engine.handle(Input::Online(false), 0)), NONE);
}

#[test]
fn a_person_who_signs_in_gets_a_stream_slot_of_their_own() {
    let mut engine = super::fixtures::fresh();
    assert_eq!(opened(&engine.handle(Input::Watch(auction_id(1)), 0)).len(), 1);
    let session = Input::SignedIn(Box::new(super::fixtures::session()));
    assert_eq!(opened(&engine.handle(session, 0)), [(2, vec![auction_id(1)])]);
}
