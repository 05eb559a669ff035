use super::fixtures::{auction_id, reply, session};
use crate::engine::BTreeSet;
use crate::engine::outbox::*;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::domain::id::AuctionId;
use toruk_sync::draft::draft_id;
use toruk_sync::draft::{Draft, DraftState};
use toruk_sync::protocol::limits::{OUTBOX_OPS_MAX, PUSH_OPS_MAX};
use toruk_sync::protocol::operations::{Operation, Verdict};
use uuid::Uuid;

fn edit(draft: &mut Draft, auction: AuctionId, field: &str, value: &str) -> Operation {
    let part = draft.set(field, Some(value.to_owned()), 3);
    Operation::EditDraft { draft: draft_id(session().person, auction), auction, part }
}

fn withdraw(no: u128) -> Operation {
    Operation::WithdrawApplication { application: ApplicationId(Uuid::from_u128(no)) }
}

fn queue(outbox: &mut Outbox, no: u128, operation: Operation, needs: &[&str]) -> u64 {
    let needs = needs.iter().map(|need| (*need).to_owned()).collect();
    outbox.queue(session().person, Some(auction_id(no)), operation, needs).unwrap().0
}

fn sent(outbox: &mut Outbox, stored: &[&str]) -> Vec<u64> {
    let batch = outbox.batch(|need| stored.contains(&need));
    batch.map(|(push, _)| push.ops.iter().map(|op| op.op_no).collect()).unwrap_or_default()
}

/// The outbox as another process loads it.
fn restarted(outbox: &Outbox) -> Outbox {
    Outbox::load(outbox.waiting().cloned().collect(), Some(outbox.next_op_no))
}

fn merged() -> Verdict {
    Verdict::Merged { draft: DraftState::default() }
}

#[test]
fn parts_of_a_draft_that_never_left_travel_as_one() {
    let mut outbox = Outbox::load(Vec::new(), None);
    let mut draft = Draft::default();
    for (field, value) in [("phone", "+1"), ("phone", "+99"), ("address", "Ош")] {
        queue(&mut outbox, 1, edit(&mut draft, auction_id(1), field, value), &[]);
    }
    let (push, _) = outbox.batch(|_| true).unwrap();
    let Operation::EditDraft { part, .. } = &push.ops[0].operation else { panic!("an edit") };
    assert_eq!(push.ops.len(), 1);
    assert_eq!(Draft::from(part).answers(), draft.answers());
    assert_eq!(part.fields["phone"].len(), 1);
    assert_eq!(part.files, None);
}

#[test]
fn a_part_that_may_have_arrived_is_not_changed_any_more() {
    let mut outbox = Outbox::load(Vec::new(), None);
    let mut draft = Draft::default();
    queue(&mut outbox, 1, edit(&mut draft, auction_id(1), "phone", "+1"), &[]);
    let first = outbox.batch(|_| true).unwrap().0;
    queue(&mut outbox, 1, edit(&mut draft, auction_id(1), "phone", "+2"), &[]);
    outbox.failed();
    let again = outbox.batch(|_| true).unwrap().0;
    assert_eq!(first, again, "the same number, the same content");
    outbox.answered(&reply(&[(1, merged())], 2));
    assert_eq!(sent(&mut outbox, &[]), [2]);
}

#[test]
fn a_lost_reply_is_answered_by_the_same_numbers_even_after_a_restart() {
    let mut outbox = Outbox::load(Vec::new(), None);
    queue(&mut outbox, 1, withdraw(1), &[]);
    queue(&mut outbox, 2, withdraw(2), &[]);
    assert_eq!(sent(&mut outbox, &[]), [1, 2]);
    assert_eq!(sent(&mut outbox, &[]), [0_u64; 0], "one push at a time");
    let mut next = restarted(&outbox);
    assert_eq!(sent(&mut next, &[]), [1, 2]);
    let answered = next.answered(&reply(&[(1, Verdict::Withdrawn)], 2));
    assert_eq!(answered.decided.len(), 1);
    assert_eq!(sent(&mut next, &[]), [2], "what was not decided goes again");
    let twice = reply(&[(1, Verdict::Withdrawn), (2, Verdict::Withdrawn)], 3);
    assert_eq!(next.answered(&twice).decided.len(), 1, "an answer that comes twice counts once");
    assert_eq!(sent(&mut next, &[]), [0_u64; 0]);
}

#[test]
fn a_command_that_waits_for_its_file_holds_up_only_its_own_auction() {
    let mut outbox = Outbox::load(Vec::new(), None);
    queue(&mut outbox, 1, withdraw(1), &["file"]);
    queue(&mut outbox, 1, withdraw(2), &[]);
    queue(&mut outbox, 2, withdraw(3), &[]);
    let (push, _) = outbox.batch(|_| false).unwrap();
    assert_eq!(push.ops.len(), 1);
    assert_eq!((push.ops[0].op_no, &push.ops[0].operation), (1, &withdraw(3)));
    outbox.answered(&reply(&[(1, Verdict::Withdrawn)], 2));
    assert!(!outbox.has_ready(|_| false));
    let (push, _) = outbox.batch(|_| true).unwrap();
    let operations: Vec<_> = push.ops.into_iter().map(|op| (op.op_no, op.operation)).collect();
    assert_eq!(operations, [(2, withdraw(1)), (3, withdraw(2))]);
}

#[test]
fn a_server_restored_from_a_backup_gets_what_waits_under_the_numbers_it_expects() {
    let mut outbox = Outbox::load(Vec::new(), Some(40));
    queue(&mut outbox, 1, withdraw(1), &[]);
    assert_eq!(sent(&mut outbox, &[]), [40]);
    outbox.answered(&reply(&[], 12));
    assert_eq!(sent(&mut outbox, &[]), [12]);
}

#[test]
fn a_push_holds_at_most_a_hundred_operations_and_the_queue_is_bounded() {
    let mut outbox = Outbox::load(Vec::new(), None);
    for no in 0..OUTBOX_OPS_MAX as u128 {
        queue(&mut outbox, no, withdraw(no), &[]);
    }
    let one_more =
        outbox.queue(session().person, Some(auction_id(1)), withdraw(1), BTreeSet::new());
    assert_eq!(one_more, Err(OutboxFull));
    assert_eq!(sent(&mut outbox, &[]).len(), PUSH_OPS_MAX);
}

#[test]
fn as_a_new_device_numbers_start_from_one() {
    let mut outbox = Outbox::load(Vec::new(), Some(7));
    queue(&mut outbox, 1, withdraw(1), &[]);
    assert_eq!(sent(&mut outbox, &[]), [7]);
    outbox.forget_numbers();
    assert_eq!(sent(&mut restarted(&outbox), &[]), [1]);
}
