//! A network that answers in the server's place, for a day: what the engine asks of it meanwhile,
//! and what it sends afterwards.

use super::fixtures::{OWN, S, at, auction_id, log, mine, reply, session, view};
use super::phone_fixture::{notified, set};
use crate::engine::bids::{BidAnswer, BidOutcome, PlacedBid};
use crate::engine::clock::Mono;
use crate::engine::push_token::PushAddress;
use crate::engine::uploads::{Phase, UploadReply, UploadStep};
use crate::engine::{Effect, Engine, EventKind, Failure, Input, Saved, UserCommand};
use crate::obstacle::Obstacle;
use std::collections::BTreeMap;
use toruk_sync::domain::auction::bidding::Basis;
use toruk_sync::domain::id::BidId;
use toruk_sync::draft::FileRef;
use toruk_sync::protocol::bid::PlaceBid;
use uuid::Uuid;

const DAY: Mono = 86_400 * S;
const BID: BidId = BidId(Uuid::from_u128(900));
/// The most requests of each kind in a day; the paces allow this much at their longest waits, half
/// of the longest on average.
const STREAMS_MAX: u32 = 45_000;
const CLOCKS_MAX: u32 = 15_000;
const DELIVERIES_MAX: u32 = 260;

/// An engine with something of every kind to ask, and an outcome that it does not know.
fn busy() -> Engine {
    let (auction, amount) = (auction_id(1), super::fixtures::som(1_050));
    let bid = PlaceBid {
        bid: BID,
        epoch: 0,
        basis: Basis { round: 0, price: super::fixtures::som(1_000) },
        amount,
        client_sent_at: at(0),
        signature: String::new(),
    };
    let bids = vec![(BID, PlacedBid { auction, bid, outcome: BidOutcome::Unknown })];
    let mut engine = Engine::load(Saved { bids, ..Saved::default() }, 7);
    engine.handle(Input::Online(false), 0);
    engine.handle(Input::SignedIn(Box::new(session())), 0);
    engine.handle(Input::View(Box::new(view(1, &log(1, &[OWN])))), 0);
    engine.handle(Input::Watch(auction), 0);
    engine.execute(set(1, "phone", "+1"), 0).unwrap();
    engine.handle(Input::PushAddress(PushAddress { token: Some("t".to_owned()) }), 0);
    let file = FileRef {
        slot: "identity_document".to_owned(),
        sha256: "aa".to_owned(),
        size_bytes: 10,
        mime: "application/pdf".to_owned(),
        name: "id.pdf".to_owned(),
    };
    engine.execute(UserCommand::Attach(auction, file, Vec::new()), 0).unwrap();
    engine
}

/// The answer that somebody else gives to the request of an effect; `None` if it makes none.
fn strangers_answer(
    effect: &Effect,
    failure: &Failure,
    now: Mono,
) -> Option<(&'static str, Input)> {
    let failure = failure.clone();
    Some(match effect {
        Effect::Push(_) => ("push", Input::Pushed(Err(failure))),
        Effect::Pull(_) => ("pull", Input::Pulled(Err(failure))),
        Effect::Upload(step) => {
            let (UploadStep::Create(upload)
            | UploadStep::Ask(upload)
            | UploadStep::Send(upload, _)) = step;
            let (sha256, reply) = (upload.sha256.clone(), UploadReply::Failed);
            ("upload", Input::Uploaded { sha256, reply })
        }
        Effect::SampleClock => {
            ("clock", Input::Time { sent: now, received: now, answer: Err(failure) })
        }
        Effect::OpenStream(opening) => {
            ("stream", Input::StreamEnded(opening.generation, failure.retry_after_s()))
        }
        Effect::AskBid(bid) => ("bid", Input::Bid(*bid, BidAnswer::Lost)),
        Effect::SetPushToken(address) => {
            ("token", Input::PushTokenSet(address.clone(), Err(failure)))
        }
        Effect::SendBid(..) => panic!("a bid is never sent again"),
        Effect::DropToken | Effect::Erase => panic!("a stranger ended the session"),
        Effect::CountCards => panic!("there is no catalogue"),
        Effect::Persist(_) | Effect::CloseStream | Effect::WakeAt(_) | Effect::Notify(_) => {
            return None;
        }
    })
}

/// Lets a day pass; returns the requests of each kind, and the number of times the app was told.
fn endure(
    engine: &mut Engine,
    first: Vec<Effect>,
    failure: &Failure,
) -> BTreeMap<&'static str, u32> {
    let (mut now, mut asked) = (0, BTreeMap::new());
    let mut waiting: Vec<Effect> = first;
    while now < DAY {
        let mut wake = None;
        while let Some(effect) = waiting.pop() {
            match &effect {
                Effect::WakeAt(at) => wake = Some(*at),
                Effect::Notify(event) => {
                    let is_refusal = matches!(
                        event.what,
                        EventKind::AttentionNeeded | EventKind::SignedOut | EventKind::Erased
                    );
                    assert!(!is_refusal, "{event:?}");
                }
                _ => {}
            }
            let Some((kind, input)) = strangers_answer(&effect, failure, now) else { continue };
            *asked.entry(kind).or_insert(0) += 1;
            // An answer takes a moment.
            now += 1_000;
            // The newest effects have the newest time to wake.
            waiting.retain(|effect| !matches!(effect, Effect::WakeAt(_)));
            waiting.extend(engine.handle(input, now));
        }
        now = now.max(wake.expect("nobody looks at what waits"));
        waiting = engine.handle(Input::Woken, now);
    }
    asked
}

#[test]
fn a_day_behind_a_sign_in_page_costs_a_bounded_number_of_requests_and_loses_nothing() {
    for obstacle in
        [Obstacle::SignInPage, Obstacle::Filter, Obstacle::Interceptor, Obstacle::Unavailable]
    {
        let failure = Failure::NotReached(obstacle);
        let mut engine = busy();
        let first = engine.handle(Input::Online(true), 0);
        let told = engine.handle(Input::Obstructed(Some(obstacle)), 0);
        let changed = EventKind::ObstacleChanged { obstacle: Some(obstacle) };
        assert!(notified(&told).contains(&changed));
        assert_eq!(engine.overview().obstacle, Some(obstacle));
        let asked = endure(&mut engine, first, &failure);
        for (kind, most) in [
            ("push", DELIVERIES_MAX),
            ("token", DELIVERIES_MAX),
            ("pull", DELIVERIES_MAX),
            ("upload", DELIVERIES_MAX),
            ("stream", STREAMS_MAX),
            ("clock", CLOCKS_MAX),
            ("bid", STREAMS_MAX),
        ] {
            let count = asked.get(kind).copied().unwrap_or(0);
            assert!((1..=most).contains(&count), "{kind}: {count} of {most} in {asked:?}");
        }
        assert!(engine.is_signed_in() && engine.attention().is_empty());
        assert_eq!(engine.uploads().get("aa").unwrap().phase, Phase::New);
        assert_eq!(engine.bids().get(BID).unwrap().outcome, BidOutcome::Unknown);

        // Whatever asks first and is answered by the server: everything else goes at once.
        let freed = engine.handle(Input::Obstructed(None), DAY + S);
        assert!(notified(&freed).contains(&EventKind::ObstacleChanged { obstacle: None }));
        let leaves = |wanted: fn(&Effect) -> bool| freed.iter().any(wanted);
        assert!(leaves(|effect| matches!(effect, Effect::Push(_))), "{freed:?}");
        assert!(leaves(|effect| matches!(effect, Effect::Upload(UploadStep::Create(_)))));
        assert!(leaves(|effect| matches!(effect, Effect::AskBid(_))));
        assert!(leaves(|effect| matches!(effect, Effect::SetPushToken(_))));
        engine.handle(Input::Pushed(Ok(reply(&[], 1))), DAY + S);
        engine.handle(Input::Pulled(Ok(mine(1))), DAY + S);
        assert_eq!(engine.overview().obstacle, None);
    }
}

#[test]
fn a_filter_that_lets_some_requests_through_is_not_asked_without_end_for_the_others() {
    let failure = Failure::NotReached(Obstacle::Filter);
    let mut engine = busy();
    let (mut now, mut uploads, mut pulls) = (0, 0, 0);
    let mut waiting = engine.handle(Input::Online(true), 0);
    while now < 3_600 * S {
        let mut wake = now + S;
        while let Some(effect) = waiting.pop() {
            let (source, answer) = match &effect {
                Effect::WakeAt(at) => {
                    wake = *at;
                    continue;
                }
                // A company's filter takes no uploads; everything else goes through.
                Effect::Upload(_) => {
                    uploads += 1;
                    (Some(Obstacle::Filter), strangers_answer(&effect, &failure, now))
                }
                Effect::Pull(_) => {
                    pulls += 1;
                    (None, Some(("pull", Input::Pulled(Ok(mine(1))))))
                }
                _ => (None, strangers_answer(&effect, &Failure::Lost, now)),
            };
            let Some((_, answer)) = answer else { continue };
            now += 1_000;
            waiting.retain(|effect| !matches!(effect, Effect::WakeAt(_)));
            waiting.extend(engine.handle(Input::Obstructed(source), now));
            waiting.retain(|effect| !matches!(effect, Effect::WakeAt(_)));
            waiting.extend(engine.handle(answer, now));
        }
        now = now.max(wake);
        waiting = engine.handle(Input::Woken, now);
    }
    assert!((1..150).contains(&uploads), "{uploads} uploads in an hour");
    assert!((1..150).contains(&pulls), "{pulls} pulls in an hour");
    assert_eq!(engine.uploads().get("aa").unwrap().phase, Phase::New);
}

#[test]
fn a_server_that_forgets_a_file_at_once_or_takes_no_byte_is_not_asked_without_end() {
    // The next question is asked at once; the next but one after a pause.
    for replies in [
        vec![UploadReply::At(0), UploadReply::Missing],
        vec![UploadReply::At(0), UploadReply::At(0), UploadReply::At(0)],
    ] {
        let mut engine = busy();
        engine.handle(Input::Online(true), 0);
        let (mut now, mut asked) = (0, 0);
        while now < 3_600 * S {
            let reply = replies[asked % replies.len()].clone();
            asked += 1;
            let effects = engine.handle(Input::Uploaded { sha256: "aa".to_owned(), reply }, now);
            if effects.iter().any(|effect| matches!(effect, Effect::Upload(_))) {
                continue;
            }
            while !engine.handle(Input::Woken, now).iter().any(|e| matches!(e, Effect::Upload(_))) {
                now += S;
            }
        }
        assert!(asked < 200, "{asked} requests in an hour for {replies:?}");
    }
}
