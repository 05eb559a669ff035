use super::*;
use DifferenceKind::{Amount, Currency, Doubled, NotBooked, NotStated};
use OperationKind::{Payment, Refund};

fn day() -> BusinessDay {
    "2026-11-30".parse().unwrap()
}

/// A line: direction, name, hundredths, currency.
type Line = (OperationKind, &'static str, i64, &'static str);

fn line(&(kind, name, amount, currency): &Line) -> StatementLine {
    StatementLine {
        kind,
        name: name.to_owned(),
        order: None,
        amount: Tyiyn::new(amount).unwrap(),
        currency: currency.to_owned(),
        at: day().start(),
    }
}

/// An operation of the ledger: direction, name, tyiyn, time before the end of the day.
type Booked = (OperationKind, &'static str, i64, TimeSpan);

const NOON: TimeSpan = TimeSpan::hours(12);

fn booked(&(kind, name, amount, before_end): &Booked) -> BookedOperation {
    let amount = Tyiyn::new(amount).unwrap();
    BookedOperation { kind, name: name.to_owned(), amount, at: day().end() - before_end }
}

fn check(
    lines: &[Line],
    ledger: &[Booked],
    earlier: &[(OperationKind, &str)],
    expected: &[(DifferenceKind, &str)],
) {
    let lines: Vec<_> = lines.iter().map(line).collect();
    let ledger: Vec<_> = ledger.iter().map(booked).collect();
    let earlier = earlier.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect();
    let found = compare(day(), &lines, &ledger, &earlier);
    let found: Vec<_> = found.differences.iter().map(|one| (one.kind, one.name.as_str())).collect();
    assert_eq!(found, expected, "{lines:?} {ledger:?}");
}

#[test]
fn what_both_sides_have_agrees_and_everything_else_is_named() {
    let paid = (Payment, "a", 500, NOON);
    check(&[(Payment, "a", 500, "KGS")], &[paid], &[], &[]);
    check(&[], &[], &[], &[]);
    check(&[], &[paid], &[], &[(NotStated, "a")]);
    check(&[(Payment, "a", 500, "KGS")], &[], &[], &[(NotBooked, "a")]);
    check(&[(Payment, "a", 501, "KGS")], &[paid], &[], &[(Amount, "a")]);
    check(&[(Payment, "a", 499, "KGS")], &[paid], &[], &[(Amount, "a")]);
    check(&[(Payment, "a", 500, "USD")], &[paid], &[], &[(Currency, "a")]);
    check(&[(Payment, "a", 500, "KGS"); 3], &[paid], &[], &[(Doubled, "a")]);
    check(&[(Payment, "a", 500, "KGS")], &[paid], &[(Payment, "a")], &[(Doubled, "a")]);
    check(&[], &[paid], &[(Payment, "a")], &[]);
    // A refund of the same name is another operation.
    let both = [(NotStated, "a"), (NotBooked, "a")];
    check(&[(Refund, "a", 500, "KGS")], &[paid], &[], &both);
}

#[test]
fn what_was_booked_around_midnight_may_be_stated_on_the_next_day() {
    for (before_end, expected) in [
        (MIDNIGHT_SLACK, &[][..]),
        (TimeSpan(MIDNIGHT_SLACK.0 + 1), &[(NotStated, "a")]),
        (TimeSpan(-1), &[]),
    ] {
        check(&[], &[(Payment, "a", 500, before_end)], &[], expected);
    }
}

#[test]
fn totals_are_of_som_and_of_what_should_be_stated() {
    let lines = [(Payment, "a", 500, "KGS"), (Payment, "b", 7, "USD"), (Refund, "c", 20, "KGS")];
    let ledger = [
        (Payment, "a", 501, NOON),
        (Payment, "d", 9, NOON),
        (Payment, "e", 1_000, TimeSpan::ZERO),
        (Refund, "c", 20, NOON),
    ];
    let lines: Vec<_> = lines.iter().map(line).collect();
    let ledger: Vec<_> = ledger.iter().map(booked).collect();
    let totals = compare(day(), &lines, &ledger, &BTreeSet::new()).totals;
    let total = |count, sum_tyiyn| OperationTotal { count, sum_tyiyn };
    let expected = DayTotals {
        payments_stated: total(1, 500),
        payments_booked: total(2, 510),
        refunds_stated: total(1, 20),
        refunds_booked: total(1, 20),
    };
    assert_eq!(totals, expected);
}

#[test]
fn a_missing_operation_is_one_difference_for_all_days() {
    let of = |day: BusinessDay| {
        let ledger = booked(&(Payment, "a", 500, TimeSpan::days(3)));
        compare(day, &[], &[ledger], &BTreeSet::new()).differences[0].key()
    };
    assert_eq!(of(day()), of(day().next()));
}
