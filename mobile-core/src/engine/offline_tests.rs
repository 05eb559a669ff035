//! What happens to a person's work when the server refuses, forgets, or is another one, and when the
//! phone is.

use super::fixtures::{
    EPOCH, S, application, at, auction_id, log, mine, numbers, page, pushes, reply, row, session,
    signed_in, view,
};
use super::*;
use crate::store::{MemoryStore, Store};
use toruk_sync::domain::id::{ApplicationId, DeviceId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::{DeltaFault, Draft, DraftState, Followed, Group, draft_id};
use toruk_sync::protocol::pull::{OutcomeView, ResetReason, Scope, kind};
use toruk_sync::protocol::sync::{Op, Operation, Outcome, Refusal, Verdict};
use uuid::Uuid;

fn set(no: u128, field: &str, value: &str) -> Intent {
    Intent::SetField(auction_id(no), field.to_owned(), Some(value.to_owned()))
}

fn withdraw(no: u128) -> Intent {
    Intent::Withdraw(auction_id(no), ApplicationId(Uuid::from_u128(no)))
}

fn refused() -> Verdict {
    Verdict::Refused(Refusal::Draft(DeltaFault::TooLarge))
}

fn told(effects: &[Effect]) -> Vec<EventKind> {
    let what = |effect: &Effect| match effect {
        Effect::Notify(event) => Some(event.what.clone()),
        _ => None,
    };
    effects.iter().filter_map(what).collect()
}

/// An engine with the disk below it.
struct Phone {
    engine: Engine,
    store: MemoryStore,
}

impl Phone {
    fn new() -> Self {
        let mut phone = Self { engine: fixtures::fresh(), store: MemoryStore::default() };
        phone.handle(Input::SignedIn(Box::new(session())));
        phone.handle(Input::Pulled(Ok(mine(1))));
        phone
    }

    fn kept(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        for effect in &effects {
            if let Effect::Persist(writes) = effect {
                self.store.apply(writes).unwrap();
            }
        }
        effects
    }

    fn handle(&mut self, input: Input) -> Vec<Effect> {
        let effects = self.engine.handle(input, 0);
        self.kept(effects)
    }

    fn intend(&mut self, intent: Intent) -> Vec<Effect> {
        let effects = self.engine.intend(intent, 0).unwrap().1;
        self.kept(effects)
    }

    fn push(&mut self, verdicts: &[(u64, Verdict)], next: u64) -> Vec<Effect> {
        self.handle(Input::Pushed(Ok(reply(verdicts, next))))
    }

    fn pull(&mut self, reply: PullReply) -> Vec<Effect> {
        if !self.engine.pulls().is_asked() {
            self.handle(Input::Refresh);
        }
        self.handle(Input::Pulled(Ok(reply)))
    }

    fn restart(&mut self) -> Vec<Effect> {
        self.engine = Engine::load(Saved::read(&self.store, true).unwrap(), 8);
        self.handle(Input::Woken)
    }

    fn merge(&mut self, op: &Op) -> Verdict {
        let Operation::EditDraft { part, .. } = &op.operation else { panic!("an edit") };
        Verdict::Merged { draft: part.clone() }
    }
}

fn ops(effects: &[Effect]) -> Vec<Op> {
    pushes(effects).into_iter().flatten().collect()
}

#[test]
fn a_refused_edit_is_kept_and_goes_again_only_when_the_person_says_so() {
    for (way, sent, answer) in
        [(Way::Retry, 1, Some("+1")), (Way::Edit, 0, Some("+1")), (Way::Discard, 0, None)]
    {
        let mut phone = Phone::new();
        let first = ops(&phone.intend(set(1, "phone", "+1")));
        let effects = phone.push(&[(1, refused())], 2);
        assert!(told(&effects).contains(&EventKind::AttentionNeeded));
        phone.restart();
        assert_eq!(phone.engine.attention().len(), 1, "kept with all the person wrote");
        assert!(ops(&phone.handle(Input::Hurry)).is_empty(), "nothing goes by itself");
        let again = ops(&phone.intend(Intent::Attend(1, way)));
        assert_eq!(again.len(), sent, "{way:?}");
        assert!(again.iter().all(|op| op.operation == first[0].operation && op.op_no == 2));
        let shown = phone.engine.drafts().get(auction_id(1)).unwrap().answers();
        assert_eq!(shown.get("phone").map(String::as_str), answer, "{way:?}");
        assert!(phone.engine.attention().is_empty());
        assert!(phone.engine.outcomes().is_empty(), "dealt with is seen");
        assert_eq!(phone.engine.intend(Intent::Attend(1, way), 0), Err(Refused::NotFound));
    }
}

#[test]
fn i5_a_refused_operation_holds_up_no_other() {
    let mut phone = Phone::new();
    phone.intend(set(1, "phone", "+1"));
    phone.intend(set(1, "phone", "+2"));
    phone.intend(set(2, "phone", "+3"));
    let effects = phone.push(&[(1, refused())], 2);
    assert_eq!(numbers(&effects), [2, 3]);
}

#[test]
fn i18_a_restored_server_gets_what_it_lost_under_the_old_numbers_and_then_the_rest() {
    let mut phone = Phone::new();
    let mut first = Vec::new();
    for no in 1..=3 {
        let op = ops(&phone.intend(withdraw(no)));
        phone.push(&[(no as u64, Verdict::Withdrawn)], no as u64 + 1);
        phone.intend(Intent::Acknowledge(no as u64));
        first.extend(op);
    }
    phone.restart();
    phone.handle(Input::Online(false));
    phone.intend(withdraw(4));
    phone.handle(Input::Online(true));
    phone.handle(Input::Pushed(Err(Failure::Lost)));
    let restored = PullReply { next_op_no: 2, ..page(vec![]) };
    phone.pull(restored);
    let effects = phone.handle(Input::Hurry);
    let again = ops(&effects);
    assert_eq!(again[..2], first[1..], "their numbers, their content");
    let effects = phone.push(&[(2, Verdict::Withdrawn), (3, Verdict::Withdrawn)], 4);
    assert!(!told(&effects).contains(&EventKind::OutcomeArrived { op_no: 2 }), "no news");
    assert_eq!(numbers(&effects), [4], "then the rest");
    assert_eq!(ops(&effects)[0].operation, ops(&phone_of(4))[0].operation);
}

fn phone_of(no: u128) -> Vec<Effect> {
    Phone::new().intend(withdraw(no))
}

#[test]
fn what_a_restored_server_decides_otherwise_is_news() {
    let mut phone = Phone::new();
    phone.intend(withdraw(1));
    phone.push(&[(1, Verdict::Withdrawn)], 2);
    phone.intend(Intent::Acknowledge(1));
    let effects = phone.pull(PullReply { next_op_no: 1, ..page(vec![]) });
    assert!(told(&effects).contains(&EventKind::ServerWentBack));
    assert_eq!(numbers(&effects), [1]);
    let effects = phone.push(&[(1, Verdict::Refused(Refusal::NotFound))], 2);
    assert!(told(&effects).contains(&EventKind::OutcomeArrived { op_no: 1 }));
    assert_eq!(phone.engine.attention().len(), 1);
}

#[test]
fn a_number_heard_while_a_push_was_under_way_means_nothing() {
    let mut phone = Phone::new();
    phone.handle(Input::Refresh);
    phone.intend(withdraw(1));
    phone.push(&[(1, Verdict::Withdrawn)], 2);
    let stale = PullReply { next_op_no: 1, ..page(vec![]) };
    let effects = phone.handle(Input::Pulled(Ok(stale)));
    assert!(ops(&effects).is_empty(), "it was answered before the push was");
}

#[test]
fn decided_operations_are_forgotten_after_seven_days() {
    let mut phone = Phone::new();
    phone.intend(withdraw(1));
    phone.push(&[(1, Verdict::Withdrawn)], 2);
    for (days, kept) in [(7, 1), (8, 0)] {
        let server_time = at(days * 86_400);
        phone.pull(PullReply { server_time, ..page(vec![]) });
        assert_eq!(phone.engine.outbox().delivered.rows().count(), kept, "after {days} days");
        assert_eq!(phone.store.list(crate::store::Table::Decided).unwrap().len(), kept);
    }
}

#[test]
fn i19_a_copied_phone_becomes_a_new_device_and_loses_nothing() {
    let mut phone = Phone::new();
    let first = ops(&phone.intend(set(1, "phone", "+1")));
    let conflict = Verdict::Refused(Refusal::OpConflict);
    let effects = phone.push(&[(1, conflict)], 2);
    assert!(told(&effects).contains(&EventKind::DeviceCopied));
    assert!(effects.contains(&Effect::DropToken));
    phone.restart();
    assert!(phone.engine.must_register_anew() && !phone.engine.is_signed_in());
    assert_eq!(phone.engine.outbox().waiting().count(), 1, "it waits on");
    let anew = Session { device: DeviceId(Uuid::from_u128(201)), actor: 9, ..session() };
    let effects = phone.handle(Input::SignedIn(Box::new(anew)));
    let again = ops(&effects);
    assert_eq!(again[0].op_no, 1);
    assert_ne!(again[0].operation, first[0].operation, "written under the new name");
    assert!(!phone.engine.must_register_anew());
    let shown = phone.engine.drafts().get(auction_id(1)).unwrap().answers();
    assert_eq!(shown["phone"], "+1");
}

#[test]
fn a_server_that_expects_more_than_was_sent_has_heard_another_copy() {
    let mut phone = Phone::new();
    let effects = phone.pull(PullReply { next_op_no: 5, ..page(vec![]) });
    assert!(told(&effects).contains(&EventKind::DeviceCopied));
}

/// The server's draft, which takes parts only as it must.
fn merged(server: &mut Draft, op: &Op, actor: u32) -> Verdict {
    let Operation::EditDraft { part, .. } = &op.operation else { panic!("an edit") };
    assert_eq!(server.check(part, actor), Ok(()), "the server takes it");
    server.merge(part);
    Verdict::Merged { draft: server.state() }
}

#[test]
fn what_never_arrived_is_written_anew_by_the_new_actor_and_the_server_takes_it() {
    let (mut phone, mut server) = (Phone::new(), Draft::default());
    let group = |no| Group { kind: "co_owner".to_owned(), id: Uuid::from_u128(no) };
    phone.handle(Input::View(Box::new(view(1, &log(1, &[])[..3]))));
    let sent = ops(&phone.intend(set(1, "address", "Ош")));
    let verdict = merged(&mut server, &sent[0], 3);
    phone.push(&[(1, verdict)], 2);
    // Another phone answers meanwhile; this one does not hear of it.
    let other = server.set("phone", Some("+5".to_owned()), 4);
    server.merge(&other);
    phone.handle(Input::Online(false));
    phone.intend(set(1, "phone", "+1"));
    phone.intend(set(1, "phone", "+2"));
    phone.intend(Intent::SetField(auction_id(1), "address".to_owned(), None));
    phone.intend(Intent::AddGroup(auction_id(1), group(1)));
    phone.intend(set(1, &group(1).field("pin"), "1"));
    phone.restart();
    phone.handle(Input::Online(false));
    let anew = Session { device: DeviceId(Uuid::from_u128(201)), actor: 9, ..session() };
    phone.handle(Input::SignedIn(Box::new(anew)));
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
fn i12_a_reset_touches_nothing_that_is_the_phones_own() {
    let mut phone = Phone::new();
    phone.handle(Input::Online(false));
    phone.intend(set(1, "phone", "+1"));
    phone.intend(Intent::Follow(auction_id(2)));
    phone.intend(withdraw(1));
    phone.handle(Input::Online(true));
    let own = |phone: &Phone| {
        use crate::store::Table::{Attention, Blob, Draft, Outbox, Outcome};
        [Draft, Outbox, Outcome, Blob, Attention].map(|table| phone.store.list(table).unwrap())
    };
    phone.handle(Input::Pushed(Err(Failure::Lost)));
    let before = own(&phone);
    let reset = BTreeMap::from([(Scope::Person, ResetReason::ServerRestored)]);
    phone.pull(PullReply { reset, ..page(vec![]) });
    assert!(phone.engine.mine().unwrap().applications.is_empty());
    assert_eq!(own(&phone), before);
    assert_eq!(phone.engine.followed(), BTreeSet::from([auction_id(2)]));
}

#[test]
fn i11_what_one_person_queued_never_leaves_for_another() {
    let mut phone = Phone::new();
    phone.handle(Input::Online(false));
    phone.intend(withdraw(1));
    let stranger = toruk_sync::domain::id::PersonId(Uuid::from_u128(101));
    phone.handle(Input::SignedIn(Box::new(Session { person: stranger, ..session() })));
    assert!(ops(&phone.handle(Input::Online(true))).is_empty());
    assert!(phone.engine.outbox().waiting().count() == 1);
}

#[test]
fn outcomes_of_ones_other_phones_are_shown_and_a_lost_reply_comes_as_a_row() {
    let mut phone = Phone::new();
    phone.intend(withdraw(1));
    phone.handle(Input::Pushed(Err(Failure::Lost)));
    let outcome = |device, op_no| OutcomeView {
        device,
        auction: Some(auction_id(1)),
        operation: "withdraw_application".to_owned(),
        outcome: Outcome { op_no, verdict: Verdict::Withdrawn, decided_at: at(0) },
    };
    let other = DeviceId(Uuid::from_u128(201));
    let rows = [outcome(session().device, 1), outcome(other, 8)];
    let rows = rows.iter().enumerate().map(|(no, view)| {
        let name = pull::outcome_name(view.device, view.outcome.op_no);
        row(kind::OUTCOME, name, no as u64 + 2, view)
    });
    let effects = phone.pull(page(rows.collect()));
    assert!(told(&effects).contains(&EventKind::OutcomeArrived { op_no: 1 }));
    assert_eq!(phone.engine.outbox().waiting().count(), 0);
    phone.restart();
    let elsewhere: Vec<_> = phone.engine.elsewhere().map(|view| view.outcome.op_no).collect();
    assert_eq!(elsewhere, [8]);
    assert_eq!(phone.engine.outcomes().len(), 1);
    let effects = phone.intend(Intent::Acknowledge(1));
    let acked = effects.iter().find_map(|effect| match effect {
        Effect::Pull(pull) => Some(pull.acked.clone()),
        _ => None,
    });
    assert!(acked.is_none_or(|acked| acked == [1]), "told with the next pull");
    assert_eq!(phone.engine.pulls().acked(), &BTreeSet::from([1]));
}

#[test]
fn i10_a_submit_that_was_taken_stays_shown_until_its_application_is_pulled() {
    let mut phone = Phone::new();
    phone.intend(withdraw(2));
    let received_at = at(5);
    let application = ApplicationId(Uuid::from_u128(2));
    let taken = Verdict::Submitted { application, received_at, package_hash: String::new() };
    phone.push(&[(1, taken)], 2);
    phone.intend(Intent::Acknowledge(1));
    phone.restart();
    assert_eq!(phone.engine.submitted_at(auction_id(2)), Some(received_at));
    assert_eq!(
        phone.engine.submitted_at(auction_id(1)),
        Some(application_received()),
        "the pulled one"
    );
}

fn application_received() -> Timestamp {
    application(1).application.received_at
}

#[test]
fn follows_travel_as_one_and_another_phones_follows_are_kept() {
    let mut phone = Phone::new();
    phone.handle(Input::Online(false));
    for no in 1..=3 {
        phone.intend(Intent::Follow(auction_id(no)));
    }
    phone.intend(Intent::Unfollow(auction_id(2)));
    let sent = ops(&phone.handle(Input::Online(true)));
    assert_eq!(sent.len(), 1);
    let mut server = FollowedSet::from(&Followed::default());
    server.follow(auction_id(7), 4);
    let Operation::EditFollowed { followed } = &sent[0].operation else { panic!("a follow") };
    assert_eq!(server.check(followed, 3), Ok(()));
    server.merge(followed);
    phone.push(&[(1, Verdict::Following { followed: server.state() })], 2);
    let all = [1, 3, 7].map(auction_id);
    phone.restart();
    assert_eq!(phone.engine.followed(), BTreeSet::from(all));
    assert!(phone.engine.outcomes().is_empty(), "nothing to tell");
}

#[test]
fn a_signed_application_whose_time_passed_unsent_says_so_once_and_still_goes_for_the_record() {
    let mut phone = Phone::new();
    phone.handle(Input::View(Box::new(view(2, &log(2, &[])[..3]))));
    let time = |us| ServerTime { received_at: Timestamp(us), sent_at: Timestamp(us) };
    let clock = |us| Input::Time { sent: 0, received: 0, answer: Ok(time(us)) };
    phone.handle(clock(at(-7_300).0));
    phone.handle(Input::Online(false));
    phone.intend(set(2, "phone", "+1"));
    let package = toruk_sync::snapshot::ApplicationPackage {
        auction: auction_id(2),
        person: session().person,
        device: session().device,
        terms_version: 1,
        terms_hash: String::new(),
        form: String::new(),
        form_version: 1,
        answers: BTreeMap::new(),
        files: Vec::new(),
    };
    let credential = serde_json::Value::Null;
    let confirmation = toruk_sync::protocol::sync::Confirmation::Passkey { credential };
    let effects = phone.intend(Intent::Submit(Box::new(package), confirmation));
    let late = 100 * S;
    let near = |at: &Mono| (*at - late).abs() < S;
    let wakes = |effect: &Effect| matches!(effect, Effect::WakeAt(at) if near(at));
    assert!(effects.iter().any(wakes), "it wakes for the deadline: {effects:?}");
    assert!(!phone.engine.is_late_unsent(auction_id(2), late - S));
    assert!(phone.engine.is_late_unsent(auction_id(2), late + S));
    let effects = phone.engine.handle(Input::Woken, late + S);
    assert_eq!(told(&effects), [EventKind::DeadlinePassedUnsent]);
    assert!(told(&phone.engine.handle(Input::Woken, late + 2 * S)).is_empty(), "once");
    let effects = phone.engine.handle(Input::Online(true), late + 3 * S);
    assert_eq!(numbers(&effects), [1, 2]);
}

#[test]
fn reminders_are_for_what_is_not_in_and_still_to_come() {
    let mut phone = Phone::new();
    for no in 1..=2 {
        phone.handle(Input::View(Box::new(view(no, &log(no, &[])[..3]))));
        phone.intend(set(no, "phone", "+1"));
    }
    let time = |us| ServerTime { received_at: Timestamp(us), sent_at: Timestamp(us) };
    let before = |hours: i64| at(-7_200).0 - hours * 3_600 * S;
    let named = |phone: &Phone| -> Vec<_> {
        let reminders = phone.engine.reminders(0);
        reminders.iter().map(|r| (r.auction, r.name, r.due.map(|due| due / S))).collect()
    };
    let two = auction_id(2);
    assert_eq!(named(&phone).len(), 3, "the first one's application is in");
    phone.handle(Input::Time { sent: 0, received: 0, answer: Ok(time(before(4))) });
    assert_eq!(
        named(&phone),
        [(two, "three_hours", Some(3_600)), (two, "half_hour", Some(12_600))]
    );
    assert!(EPOCH > 0);
}

#[test]
fn a_copy_that_differs_is_told_and_fetched_anew() {
    let mut phone = Phone::new();
    let wrong = BTreeMap::from([(Scope::Person, Digest { rows: 9, sum: 9 })]);
    let effects = phone.pull(PullReply { digest: Some(wrong), ..page(vec![]) });
    let scope = "person".to_owned();
    assert!(told(&effects).contains(&EventKind::CopyDiffered { scope }));
    let anew = |effect: &Effect| matches!(effect, Effect::Pull(pull) if pull.cookie.is_none());
    assert!(effects.iter().any(anew));
    assert_eq!(phone.engine.mine().unwrap().applications.len(), 1, "shown until it is replaced");
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
    let mut phone = Phone::new();
    let sent = ops(&phone.intend(set(1, "phone", "+1")));
    let verdict = phone.merge(&sent[0]);
    phone.push(&[(1, verdict)], 2);
    let Operation::EditDraft { draft, .. } = sent[0].operation else { panic!("an edit") };
    assert_eq!(draft, draft_id(session().person, auction_id(1)));
    let state: Vec<(String, DraftState)> =
        crate::store::read_all(&phone.store, crate::store::Table::Base).unwrap();
    assert_eq!(state.len(), 1, "what the server has is known apart");
}
