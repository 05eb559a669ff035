use super::fixtures::answer;
use super::fixtures::log;
use super::fixtures::{
    EPOCH, OWN, RIVAL, S, at, auction_id, fresh, numbers, operator, page, pushes, record, reply,
    row, session, signed_in, signer, som, view,
};
use crate::engine::bids::BidOutcome;
use crate::engine::*;
use crate::store::{MemoryStore, Store, Table};
use serde_json::json;
use toruk_sync::domain::auction::Event;
use toruk_sync::domain::auction::bidding::BidRejection;
use toruk_sync::domain::button::Button;
use toruk_sync::domain::id::BidderNo;
use toruk_sync::domain::money::Tyiyn;
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::{DraftState, FileRef};
use toruk_sync::protocol::operations::{Confirmation, Operation, OperationRejection, Verdict};
use toruk_sync::protocol::pull::kind;
use uuid::Uuid;

fn set(field: &str, value: &str) -> UserCommand {
    UserCommand::SetField(auction_id(1), field.to_owned(), Some(value.to_owned()))
}

fn file(sha256: &str) -> FileRef {
    FileRef {
        slot: "identity_document".to_owned(),
        sha256: sha256.to_owned(),
        size_bytes: 10,
        mime: "application/pdf".to_owned(),
        name: "id.pdf".to_owned(),
    }
}

const COMPLETE: [(&str, &str); 8] = [
    ("applicant_kind", "person"),
    ("full_name", "Айгүл"),
    ("pin", "00000000000001"),
    ("phone", "+996700000001"),
    ("address", "Ош"),
    ("refund_account", "1234567890123456"),
    ("consent", "yes"),
    ("independence", "yes"),
];

/// Fills the form, attaches a file and signs; no connection.
fn submit_offline(engine: &mut Engine, kept: &mut Vec<Effect>) {
    engine.handle(Input::View(Box::new(view(1, &log(1, &[])[..3]))), 0);
    kept.extend(engine.handle(Input::Online(false), 0));
    for (field, value) in COMPLETE {
        kept.extend(engine.execute(set(field, value), 0).unwrap().1);
    }
    let attach = UserCommand::Attach(auction_id(1), file(&"a".repeat(64)), Vec::new());
    kept.extend(engine.execute(attach, 0).unwrap().1);
    let package = engine.package(auction_id(1), 0).unwrap();
    let confirmation = Confirmation::Passkey { credential: json!({}) };
    let submit = UserCommand::Submit(Box::new(package), confirmation);
    kept.extend(engine.execute(submit, 0).unwrap().1);
}

fn persist(store: &MemoryStore, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Persist(writes) = effect {
            store.apply(writes).unwrap();
        }
    }
}

fn notified(effects: &[Effect]) -> Vec<EventKind> {
    let what = |effect: &Effect| match effect {
        Effect::Notify(event) => Some(event.what.clone()),
        _ => None,
    };
    effects.iter().filter_map(what).collect()
}

fn lost() -> Input {
    Input::Pushed(Err(Failure::Lost))
}

#[test]
fn nobody_drafts_before_somebody_signed_in() {
    let refused = fresh().execute(set("phone", "+1"), 0);
    assert_eq!(refused.unwrap_err(), LocalRejection::NoAccount);
}

#[test]
fn offline_nothing_leaves_and_everything_is_kept() {
    let mut engine = signed_in();
    let mut effects = Vec::new();
    submit_offline(&mut engine, &mut effects);
    let quiet = |effect: &Effect| matches!(effect, Effect::Persist(_) | Effect::Notify(_));
    assert!(effects.iter().all(quiet), "{effects:?}");
    assert!(matches!(effects[0], Effect::Persist(_)));
}

#[test]
fn a_process_that_dies_after_any_call_goes_on_where_it_was() {
    let (mut engine, store) = (fresh(), MemoryStore::default());
    let mut effects = engine.handle(Input::SignedIn(Box::new(session())), 0);
    submit_offline(&mut engine, &mut effects);
    persist(&store, &effects);
    let mut next = Engine::load(Saved::read(&store, true).unwrap(), 8);
    assert_eq!(next.drafts().get(auction_id(1)).unwrap().answers().len(), COMPLETE.len());
    let effects = next.handle(Input::Woken, 0);
    assert_eq!(numbers(&effects), [1], "the draft goes, the submit waits for its file");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Upload(_))));
}

#[test]
fn a_submit_leaves_after_its_file_and_a_refused_one_keeps_everything() {
    let mut engine = signed_in();
    submit_offline(&mut engine, &mut Vec::new());
    engine.handle(Input::Online(true), 0);
    engine.handle(Input::Pushed(Ok(reply(&[(1, merged())], 2))), 0);
    let sha256 = "a".repeat(64);
    let uploaded = |reply| Input::Uploaded { sha256: "a".repeat(64), reply };
    assert!(pushes(&engine.handle(uploaded(uploads::UploadReply::At(0)), 0)).is_empty());
    let effects = engine.handle(uploaded(uploads::UploadReply::At(10)), 0);
    let sent = pushes(&effects);
    assert!(matches!(sent[0][0].operation, Operation::SubmitApplication { .. }));
    let missing =
        Verdict::Refused(OperationRejection::FilesMissing { sha256: vec![sha256.clone()] });
    let effects = engine.handle(Input::Pushed(Ok(reply(&[(2, missing)], 3))), 0);
    assert!(notified(&effects).contains(&EventKind::OutcomeArrived { op_no: 2 }));
    assert!(!engine.uploads().is_stored(&sha256), "the file goes again");
    assert_eq!(engine.drafts().get(auction_id(1)).unwrap().files().len(), 1);
    assert!(engine.submit_outcome(auction_id(1)).is_some());
    engine.execute(UserCommand::Acknowledge(2), 0).unwrap();
    assert!(engine.outcomes().is_empty());
    assert!(engine.execute(UserCommand::Acknowledge(2), 0).is_err());
}

fn merged() -> Verdict {
    Verdict::Merged { draft: DraftState::default() }
}

#[test]
fn an_edit_takes_back_a_submit_that_never_left() {
    let mut engine = signed_in();
    submit_offline(&mut engine, &mut Vec::new());
    engine.execute(set("phone", "+996700000002"), 0).unwrap();
    let submits = |engine: &Engine| {
        let is =
            |row: &&outbox::Waiting| matches!(row.operation, Operation::SubmitApplication { .. });
        engine.outbox().waiting().filter(is).count()
    };
    assert_eq!(submits(&engine), 0, "what was signed is not what stands there");
}

#[test]
fn a_phone_number_is_kept_as_it_is_signed_however_it_is_typed() {
    let mut engine = signed_in();
    engine.handle(Input::View(Box::new(view(1, &log(1, &[])[..3]))), 0);
    for (typed, kept) in [
        ("0700 00 00", "0700 00 00"),
        ("0700 00 00 01", "+996700000001"),
        ("+996 700 00-00-01", "+996700000001"),
        ("+9960 00 00 00 01", "+9960 00 00 00 01"),
    ] {
        engine.execute(set("phone", typed), 0).unwrap();
        let answers = engine.drafts().get(auction_id(1)).unwrap().answers();
        assert_eq!(answers["phone"], kept, "{typed}");
    }
}

#[test]
fn a_form_with_faults_or_two_answers_is_not_signed() {
    let mut engine = signed_in();
    engine.handle(Input::View(Box::new(view(1, &log(1, &[])[..3]))), 0);
    assert_eq!(engine.package(auction_id(2), 0), Err(LocalRejection::AuctionUnknown));
    assert_eq!(engine.package(auction_id(1), 0), Err(LocalRejection::Incomplete));
    submit_offline(&mut engine, &mut Vec::new());
    let mut other = toruk_sync::draft::Draft::default();
    let state = other.set("pin", Some("00000000000002".to_owned()), 4);
    let draft = toruk_sync::protocol::operations::DraftView {
        id: toruk_sync::draft::draft_id(session().person, auction_id(1)),
        auction: auction_id(1),
        state,
    };
    engine.handle(Input::Online(true), 0);
    engine.handle(lost(), 0);
    let drafts = page(vec![row(kind::DRAFT, auction_id(1), 2, &draft)]);
    engine.handle(Input::Pulled(Ok(drafts)), 0);
    let conflict = LocalRejection::UnresolvedConflicts(vec!["pin".to_owned()]);
    assert_eq!(engine.package(auction_id(1), 0), Err(conflict));
}

#[test]
fn a_phone_that_knows_the_time_does_not_sign_too_late() {
    let mut engine = signed_in();
    submit_offline(&mut engine, &mut Vec::new());
    let time = |us| ServerTime { received_at: Timestamp(us), sent_at: Timestamp(us) };
    let late = at(-7_200).0 + 10_000;
    engine.handle(Input::Time { sent: 0, received: 0, answer: Ok(time(late)) }, 0);
    assert_eq!(engine.package(auction_id(1), 0), Err(LocalRejection::DeadlinePassed));
}

#[test]
fn a_401_keeps_the_queue_and_signing_in_sends_it() {
    let mut engine = signed_in();
    let (_, effects) = engine.execute(set("phone", "+1"), 0).unwrap();
    assert_eq!(numbers(&effects), [1]);
    let effects = engine.handle(Input::SignedOut, 0);
    assert!(effects.contains(&Effect::DropToken) && notified(&effects) == [EventKind::SignedOut]);
    let effects = engine.handle(lost(), 0);
    assert!(pushes(&effects).is_empty());
    assert!(engine.execute(set("phone", "+2"), 0).is_ok(), "drafting goes on");
    let effects = engine.handle(Input::SignedIn(Box::new(session())), 0);
    assert_eq!(numbers(&effects), [1], "the same number again");
}

/// Follows auction 1 in a state in which a bid is possible; five records and `raises` are seen.
fn live(raises: &[BidderNo]) -> (Engine, Vec<Event>, u64) {
    let mut engine = signed_in();
    let time = ServerTime { received_at: Timestamp(EPOCH), sent_at: Timestamp(EPOCH) };
    engine.handle(Input::Time { sent: 0, received: 0, answer: Ok(time) }, 0);
    let effects = engine.handle(Input::Watch(auction_id(1)), 0);
    let opening = effects.iter().find_map(|effect| match effect {
        Effect::OpenStream(opening) => Some(opening.clone()),
        _ => None,
    });
    let generation = opening.unwrap().generation;
    let events = log(1, raises);
    let snapshot = LiveFrame::Snapshot(Box::new(view(1, &events)));
    engine.handle(Input::StreamFrame(generation, snapshot), 0);
    (engine, events, generation)
}

#[test]
fn a_signed_application_whose_file_is_refused_comes_back_with_the_reason() {
    let (mut engine, store, mut kept) = (signed_in(), MemoryStore::default(), Vec::new());
    submit_offline(&mut engine, &mut kept);
    kept.extend(engine.handle(Input::Online(true), 0));
    let reply = uploads::UploadReply::Refused("too_large".to_owned());
    let given_back = engine.handle(Input::Uploaded { sha256: "a".repeat(64), reply }, 0);
    assert!(notified(&given_back).contains(&EventKind::AttentionNeeded));
    kept.extend(given_back);
    persist(&store, &kept);
    let reloaded = Engine::load(Saved::read(&store, true).unwrap(), 8);
    let item = reloaded.attention().values().next().unwrap();
    assert!(item.row.is_submit() && !reloaded.outbox().waiting().any(|row| row.is_submit()));
    assert_eq!(item.file.as_ref().map(|file| file.code.as_str()), Some("too_large"));
    let slot = "identity_document".to_owned();
    let unusable = Err(LocalRejection::UnusableFile(slot));
    assert_eq!(engine.package(auction_id(1), 0), unusable, "nor is it signed again");
}

fn signed_bid(quoted: &bids::Quoted) -> PlaceBid {
    PlaceBid {
        bid: BidId(Uuid::from_u128(900)),
        epoch: quoted.epoch,
        basis: quoted.basis,
        amount: quoted.amount,
        client_sent_at: at(-86_400),
        signature: String::new(),
    }
}

#[test]
fn the_first_offer_is_one_step_above_the_start_price() {
    let (engine, ..) = live(&[]);
    assert_eq!(offered(&engine), ("can_first_offer", Some(som(1_050))));
    let (engine, ..) = live(&[RIVAL]);
    assert_eq!(offered(&engine), ("can_raise", Some(som(1_100))));
    let (engine, ..) = live(&[OWN]);
    assert_eq!(engine.button(auction_id(1), 0), Some(Button::Leading));
    assert_eq!(engine.button(auction_id(1), 311 * S), Some(Button::Offline));
}

fn offered(engine: &Engine) -> (&'static str, Option<Tyiyn>) {
    let button = engine.button(auction_id(1), 0).unwrap();
    (button.code(), button.offer().map(|offer| offer.amount))
}

#[test]
fn a_quote_dies_when_the_round_moves_on_and_serves_one_bid() {
    let (mut engine, _, generation) = live(&[]);
    let events = log(1, &[RIVAL]);
    let quoted = engine.quote(auction_id(1), 0).unwrap();
    let frame = LiveFrame::Record(Box::new(record(1, &events, 6)));
    engine.handle(Input::StreamFrame(generation, frame), 0);
    let stale = engine.take_quote(auction_id(1), quoted.id, 0);
    assert_eq!(stale, Err(LocalRejection::StaleQuote));
    let old = engine.quote(auction_id(1), 0).unwrap();
    let fresh = engine.quote(auction_id(1), 0).unwrap();
    assert_eq!(engine.take_quote(auction_id(1), old.id, 0), Err(LocalRejection::StaleQuote));
    assert_eq!(engine.take_quote(auction_id(1), fresh.id, 0), Ok(fresh));
    assert_eq!(engine.take_quote(auction_id(1), fresh.id, 0), Err(LocalRejection::StaleQuote));
}

#[test]
fn without_a_fresh_stream_there_is_no_quote() {
    let (mut engine, ..) = live(&[]);
    let refused = engine.quote(auction_id(1), 10 * S);
    assert_eq!(refused, Err(LocalRejection::CannotBid("offline")));
}

#[test]
fn a_bid_is_kept_before_it_leaves_and_leaves_once() {
    let (mut engine, ..) = live(&[]);
    let quoted = engine.quote(auction_id(1), 0).unwrap();
    let bid = signed_bid(&quoted);
    let effects = engine.send_bid(auction_id(1), bid.clone(), 0);
    assert!(matches!(&effects[0], Effect::Persist(_)));
    assert!(effects.contains(&Effect::SendBid(auction_id(1), Box::new(bid.clone()))));
    let mut all = engine.handle(Input::Bid(bid.bid, BidAnswer::Lost), 0);
    all.extend(engine.handle(Input::Online(false), 0));
    all.extend(engine.handle(Input::Online(true), 0));
    all.extend(engine.handle(Input::SyncNow, 60 * S));
    assert!(!all.iter().any(|effect| matches!(effect, Effect::SendBid(..))), "never again");
    assert!(all.contains(&Effect::AskBid(bid.bid)), "it is asked for");
    assert_eq!(engine.bids().get(bid.bid).unwrap().outcome, BidOutcome::Unknown);
}

#[test]
fn the_fate_of_an_unknown_bid_is_what_the_server_says() {
    for (asked, expected) in [
        (BidAnswer::NotFound, Some(BidOutcome::NotReceived)),
        (BidAnswer::Lost, Some(BidOutcome::Unknown)),
        (BidAnswer::Problem("busy".to_owned()), Some(BidOutcome::Unknown)),
    ] {
        let (mut engine, ..) = live(&[]);
        let bid = signed_bid(&engine.quote(auction_id(1), 0).unwrap());
        engine.send_bid(auction_id(1), bid.clone(), 0);
        engine.handle(Input::Bid(bid.bid, BidAnswer::Lost), 0);
        engine.handle(Input::Bid(bid.bid, asked), 0);
        assert_eq!(engine.bids().get(bid.bid).map(|placed| placed.outcome.clone()), expected);
    }
}

#[test]
fn only_the_operators_receipt_of_this_very_bid_counts() {
    let stranger = signer(8);
    let (mut engine, ..) = live(&[]);
    let bid = signed_bid(&engine.quote(auction_id(1), 0).unwrap());
    engine.send_bid(auction_id(1), bid.clone(), 0);
    let forged = answer(1, &bid, None, &stranger);
    let other = PlaceBid { amount: som(9_999), ..bid.clone() };
    for wrong in [forged, answer(1, &other, None, &operator())] {
        engine.handle(Input::Bid(bid.bid, BidAnswer::Reply(wrong)), 0);
        assert_eq!(engine.bids().get(bid.bid).unwrap().outcome, BidOutcome::Unknown);
    }
    let refused = answer(1, &bid, Some(BidRejection::StaleBasis), &operator());
    let right = Input::Bid(bid.bid, BidAnswer::Reply(refused.clone()));
    assert!(
        notified(&engine.handle(right, 0))
            .contains(&EventKind::BidSettled { bid: bid.bid.to_string() })
    );
    assert_eq!(engine.bids().get(bid.bid).unwrap().outcome, BidOutcome::Decided(refused.receipt));
}

#[test]
fn an_accepted_bid_blocks_the_button_until_its_record_is_seen() {
    let (mut engine, _, generation) = live(&[]);
    let bid = signed_bid(&engine.quote(auction_id(1), 0).unwrap());
    engine.send_bid(auction_id(1), bid.clone(), 0);
    assert_eq!(engine.button(auction_id(1), 0), Some(Button::Sending(bid.bid)));
    let accepted = answer(1, &bid, None, &operator());
    engine.handle(Input::Bid(bid.bid, BidAnswer::Reply(accepted)), 0);
    assert_eq!(engine.button(auction_id(1), 0), Some(Button::Sending(bid.bid)));
    let frame = LiveFrame::Record(Box::new(record(1, &log(1, &[OWN]), 6)));
    let effects = engine.handle(Input::StreamFrame(generation, frame), 0);
    assert!(notified(&effects).contains(&EventKind::YouLead));
    assert_eq!(engine.button(auction_id(1), 0), Some(Button::Leading));
    let events = log(1, &[OWN, RIVAL]);
    let frame = LiveFrame::Record(Box::new(record(1, &events, 7)));
    let effects = engine.handle(Input::StreamFrame(generation, frame), 0);
    assert!(notified(&effects).contains(&EventKind::Outbid));
}

#[test]
fn a_process_that_dies_with_a_bid_under_way_asks_for_it() {
    let (mut engine, ..) = live(&[]);
    let store = MemoryStore::default();
    persist(&store, &engine.handle(Input::SignedIn(Box::new(session())), 0));
    let bid = signed_bid(&engine.quote(auction_id(1), 0).unwrap());
    persist(&store, &engine.send_bid(auction_id(1), bid.clone(), 0));
    assert!(store.get(Table::Bid, &bid.bid.to_string()).unwrap().is_some());
    let mut next = Engine::load(Saved::read(&store, true).unwrap(), 8);
    let effects = next.handle(Input::Woken, 0);
    assert!(effects.contains(&Effect::AskBid(bid.bid)));
}
