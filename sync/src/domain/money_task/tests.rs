use super::*;
use crate::domain::test_support::*;

const READ: Uuid = Uuid::from_u128(1);
const REFUND: Uuid = Uuid::from_u128(2);

fn difference(kind: DifferenceKind, operation: OperationKind, currency: &str) -> TaskCause {
    TaskCause::Difference(Difference {
        day: "2026-11-30".parse().unwrap(),
        kind,
        operation,
        name: "a".to_owned(),
        order: None,
        stated: Some((tyiyn(500), currency.to_owned())),
        booked: None,
    })
}

fn bank_line(currency: &str) -> TaskCause {
    TaskCause::BankLine(ImportedLine {
        name: "a".to_owned(),
        payer: "Асанов".to_owned(),
        purpose: String::new(),
        amount: tyiyn(500),
        currency: currency.to_owned(),
    })
}

fn task(cause: TaskCause) -> MoneyTask {
    MoneyTask::new(Uuid::from_u128(9), cause, at(0))
}

fn large() -> TaskCause {
    TaskCause::RefundLarge { refund: REFUND, amount: tyiyn(500) }
}

/// A task whose owner has proposed this.
fn proposed(cause: TaskCause, remedy: Remedy) -> Result<MoneyTask, Rejection> {
    task(cause).take(AUTHOR).unwrap().propose(AUTHOR, remedy, "Seen", (READ, at(0)))
}

#[test]
fn two_people_end_it_and_one_tries_a_refund_again() {
    use DifferenceKind::{Amount, Doubled, NotBooked, NotStated};
    use OperationKind::{Payment, Refund};
    let credit = Remedy::Credit(IntentId(READ));
    let refused = || TaskCause::RefundRefused { refund: REFUND, amount: tyiyn(500) };
    let by_bank = || TaskCause::RefundByBank { refund: REFUND, amount: tyiyn(500) };
    for (cause, remedy, expected) in [
        (difference(Amount, Payment, "KGS"), Remedy::Note, Some("proposed")),
        (difference(Amount, Payment, "KGS"), Remedy::GiveBack, None),
        (difference(Doubled, Payment, "KGS"), Remedy::Note, Some("proposed")),
        (difference(NotBooked, Payment, "KGS"), Remedy::Note, Some("proposed")),
        (difference(NotBooked, Payment, "USD"), Remedy::Note, Some("proposed")),
        (difference(NotBooked, Refund, "KGS"), Remedy::Note, Some("proposed")),
        (difference(NotStated, Payment, "KGS"), Remedy::Note, Some("proposed")),
        (difference(NotStated, Refund, "KGS"), Remedy::Note, Some("proposed")),
        (difference(NotBooked, Payment, "KGS"), Remedy::GiveBack, Some("proposed")),
        (difference(NotBooked, Payment, "USD"), Remedy::GiveBack, None),
        (difference(NotBooked, Refund, "KGS"), Remedy::GiveBack, None),
        (bank_line("KGS"), credit, Some("proposed")),
        (bank_line("KGS"), Remedy::GiveBack, Some("proposed")),
        (bank_line("KGS"), Remedy::Note, None),
        (bank_line("USD"), Remedy::Note, Some("proposed")),
        (bank_line("USD"), credit, None),
        (refused(), Remedy::Send, Some("closed")),
        (refused(), Remedy::PaidByHand, Some("proposed")),
        (large(), Remedy::Send, Some("proposed")),
        (large(), Remedy::Note, None),
        (by_bank(), Remedy::PaidByHand, Some("proposed")),
        (by_bank(), Remedy::Send, None),
    ] {
        let status = proposed(cause.clone(), remedy).map(|task| task.status());
        assert_eq!(status.ok(), expected, "{cause:?} {remedy:?}");
    }
}

#[test]
fn every_remedy_that_a_task_offers_is_one_and_is_taken() {
    for cause in [
        difference(DifferenceKind::NotBooked, OperationKind::Payment, "KGS"),
        bank_line("KGS"),
        bank_line("EUR"),
        large(),
        TaskCause::RefundRefused { refund: REFUND, amount: tyiyn(500) },
    ] {
        for key in cause.remedies() {
            let remedy = Remedy::of(key, Some(IntentId(READ))).unwrap();
            assert_eq!(remedy.key(), *key);
            proposed(cause.clone(), remedy).unwrap();
        }
    }
    assert_eq!(Remedy::of("credit", None), None);
    assert_eq!(Remedy::of("forget", None), None);
}

#[test]
fn another_official_approves_in_time_what_they_have_read() {
    let waiting = proposed(large(), Remedy::Send).unwrap();
    let other = Uuid::from_u128(3);
    for (by, read, now, expected) in [
        (SECOND_PERSON, READ, LIFE.0 - 1, None),
        (SECOND_PERSON, READ, LIFE.0, Some(Rejection::Lapsed)),
        (SECOND_PERSON, other, 0, Some(Rejection::WrongState)),
        (AUTHOR, READ, 0, Some(Rejection::SecondPersonNeeded)),
    ] {
        let approved = waiting.approve(by, read, at(now));
        assert_eq!(approved.as_ref().err().copied(), expected, "{by:?} {now}");
        if let Ok(approved) = approved {
            let end = approved.end.clone().unwrap();
            assert_eq!((end.by, end.approved_by), (Some(AUTHOR), Some(SECOND_PERSON)));
            assert_eq!(approved.approve(by, read, at(now)).err(), Some(Rejection::WrongState));
        }
    }
}

#[test]
fn a_proposal_that_has_lapsed_falls_and_one_that_waits_does_not() {
    let waiting = proposed(large(), Remedy::Send).unwrap();
    assert_eq!(waiting.without_lapsed(at(LIFE.0 - 1)), None);
    let free = waiting.without_lapsed(at(LIFE.0)).unwrap();
    assert_eq!(free.take(SECOND_PERSON).unwrap().owner, Some(SECOND_PERSON));
    assert_eq!(free.without_lapsed(at(LIFE.0)), None);
}

#[test]
fn another_cause_opens_a_task_again_for_its_owner() {
    use DifferenceKind::Amount;
    let cause = || difference(Amount, OperationKind::Payment, "KGS");
    let next = difference(Amount, OperationKind::Payment, "USD");
    let closed = proposed(cause(), Remedy::Note).unwrap();
    let closed = closed.approve(SECOND_PERSON, READ, at(1)).unwrap();
    let renewed = closed.renew(next.clone(), at(5));
    assert_eq!((renewed.status(), renewed.owner, renewed.at), ("taken", Some(AUTHOR), at(5)));
    assert_eq!(renewed.cause, next);
    let waiting = proposed(large(), Remedy::Send).unwrap();
    assert_eq!(waiting.renew(next, at(5)).proposal, None);
}

#[test]
fn a_task_has_one_owner_who_says_why() {
    let open = task(large());
    let wrong = Some(Rejection::WrongState);
    assert_eq!(open.propose(AUTHOR, Remedy::Send, "Seen", (READ, at(0))).err(), wrong);
    let taken = open.take(AUTHOR).unwrap();
    assert_eq!(taken.propose(SECOND_PERSON, Remedy::Send, "Seen", (READ, at(0))).err(), wrong);
    let silent = taken.propose(AUTHOR, Remedy::Send, " ", (READ, at(0)));
    assert_eq!(silent.err(), Some(Rejection::ReasonNeeded));
    assert_eq!(taken.take(SECOND_PERSON).unwrap().owner, Some(SECOND_PERSON));
    let waiting = taken.propose(AUTHOR, Remedy::Send, "Seen", (READ, at(0))).unwrap();
    assert_eq!(waiting.take(SECOND_PERSON).err(), wrong);
    assert_eq!(waiting.decline(READ).unwrap(), taken);
    assert_eq!(waiting.decline(Uuid::nil()).err(), wrong);
    let gone = waiting.resolve(at(5)).unwrap();
    assert_eq!((gone.status(), gone.resolve(at(6)).err()), ("closed", wrong));
    assert_eq!(gone.take(AUTHOR).err(), wrong);
}
