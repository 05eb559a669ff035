//! Deadlines in working days, and days off that are moved while an auction runs.

use super::super::Command;
use crate::domain::auction::{Auction, Rejection, apply};
use crate::domain::id::BidderNo;
use crate::domain::rules::{RuleProfile, VerificationEnd};
use crate::domain::test_support::*;
use crate::domain::time::{TimeSpan, Timestamp};
use std::collections::BTreeSet;

fn days(days: &[&str]) -> BTreeSet<String> {
    days.iter().map(|day| (*day).to_owned()).collect()
}

fn change(holidays: &[&str]) -> Command {
    Command::ChangeCalendar { by: BOTH, holidays: days(holidays) }
}

/// Confirmed on Monday, 23 November, with five working days for the contract.
fn awarded() -> Auction {
    let rules = RuleProfile { contract_days: Some(5), ..RuleProfile::standard() };
    let confirm = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".repeat(32) };
    after(won(rules, &[1]), 2 * HOUR, &confirm)
}

fn midnight(text: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{text}T00:00:00+06:00"))
}

#[test]
fn a_contracts_deadline_follows_days_off_that_are_moved_and_never_back() {
    let auction = awarded();
    // Monday, the 30th, is the fifth working day; it ends at midnight.
    assert_eq!(auction.contract_by, midnight("2026-12-01"));
    for (holidays, expected) in [
        (vec!["2026-11-27"], "2026-12-02"),
        (vec!["2026-11-27", "2026-12-01"], "2026-12-03"),
        // A Saturday that is worked brings it forward, and it stays.
        (vec!["+2026-11-28"], "2026-12-01"),
        (vec!["2026-11-27", "+2026-11-28"], "2026-12-01"),
    ] {
        let moved = after(auction.clone(), 3 * HOUR, &change(&holidays));
        assert_eq!(moved.contract_by, midnight(expected), "{holidays:?}");
        assert_eq!(*moved.holidays(), days(&holidays));
    }
    let later = after(auction, 3 * HOUR, &change(&["2026-11-27"]));
    let back = after(later, 4 * HOUR, &change(&[]));
    assert_eq!(back.contract_by, midnight("2026-12-02"), "promised");
}

#[test]
fn a_winner_has_until_the_next_working_day_also_if_that_becomes_a_day_off() {
    let auction = won(RuleProfile::standard(), &[1]);
    let promised = |auction: &Auction| auction.pending_award().unwrap().confirm_by;
    let evening = |day: &str| Timestamp::parse(&format!("{day}T18:00:00+06:00")).unwrap();
    assert_eq!(promised(&auction), evening("2026-11-24"));
    for (holidays, expected) in [
        (vec!["2026-11-24"], "2026-11-25"),
        (vec!["2026-11-24", "2026-11-25"], "2026-11-26"),
        (vec!["2026-11-25"], "2026-11-24"),
        (vec!["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"], "2026-11-30"),
        (vec!["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "+2026-11-28"], "2026-11-28"),
    ] {
        let moved = after(auction.clone(), HOUR, &change(&holidays));
        assert_eq!(promised(&moved), evening(expected), "{holidays:?}");
    }
    let moved = after(auction, HOUR, &change(&["2026-11-24"]));
    let back = after(moved, 2 * HOUR, &change(&[]));
    assert_eq!(promised(&back), evening("2026-11-25"), "promised");
    let after_span = RuleProfile {
        verification_end: VerificationEnd::After(TimeSpan::hours(24)),
        ..RuleProfile::standard()
    };
    let by_span = won(after_span, &[1]);
    let moved = after(by_span.clone(), HOUR, &change(&["2026-11-24"]));
    assert_eq!(promised(&moved), promised(&by_span));
}

#[test]
fn a_calendar_changes_only_what_runs_and_counts_working_days() {
    let by_span = won(RuleProfile::standard(), &[1]);
    let confirm = Command::ConfirmAward { bidder: BidderNo(1), protocol: "cd".repeat(32) };
    let by_span = after(by_span, 2 * HOUR, &confirm);
    let moved = after(by_span.clone(), 3 * HOUR, &change(&["2026-11-27"]));
    assert_eq!(moved.contract_by, by_span.contract_by);
    let auction = awarded();
    let sign = Command::SignContract { by: AUTHOR, document: "cd".repeat(32) };
    let over = after(auction.clone(), 3 * HOUR, &sign);
    let many: Vec<String> = (0..401).map(|no| format!("day {no}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (auction, command, why) in [
        (&over, change(&["2026-11-27"]), "it is over"),
        (&auction, change(&[]), "the same"),
        (&auction, change(&many), "too many days"),
        (&draft(RuleProfile::standard()), change(&["2026-11-27"]), "not public"),
    ] {
        let refused = apply(auction, &command, at(3 * HOUR)).map(|_| ());
        assert_eq!(refused, Err(Rejection::WrongState), "{why}");
    }
}

#[test]
fn a_cancellation_is_possible_until_working_days_before_the_start() {
    // The start is on a Monday: three working days before it end with Wednesday.
    let rules = RuleProfile { cancel_cutoff_days: Some(3), ..RuleProfile::standard() };
    let until = rules.cancel_until(START, &BTreeSet::new());
    assert_eq!(Some(until), midnight("2026-11-19"));
    let holiday = rules.cancel_until(START, &days(&["2026-11-20"]));
    assert_eq!(Some(holiday), midnight("2026-11-18"));
    let cancel = |micros: i64| {
        let (reason, document) = ("Жер мамлекетке керек".to_owned(), "cd".repeat(32));
        let command = Command::Cancel { by: BOTH, reason, document };
        apply(&tendering(rules.clone()), &command, until + TimeSpan(micros)).map(|_| ())
    };
    assert_eq!((cancel(0), cancel(1)), (Ok(()), Err(Rejection::TooLate)));
}
