//! A person's work survives when the server refuses, forgets, or answers late.

use super::fixtures::*;
use super::phone_fixture::*;
use crate::engine::*;
use crate::store::{MemoryStore, Store};
use toruk_sync::domain::id::{ApplicationId, DeviceId};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::draft::{Draft, Followed};
use toruk_sync::protocol::operations::{Operation, OperationRejection, Outcome, Verdict};
use toruk_sync::protocol::pull::{OutcomeView, ResetReason, Scope, kind};
use uuid::Uuid;

#[test]
fn a_refused_edit_is_kept_and_goes_again_only_when_the_person_says_so() {
    for (way, sent, answer) in [
        (AttentionAction::Retry, 1, Some("+1")),
        (AttentionAction::Edit, 0, Some("+1")),
        (AttentionAction::Discard, 0, None),
    ] {
        let mut phone = EnginePhone::new();
        let first = ops(&phone.execute(set(1, "phone", "+1")));
        let effects = phone.push(&[(1, refused())], 2);
        assert!(notified(&effects).contains(&EventKind::AttentionNeeded));
        phone.restart();
        assert_eq!(phone.engine.attention().len(), 1, "kept with all the person wrote");
        assert!(ops(&phone.handle(Input::SyncNow)).is_empty(), "nothing goes by itself");
        let again = ops(&phone.execute(UserCommand::ResolveAttention(1, way)));
        assert_eq!(again.len(), sent, "{way:?}");
        assert!(again.iter().all(|op| op.operation == first[0].operation && op.op_no == 2));
        let shown = phone.engine.drafts().get(auction_id(1)).unwrap().answers();
        assert_eq!(shown.get("phone").map(String::as_str), answer, "{way:?}");
        assert!(phone.engine.attention().is_empty());
        assert!(phone.engine.outcomes().is_empty(), "dealt with is seen");
        assert_eq!(
            phone.engine.execute(UserCommand::ResolveAttention(1, way), 0),
            Err(LocalRejection::NotFound)
        );
    }
}

#[test]
fn i5_a_refused_operation_holds_up_no_other() {
    let mut phone = EnginePhone::new();
    phone.execute(set(1, "phone", "+1"));
    phone.execute(set(1, "phone", "+2"));
    phone.execute(set(2, "phone", "+3"));
    let effects = phone.push(&[(1, refused())], 2);
    assert_eq!(numbers(&effects), [2, 3]);
}

#[test]
fn i18_a_restored_server_gets_what_it_lost_under_the_old_numbers_and_then_the_rest() {
    let mut phone = EnginePhone::new();
    let mut first = Vec::new();
    for no in 1..=3 {
        let op = ops(&phone.execute(withdraw(no)));
        phone.push(&[(no as u64, Verdict::Withdrawn)], no as u64 + 1);
        phone.execute(UserCommand::Acknowledge(no as u64));
        first.extend(op);
    }
    phone.restart();
    phone.handle(Input::Online(false));
    phone.execute(withdraw(4));
    phone.handle(Input::Online(true));
    phone.handle(Input::Pushed(Err(Failure::Lost)));
    let restored = PullReply { next_op_no: 2, ..page(vec![]) };
    phone.pull(restored);
    let effects = phone.handle(Input::SyncNow);
    let again = ops(&effects);
    assert_eq!(again[..2], first[1..], "their numbers, their content");
    let effects = phone.push(&[(2, Verdict::Withdrawn), (3, Verdict::Withdrawn)], 4);
    assert!(!notified(&effects).contains(&EventKind::OutcomeArrived { op_no: 2 }), "no news");
    assert_eq!(numbers(&effects), [4], "then the rest");
    assert_eq!(ops(&effects)[0].operation, ops(&phone_of(4))[0].operation);
}

/// Another phone's answer came with the answer to a delivery, before any page was pulled. Then the
/// server was restored to a time before both, and the other phone was restored, too.
#[test]
fn what_was_heard_before_the_first_page_is_not_taken_for_what_a_restored_server_has() {
    let mut phone = EnginePhone { engine: fresh(), store: MemoryStore::default() };
    phone.handle(Input::SignedIn(Box::new(session())));
    let first = ops(&phone.execute(set(1, "full_name", "Аида")));
    let Operation::EditDraft { part, .. } = &first[0].operation else { panic!("an edit") };
    let mut both = Draft::from(part);
    both.merge(&Draft::default().set("full_name", Some("Айда".to_owned()), 9));
    phone.push(&[(1, Verdict::Merged { draft: both.state() })], 2);
    let conflicts = |phone: &EnginePhone| {
        phone.engine.drafts().get(auction_id(1)).unwrap().conflicts().contains_key("full_name")
    };
    assert!(conflicts(&phone));
    let effects = phone.handle(Input::Pulled(Ok(page(Vec::new()))));
    let again = [ops(&effects), ops(&phone.handle(Input::SyncNow))].concat();
    assert_eq!(again.len(), 1, "what the server has lost goes again");
    let merged = phone.merge(&again[0]);
    phone.push(&[(1, merged)], 2);
    assert!(!conflicts(&phone), "shown on this phone alone");
    let shown = phone.engine.drafts().get(auction_id(1)).unwrap().answers();
    assert_eq!(shown["full_name"], "Аида");
}

fn phone_of(no: u128) -> Vec<Effect> {
    EnginePhone::new().execute(withdraw(no))
}

#[test]
fn what_a_restored_server_decides_otherwise_is_news() {
    let mut phone = EnginePhone::new();
    phone.execute(withdraw(1));
    phone.push(&[(1, Verdict::Withdrawn)], 2);
    phone.execute(UserCommand::Acknowledge(1));
    let effects = phone.pull(PullReply { next_op_no: 1, ..page(vec![]) });
    assert!(notified(&effects).contains(&EventKind::ServerWentBack));
    assert_eq!(numbers(&effects), [1]);
    let effects = phone.push(&[(1, Verdict::Refused(OperationRejection::NotFound))], 2);
    assert!(notified(&effects).contains(&EventKind::OutcomeArrived { op_no: 1 }));
    assert_eq!(phone.engine.attention().len(), 1);
}

#[test]
fn a_number_heard_while_a_push_was_under_way_means_nothing() {
    let mut phone = EnginePhone::new();
    phone.handle(Input::Refresh);
    phone.execute(withdraw(1));
    phone.push(&[(1, Verdict::Withdrawn)], 2);
    let stale = PullReply { next_op_no: 1, ..page(vec![]) };
    let effects = phone.handle(Input::Pulled(Ok(stale)));
    assert!(ops(&effects).is_empty(), "it was answered before the push was");
}

#[test]
fn decided_operations_are_forgotten_after_seven_days() {
    let mut phone = EnginePhone::new();
    phone.execute(withdraw(1));
    phone.push(&[(1, Verdict::Withdrawn)], 2);
    for (days, kept) in [(7, 1), (8, 0)] {
        let server_time = at(days * 86_400);
        phone.pull(PullReply { server_time, ..page(vec![]) });
        assert_eq!(phone.engine.outbox().delivered.rows().count(), kept, "after {days} days");
        assert_eq!(phone.store.list(crate::store::Table::Decided).unwrap().len(), kept);
    }
}

#[test]
fn i12_a_reset_touches_nothing_that_is_the_phones_own() {
    let mut phone = EnginePhone::new();
    phone.handle(Input::Online(false));
    phone.execute(set(1, "phone", "+1"));
    phone.execute(UserCommand::Follow(auction_id(2)));
    phone.execute(withdraw(1));
    phone.handle(Input::Online(true));
    let own = |phone: &EnginePhone| {
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
fn outcomes_of_ones_other_phones_are_shown_and_a_lost_reply_comes_as_a_row() {
    let mut phone = EnginePhone::new();
    phone.execute(withdraw(1));
    phone.handle(Input::Pushed(Err(Failure::Lost)));
    let outcome = |device, op_no| OutcomeView {
        device,
        auction: Some(auction_id(1)),
        operation: "withdraw_application".to_owned(),
        outcome: Outcome { op_no, verdict: Verdict::Withdrawn, decided_at: at(0), receipt: None },
    };
    let other = DeviceId(Uuid::from_u128(201));
    let rows = [outcome(session().device, 1), outcome(other, 8)];
    let rows = rows.iter().enumerate().map(|(no, view)| {
        let name = pull::outcome_name(view.device, view.outcome.op_no);
        row(kind::OUTCOME, name, no as u64 + 2, view)
    });
    let effects = phone.pull(page(rows.collect()));
    assert!(notified(&effects).contains(&EventKind::OutcomeArrived { op_no: 1 }));
    assert_eq!(phone.engine.outbox().waiting().count(), 0);
    phone.restart();
    let elsewhere: Vec<_> = phone.engine.elsewhere().map(|view| view.outcome.op_no).collect();
    assert_eq!(elsewhere, [8]);
    assert_eq!(phone.engine.outcomes().len(), 1);
    let effects = phone.execute(UserCommand::Acknowledge(1));
    let acked = effects.iter().find_map(|effect| match effect {
        Effect::Pull(pull) => Some(pull.acked.clone()),
        _ => None,
    });
    assert!(acked.is_none_or(|acked| acked == [1]), "told with the next pull");
    assert_eq!(phone.engine.pulls().acked(), &BTreeSet::from([1]));
}

#[test]
fn i10_a_submit_that_was_taken_stays_shown_until_its_application_is_pulled() {
    let mut phone = EnginePhone::new();
    phone.execute(withdraw(2));
    let received_at = at(5);
    let application = ApplicationId(Uuid::from_u128(2));
    let taken = Verdict::Submitted { application, received_at, package_hash: String::new() };
    phone.push(&[(1, taken)], 2);
    phone.execute(UserCommand::Acknowledge(1));
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
    let mut phone = EnginePhone::new();
    phone.handle(Input::Online(false));
    for no in 1..=3 {
        phone.execute(UserCommand::Follow(auction_id(no)));
    }
    phone.execute(UserCommand::Unfollow(auction_id(2)));
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
    let mut phone = EnginePhone::new();
    phone.handle(Input::View(Box::new(view(2, &log(2, &[])[..3]))));
    let time = |us| ServerTime { received_at: Timestamp(us), sent_at: Timestamp(us) };
    let clock = |us| Input::Time { sent: 0, received: 0, answer: Ok(time(us)) };
    phone.handle(clock(at(-7_300).0));
    phone.handle(Input::Online(false));
    phone.execute(set(2, "phone", "+1"));
    let package = toruk_sync::signing::ApplicationPayload {
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
    let confirmation = toruk_sync::protocol::operations::Confirmation::Passkey { credential };
    let effects = phone.execute(UserCommand::Submit(Box::new(package), confirmation));
    let late = 100 * S;
    let near = |at: &Mono| (*at - late).abs() < S;
    let wakes = |effect: &Effect| matches!(effect, Effect::WakeAt(at) if near(at));
    assert!(effects.iter().any(wakes), "it wakes for the deadline: {effects:?}");
    assert!(!phone.engine.is_late_unsent(auction_id(2), late - S));
    assert!(phone.engine.is_late_unsent(auction_id(2), late + S));
    let effects = phone.engine.handle(Input::Woken, late + S);
    assert_eq!(notified(&effects), [EventKind::DeadlinePassedUnsent]);
    assert!(notified(&phone.engine.handle(Input::Woken, late + 2 * S)).is_empty(), "once");
    let effects = phone.engine.handle(Input::Online(true), late + 3 * S);
    assert_eq!(numbers(&effects), [1, 2]);
}

#[test]
fn reminders_are_for_what_is_not_in_and_still_to_come() {
    let mut phone = EnginePhone::new();
    for no in 1..=2 {
        phone.handle(Input::View(Box::new(view(no, &log(no, &[])[..3]))));
        phone.execute(set(no, "phone", "+1"));
    }
    let time = |us| ServerTime { received_at: Timestamp(us), sent_at: Timestamp(us) };
    let before = |hours: i64| at(-7_200).0 - hours * 3_600 * S;
    let named = |phone: &EnginePhone| -> Vec<_> {
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
}

#[test]
fn a_copy_that_differs_is_reported_and_fetched_again() {
    let mut phone = EnginePhone::new();
    let wrong = BTreeMap::from([(Scope::Person, Digest { rows: 9, sum: 9 })]);
    let effects = phone.pull(PullReply { digest: Some(wrong), ..page(vec![]) });
    let scope = "person".to_owned();
    assert!(notified(&effects).contains(&EventKind::CopyDiffered { scope }));
    let starts_over =
        |effect: &Effect| matches!(effect, Effect::Pull(pull) if pull.cookie.is_none());
    assert!(effects.iter().any(starts_over));
    assert_eq!(phone.engine.mine().unwrap().applications.len(), 1, "shown until it is replaced");
}
