use super::super::Command;
use crate::domain::auction::bidding::{BidRejection, place};
use crate::domain::auction::{ContractFault, Status};
use crate::domain::id::BidderNo;
use crate::domain::rules::{Fallback, RuleProfile, SoleApplicant};
use crate::domain::test_support::*;

fn offering() -> RuleProfile {
    let sole_applicant = Some(SoleApplicant::StartPrice);
    RuleProfile { sole_applicant, fallback: Fallback::RunnerUp, ..RuleProfile::standard() }
}

fn confirm(bidder: u16) -> Command {
    Command::ConfirmAward { bidder: BidderNo(bidder), protocol: "cd".repeat(32) }
}

fn refuse(bidder: u16) -> Command {
    Command::RefuseAward { bidder: BidderNo(bidder) }
}

/// The close of applications, two hours before the start, and the drain after it.
const CLOSE: i64 = -2 * HOUR + 2 * SECOND;
/// 18:00 of the next working day.
const CONFIRM_BY: i64 = 32 * HOUR;

#[test]
fn a20_the_sole_applicant_is_offered_the_lot_at_the_start_price() {
    for (rules, roster, expected) in [
        (offering(), 0, "failed: NoApplications"),
        (offering(), 1, "1 take part, 1 wins at 1000"),
        (offering(), 2, "2 take part"),
        (RuleProfile { min_participants: 3, ..offering() }, 1, "1 take part, 1 wins at 1000"),
        (RuleProfile { min_participants: 3, ..offering() }, 2, "failed: InsufficientParticipants"),
        (RuleProfile { min_participants: 1, ..offering() }, 1, "1 take part, 1 wins at 1000"),
        (RuleProfile::standard(), 1, "failed: InsufficientParticipants"),
    ] {
        let early = (CLOSE - 1, tick(roster));
        check(tendering(rules), &[early, (CLOSE, tick(roster))], &["", expected]);
    }
}

#[test]
fn a20_the_offer_is_confirmed_or_lost_as_a_winners() {
    let fail = |fault| Command::FailContract { by: AUTHOR, fault };
    let sign = Command::SignContract { by: AUTHOR, document: "ef".to_owned() };
    let lapsed = |how: &str| format!("1 lapsed: {how}, failed: WinnerDefault");
    for (commands, expected) in [
        (
            vec![(0, confirm(1)), (HOUR, sign)],
            vec!["1 confirmed".to_owned(), "contract signed".into()],
        ),
        (vec![(CONFIRM_BY - 1, confirm(1))], vec!["1 confirmed".to_owned()]),
        (vec![(CONFIRM_BY, confirm(1))], vec!["it is too late for this".to_owned()]),
        (vec![(0, confirm(2))], vec!["only the proposed winner may do this".to_owned()]),
        // The fallback is the runner-up, and there is nobody.
        (vec![(0, refuse(1))], vec![lapsed("Refused")]),
        (vec![(30 * DAY, tick(0))], vec![lapsed("Timeout")]),
        (
            vec![(0, confirm(1)), (HOUR, fail(ContractFault::Bidder))],
            vec![
                "1 confirmed".to_owned(),
                "no contract: Bidder, failed: ContractNotConcluded".into(),
            ],
        ),
        // Nothing opens at the start that was promised.
        (vec![(0, tick(0)), (HOUR, raise(1, 0))], vec![String::new(), "bidding is closed".into()]),
    ] {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(waiting(offering(), 1), &commands, &expected);
    }
    let offered = waiting(offering(), 1);
    assert_eq!(offered.status, Status::Qualification);
    assert!(offered.has_sole_applicant() && offered.has_begun() && offered.is_public());
    let of_a_winner = won(offering(), &[1]);
    assert!(!of_a_winner.has_sole_applicant() && of_a_winner.has_begun());
    assert!(!waiting(offering(), 2).has_begun());
    assert_eq!(place(&offered, &proper(1, 0), at(HOUR)), Err(BidRejection::Closed));
}

#[test]
fn a20_a_tick_that_comes_late_ends_where_a_punctual_one_would() {
    let punctual = after(tendering(offering()), CLOSE, &tick(1));
    assert_eq!(after(tendering(offering()), 0, &tick(1)), punctual);
    assert_eq!(after(published(offering()), HOUR, &tick(1)), punctual);
    assert_eq!(punctual.wake_at(), Some(at(CONFIRM_BY + 2 * SECOND)));
    assert_eq!(punctual.price(), tyiyn(VALUE));
}

#[test]
fn a20_who_was_not_asked_in_time_has_the_whole_time_to_answer() {
    for days in [1, 2, 30] {
        let offered = after(tendering(offering()), days * DAY, &tick(1));
        assert_eq!(offered.status, Status::Qualification, "{days} days late");
        let confirm_by = offered.pending_award().unwrap().confirm_by;
        assert!(confirm_by > at(days * DAY), "{days} days late");
    }
}
