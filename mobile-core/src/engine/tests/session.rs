//! A person's work survives when the phone becomes another device, or another person's.

use super::fixtures::*;
use super::phone_fixture::*;
use crate::engine::*;
use toruk_sync::domain::id::DeviceId;
use toruk_sync::draft::{Draft, DraftState, Group, draft_id};
use toruk_sync::protocol::operations::{Op, Operation, OperationRejection, Verdict};
use uuid::Uuid;

#[test]
fn i19_a_copied_phone_becomes_a_new_device_and_loses_nothing() {
    let mut phone = EnginePhone::new();
    let first = ops(&phone.execute(set(1, "phone", "+1")));
    let conflict = Verdict::Refused(OperationRejection::OpConflict);
    let effects = phone.push(&[(1, conflict)], 2);
    assert!(notified(&effects).contains(&EventKind::DeviceCopied));
    assert!(effects.contains(&Effect::DropToken));
    phone.restart();
    assert!(phone.engine.must_register_again() && !phone.engine.is_signed_in());
    assert_eq!(phone.engine.outbox().waiting().count(), 1, "it waits on");
    let another = Session { device: DeviceId(Uuid::from_u128(201)), actor: 9, ..session() };
    let effects = phone.handle(Input::SignedIn(Box::new(another)));
    let again = ops(&effects);
    assert_eq!(again[0].op_no, 1);
    assert_ne!(again[0].operation, first[0].operation, "written under the new name");
    assert!(!phone.engine.must_register_again());
    let shown = phone.engine.drafts().get(auction_id(1)).unwrap().answers();
    assert_eq!(shown["phone"], "+1");
}

#[test]
fn a_server_that_expects_more_than_was_sent_has_heard_another_copy() {
    let mut phone = EnginePhone::new();
    let effects = phone.pull(PullReply { next_op_no: 5, ..page(vec![]) });
    assert!(notified(&effects).contains(&EventKind::DeviceCopied));
}

/// The server's draft, which accepts only valid parts.
fn merged(server: &mut Draft, op: &Op, actor: u32) -> Verdict {
    let Operation::EditDraft { part, .. } = &op.operation else { panic!("an edit") };
    assert_eq!(server.check(part, actor), Ok(()), "the server takes it");
    server.merge(part);
    Verdict::Merged { draft: server.state() }
}

#[test]
fn what_never_arrived_is_written_again_by_the_new_actor_and_the_server_takes_it() {
    let (mut phone, mut server) = (EnginePhone::new(), Draft::default());
    let group = |no| Group { kind: "co_owner".to_owned(), id: Uuid::from_u128(no) };
    phone.handle(Input::View(Box::new(view(1, &log(1, &[])[..3]))));
    let sent = ops(&phone.execute(set(1, "address", "Ош")));
    let verdict = merged(&mut server, &sent[0], 3);
    phone.push(&[(1, verdict)], 2);
    // Another phone answers meanwhile, unknown to this one.
    let other = server.set("phone", Some("+5".to_owned()), 4);
    server.merge(&other);
    phone.handle(Input::Online(false));
    phone.execute(set(1, "phone", "+1"));
    phone.execute(set(1, "phone", "+2"));
    phone.execute(UserCommand::SetField(auction_id(1), "address".to_owned(), None));
    phone.execute(UserCommand::AddGroup(auction_id(1), group(1)));
    phone.execute(set(1, &group(1).field("pin"), "1"));
    phone.restart();
    phone.handle(Input::Online(false));
    let another = Session { device: DeviceId(Uuid::from_u128(201)), actor: 9, ..session() };
    phone.handle(Input::SignedIn(Box::new(another)));
    let effects = phone.handle(Input::Online(true));
    let again = ops(&effects);
    assert_eq!(again.len(), 1);
    let verdict = merged(&mut server, &again[0], 9);
    phone.push(&[(1, verdict)], 2);
    let own = phone.engine.drafts().get(auction_id(1)).unwrap();
    assert_eq!(own.state(), server.state(), "both have the same");
    assert_eq!(server.answers().get("address"), None);
    assert_eq!(server.answers()[&group(1).field("pin")], "1");
    let both = vec![Some("+2".to_owned()), Some("+5".to_owned())];
    assert_eq!(server.conflicts()["phone"], both, "neither phone's answer is lost");
}

#[test]
fn i11_what_one_person_queued_never_leaves_for_another() {
    let mut phone = EnginePhone::new();
    phone.handle(Input::Online(false));
    phone.execute(withdraw(1));
    let stranger = toruk_sync::domain::id::PersonId(Uuid::from_u128(101));
    phone.handle(Input::SignedIn(Box::new(Session { person: stranger, ..session() })));
    assert!(ops(&phone.handle(Input::Online(true))).is_empty());
    assert!(phone.engine.outbox().waiting().count() == 1);
}

#[test]
fn a_poke_pulls_and_a_revoked_phone_destroys_what_it_has() {
    let mut engine = signed_in();
    let effects = engine.handle(Input::Watch(auction_id(1)), 0);
    let generation = effects.iter().find_map(|effect| match effect {
        Effect::OpenStream(opening) => Some(opening.generation),
        _ => None,
    });
    engine.handle(Input::Pulled(Ok(page(vec![]))), 0);
    let poke = |generation| Input::StreamFrame(generation, LiveFrame::Poke);
    let pulls = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Pull(_)));
    assert!(!pulls(&engine.handle(poke(99), 0)), "of another stream");
    assert!(pulls(&engine.handle(poke(generation.unwrap()), 0)));
    let effects = engine.handle(Input::Revoked, 0);
    assert!(effects.contains(&Effect::DropToken) && effects.contains(&Effect::Erase));
    assert!(!engine.is_signed_in());
}

#[test]
fn a_draft_is_told_by_its_person_and_auction() {
    let mut phone = EnginePhone::new();
    let sent = ops(&phone.execute(set(1, "phone", "+1")));
    let verdict = phone.merge(&sent[0]);
    phone.push(&[(1, verdict)], 2);
    let Operation::EditDraft { draft, .. } = sent[0].operation else { panic!("an edit") };
    assert_eq!(draft, draft_id(session().person, auction_id(1)));
    let state: Vec<(String, DraftState)> =
        crate::store::read_all(&phone.store, crate::store::Table::Base).unwrap();
    assert_eq!(state.len(), 1, "what the server has is known apart");
}

#[test]
fn a_restored_server_that_lost_the_device_itself_gets_everything_again() {
    let mut phone = EnginePhone::new();
    let mut before = Draft::default();
    let sent = ops(&phone.execute(set(1, "phone", "+1")));
    let verdict = merged(&mut before, &sent[0], 3);
    phone.push(&[(1, verdict)], 2);
    phone.execute(withdraw(1));
    phone.push(&[(2, Verdict::Withdrawn)], 3);
    phone.execute(UserCommand::Follow(auction_id(2)));
    phone.handle(Input::Pushed(Err(Failure::Lost)));
    phone.handle(Input::SignedOut);
    let effects = phone.handle(Input::SignedIn(Box::new(Session { actor: 9, ..session() })));
    let again = ops(&effects);
    let names: Vec<_> = again.iter().map(|op| (op.op_no, op.operation.name())).collect();
    let edit = again.iter().find(|op| op.operation.name() == "edit_draft").unwrap();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(again.iter().map(|op| op.op_no).collect::<Vec<_>>(), [1, 2, 3]);
    let mut server = Draft::default();
    merged(&mut server, edit, 9);
    assert_eq!(server.answers(), before.answers());
    phone.restart();
    assert_eq!(phone.engine.outbox().waiting().count(), 3, "kept");
}

#[test]
fn a_sign_in_without_a_passkey_leaves_the_phones_own_and_takes_no_other_persons() {
    let mut phone = EnginePhone::new();
    let person = |no: u128| toruk_sync::domain::id::PersonId(Uuid::from_u128(no));
    for (who, credential_id, expected) in [
        (100, "", "AAAA"),
        (100, "BBBB", "BBBB"),
        (100, "", "BBBB"),
        (101, "", ""),
        (101, "CCCC", "CCCC"),
    ] {
        let credential_id = credential_id.to_owned();
        let entered = Session { person: person(who), credential_id, ..session() };
        phone.handle(Input::SignedIn(Box::new(entered)));
        phone.restart();
        let known = phone.engine.profile().map(|profile| profile.credential_id.clone());
        assert_eq!(known.as_deref(), Some(expected), "{who}");
    }
}
